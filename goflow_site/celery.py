"""The Celery application, for installations with a broker.

A message only wakes a worker up; what must be done stands in the database, so a lost message costs
time and nothing else.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_ready, worker_shutting_down
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

# Every wait for the broker ends: a person who presses a button must not hang with it.
SOCKET_SECONDS = 2

app = Celery("goflow")
# CELERY_* of the settings, which come from the environment; the rest is the same everywhere.
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # Pickle would let whoever reaches the broker run code in the worker.
    accept_content=["json"],
    result_serializer="json",
    task_serializer="json",
    # Outcomes are rows; nobody reads them from the broker.
    task_ignore_result=True,
    # The lease in the table tells what a dead worker has left undone, sooner and for certain.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # Jobs that name no queue.
    task_default_queue="default",
    # At SIGTERM Celery waits for what runs, however long: see `_stop`. This is for SIGQUIT.
    worker_soft_shutdown_timeout=settings.GOFLOW_STOP_SECONDS,
    # Celery closes every connection to the database around every task, or around each so-manieth.
    # What has gone bad or has become old, `tasks.work` closes itself.
    CELERY_DB_REUSE_MAX=1_000_000_000,
    enable_utc=True,
    timezone="UTC",
    broker_connection_timeout=SOCKET_SECONDS,
    broker_connection_retry_on_startup=True,
    # For as long as it takes.
    broker_connection_max_retries=None,
    task_publish_retry=True,
    task_publish_retry_policy={
        "max_retries": 2,
        "interval_start": 0.1,
        "interval_step": 0.2,
        "interval_max": 0.5,
    },
)
if not app.conf.broker_url:
    # Without one Celery would quietly look for RabbitMQ on this machine.
    app.conf.broker_url = "memory://"
if app.conf.broker_url.startswith(("redis", "sentinel")):
    # Only Redis knows these; RabbitMQ's client takes its limits from the connection timeout.
    app.conf.broker_transport_options = {
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
        "retry_on_timeout": False,
        "max_retries": 2,
    }
app.autodiscover_tasks(["workflows.jobs"])
_stopping = threading.Event()
_pools: list[Any] = []


# Below, what needs the apps is imported late: they are not loaded when Celery reads this module.


@worker_ready.connect  # type: ignore[untyped-decorator]
def _sweep_beside_the_worker(sender: Any, **_: Any) -> None:
    """What the broker forgets, every worker tells again: there is no other process to run."""
    _pools.append(sender.pool)
    from workflows.jobs.sweep import Sweeper
    from workflows.telemetry import worker_started

    worker_started.send(sender=app.__class__)
    queues = sorted(app.amqp.queues.consume_from)
    Sweeper(f"{sender.hostname}:celery", queues, _stopping).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop(**_: Any) -> None:
    """Give the jobs at hand so long as GOFLOW_STOP_SECONDS; what goes on then is given back."""
    from workflows.jobs import tasks

    _stopping.set()
    for pool in _pools:
        # Only pools of processes have any; threads cannot be interrupted.
        tasks.ask_to_stop(pool.info.get("processes", ()))


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _be_pool_child(**_: Any) -> None:
    """Such a process runs one job at a time, and another takes its place when it ends."""
    from workflows.jobs import tasks
    from workflows.jobs.limits import limit_memory

    limit_memory(settings.GOFLOW_HANDLER_MEMORY_MB)
    tasks.run_as_pool_child()
