"""What an operator may do to a job that was given up: try it again, say how it ended, drop it."""

from __future__ import annotations

from typing import Unpack

from django.contrib.auth.models import User
from django.db import transaction

from workflows import store
from workflows.clock import database_now
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.history import NewEvent
from workflows.models import Case, EventKind, Job, JobKind, JobState

from . import operate, rights
from .commands import Command, once
from .work_items import may_intervene
from .writing import write_step


def retry_job(job_id: int, *, by: User, reason: str, idempotency_key: str = "") -> Job:
    """Try a given-up job again at once, with all its attempts.

    Raises:
        NotFound: `by` may not know of the job.
        NotAllowed: `by` lacks the right to intervene.
        InvalidData: there is no reason.
        Conflict: the job was not given up, or not any more.
    """
    job = _job_for(job_id, by=by)
    told = rights.require_reason(reason)
    if job.case_id is None:
        return _retry(job_id)
    facts = {"job": job_id, "reason": reason}
    command = Command("retry_job", by, idempotency_key, facts)
    case_id = job.case_id

    def run() -> Case:
        case = store.lock_case(case_id)
        rights.require_visible(case, by)
        retried = _retry(job_id)
        line: NewEvent = command.line(
            EventKind.RETRIED, work_item_id=retried.work_item_id, reason=told, job=retried.name
        )
        write_step(case, lines=[line], at=case.locked_at)
        return case

    once(command, run)
    return Job.objects.get(pk=job_id)


def end_job(
    job_id: int, *, by: User, outcome: str, reason: str, **how: Unpack[operate.How]
) -> Case:
    """End the task of a given-up job with an outcome; as `operate.skip`.

    Raises:
        Conflict: the job is an effect, which has no outcome, or was not given up.
    """
    job = _incident(job_id, by=by)
    if job.work_item_id is None or job.kind == JobKind.EFFECT:
        raise Conflict(f"{job} has no outcome. Try it again, or drop it.")
    return operate.skip(job.work_item_id, by=by, reason=reason, outcome=outcome, **how)


def cancel_job(job_id: int, *, by: User, reason: str, **how: Unpack[operate.How]) -> Job:
    """Drop a given-up job: an effect does not happen, the branch of a service task is cancelled.

    Raises:
        CannotEndProperly: without this branch the case could not end; as `operate.cancel_branch`.
        Conflict: the job was not given up.
    """
    job = _incident(job_id, by=by)
    if job.case is not None and job.work_item is not None and job.kind != JobKind.EFFECT:
        flow = store.load_flow(job.case.version_id)
        task = rights.load_task(job.case, job.work_item)
        inputs = {p for t in task.outcomes.values() for p in flow.net.inputs(t.key)}
        operate.cancel_branch(job.case.pk, by=by, reason=reason, places=sorted(inputs), **how)
        return Job.objects.get(pk=job_id)
    rights.require_reason(reason)
    with transaction.atomic():
        locked = _locked(job_id)
        locked.cancel()
        locked.save(update_fields=["state"])
    return locked


def _retry(job_id: int) -> Job:
    with transaction.atomic():
        job = _locked(job_id)
        job.retry(at=database_now())
        # The next sweep tells the workers.
        job.save(update_fields=["state", "attempts", "due_at", "dispatched_at"])
    return job


def _locked(job_id: int) -> Job:
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return _given_up(job)


def _incident(job_id: int, *, by: User) -> Job:
    return _given_up(_job_for(job_id, by=by))


def _given_up(job: Job) -> Job:
    if job.state != JobState.INCIDENT:
        raise Conflict(f"{job} is {job.get_state_display().lower()}: there is nothing to mend.")
    return job


def _job_for(job_id: int, *, by: User) -> Job:
    """Return the job, where `by` may know of it and mend it."""
    job = Job.objects.select_related("case", "work_item").filter(pk=job_id).first()
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    if job.case is not None:
        rights.require_visible(job.case, by)
    elif not may_intervene(by):
        raise NotFound(f"There is no job {job_id}.")
    if not may_intervene(by):
        raise NotAllowed("You need the right to intervene in cases to mend a job.")
    return job
