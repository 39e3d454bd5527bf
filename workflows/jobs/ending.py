"""How a try ends without an end of the job: again later, given back, or given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from workflows import store
from workflows.clock import database_now
from workflows.listeners import case_listeners
from workflows.models import Job, JobKind

from .retrying import RetryPolicy, retry_policy


def again(job: Job, error: str, *, after: timedelta | None = None) -> bool:
    """Let the job be tried again later, or give it up where this was its last try.

    Returns whether the job was still its worker's, as `give_up` does; else nothing changes.
    """
    if job.is_last_attempt:
        return give_up(job, error)
    pause = _policy_of(job).pause(job.attempts) if after is None else after
    job.try_again(error=error, at=database_now() + pause)
    return store.end_try(job)


def give_back(job: Job, *, at: datetime | None = None) -> None:
    """Leave the job to others, at once or from a moment on; it does not count as a try."""
    job.give_back(at=at or job.due_at)
    store.end_try(job)


@transaction.atomic
def give_up(job: Job, error: str) -> bool:
    """Make the job an incident, which waits for an operator, and tell so."""
    if job.case_id is not None:
        # A step locks its case before the case's jobs; whoever is told here may write rows of the
        # case, so without this lock the two could wait for each other.
        store.lock_case(job.case_id)
    job.give_up(error=error)
    was_ours = store.end_try(job)
    if was_ours:
        for listener in case_listeners():
            listener.job_given_up(job)
    return was_ours


def _policy_of(job: Job) -> RetryPolicy:
    if job.kind == JobKind.EFFECT or job.work_item is None or job.case is None:
        return RetryPolicy()
    flow = store.load_flow(job.case.version_id)
    keys = {pk: key for key, pk in store.task_ids(job.case.version_id).items()}
    return retry_policy(flow.tasks[keys[job.work_item.task_id]].definition.options)
