"""Remind those who are asked, again and again, until somebody has answered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from workflows import store
from workflows.clock import database_now
from workflows.engine.advance import context_for
from workflows.engine.assignment import counts_for
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
    again_at = _again_at(job, at=at)
    if told >= MOST_REMINDERS or again_at is None:
        job.finish()
    else:
        job.give_back(at=again_at)
    store.end_try(job)


def _again_at(job: Job, *, at: datetime) -> datetime | None:
    """Return the next moment after `at`, counted from the item's opening."""
    assert job.case is not None and job.work_item is not None  # noqa: S101, PT018
    flow = store.load_flow(job.case.version_id)
    keys = {pk: key for key, pk in store.task_ids(job.case.version_id).items()}
    expression = flow.tasks[keys[job.work_item.task_id]].times.get("remind")
    if expression is None:
        return None
    context = context_for(job.case, at=at)
    length = expression.evaluate(store.values_of(job.case, flow), context=context)
    if not isinstance(length, Duration):
        return None
    person = counts_for(job.work_item.candidates.all(), context)
    return context.directory.calendar(person).following(job.work_item.opened_at, length, at)
