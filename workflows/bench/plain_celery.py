"""What the jobs are measured beside: Celery with an empty task that writes one row.

`celery -A workflows.bench.plain_celery worker` runs it. Nothing but the benchmark uses it.
"""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

QUEUE = "goflow-bench-plain"
CREATE = "CREATE TABLE bench_plain (id INTEGER PRIMARY KEY, made_at {t}, done_at {t} NULL)"

app = Celery("plain", broker=os.environ.get("CELERY_BROKER_URL", "memory://"))
app.conf.update(task_ignore_result=True, task_default_queue=QUEUE, worker_prefetch_multiplier=4)


@app.task(name="bench.plain")  # type: ignore[untyped-decorator]
def done(row: int) -> None:
    """Write that the row is done."""
    from django.db import connection

    from workflows.clock import NOW

    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE bench_plain SET done_at = {NOW[connection.vendor]} WHERE id = %s",  # noqa: S608
            [row],
        )
