"""Remind those who are asked, again and again, until somebody has answered."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from workflows import store
from workflows.clock import database_now
from workflows.engine.advance import context_for
from workflows.expressions import Duration
from workflows.listeners import case_listeners
from workflows.models import Job

MOST_REMINDERS = 20
"""Who has not answered by then will not because of another."""


@transaction.atomic
def remind(job: Job) -> None:
    """Tell the listeners that an open item waits, and let the job come again."""
    assert job.case is not None and job.work_item is not None  # noqa: S101, PT018  it is a reminder's
    case, item = job.case, job.work_item
    if not item.is_open:
        job.finish()
        store.end_try(job)
        return
    told = int((job.result or {}).get("told", 0))
    # Nobody can act on a case that stands still: its reminders are passed over.
    if case.is_running:
        told += 1
        for listener in case_listeners():
            listener.item_reminded(case, item, occasion=f"{job.key}:{told}")
    job.result = {"told": told}
    at = database_now()
    every = _every(job)
    if told >= MOST_REMINDERS or every is None:
        job.finish()
    else:
        job.give_back(at=every.after(timezone.localtime(at)))
    store.end_try(job)


def _every(job: Job) -> Duration | None:
    assert job.case is not None and job.work_item is not None  # noqa: S101, PT018
    flow = store.load_flow(job.case.version_id)
    keys = {pk: key for key, pk in store.task_ids(job.case.version_id).items()}
    expression = flow.tasks[keys[job.work_item.task_id]].times.get("remind")
    if expression is None:
        return None
    context = context_for(job.case, at=database_now())
    length = expression.evaluate(store.values_of(job.case, flow), context=context)
    return length if isinstance(length, Duration) else None
