"""Jobs that workers in any language fetch by topic, over HTTP, and end by their lease.

Same rows, same leases, same attempts as for handlers; only that the work is done elsewhere, and its
result is checked while the worker can still hear of a refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from time import monotonic, sleep
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from workflows import store
from workflows.engine.outcome import raise_if_failed
from workflows.engine.rights import load_task
from workflows.engine.service import finish_job
from workflows.errors import Conflict, NotFound
from workflows.models import Job, JobState
from workflows.store.topics import free_expired_of, is_topic_waiting

from .ending import again, give_up
from .results import read_result

LOOK_EVERY_SECONDS = 0.5
MOST_WAITING = 4
"""So many requests of a process may wait for jobs at once; its other threads serve people."""

_waiting_places = threading.BoundedSemaphore(MOST_WAITING)


class LeaseLost(Conflict):
    """Another worker has the job, or it has ended: what this one did for it is not taken."""

    code = "lease_lost"
    title = "This job is no longer yours"


def wait(topic: str, *, seconds: float, is_over: Callable[[], bool]) -> bool:
    """Wait until a job of the topic is due, at most so long; hold no transaction meanwhile.

    Nor longer than until `is_over`: nobody waits for the answer any more. Returns False at once
    where too many wait in this process already: ask again later.
    """
    if seconds <= 0 or is_topic_waiting(topic):
        return True
    if not _waiting_places.acquire(blocking=False):
        return False
    try:
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            sleep(min(LOOK_EVERY_SECONDS, left))
            if is_over() or is_topic_waiting(topic):
                break
    finally:
        _waiting_places.release()
    return True


def fetch(topic: str, *, worker: str, limit: int, lease: timedelta) -> list[Job]:
    """Lease up to `limit` due jobs of a topic, each with its case and its task.

    A job that has used up its attempts without a word from its workers becomes an incident here.
    """
    if not is_topic_waiting(topic):
        return []
    free_expired_of(topic)
    jobs = []
    for job in store.take_jobs(worker=worker, lease=lease, limit=limit, topic=topic):
        if job.attempts > job.max_attempts:
            told = f"It was taken {job.max_attempts} times and never ended."
            # When the rows taken here are free: giving up locks the case, which comes before them.
            transaction.on_commit(partial(give_up, job, told), robust=True)
        else:
            jobs.append(job)
    prefetch_related_objects(jobs, "case", "work_item__task")
    return jobs


def complete(job_id: int, *, lease: int, outcome: str, data: Mapping[str, Any]) -> Job:
    """End the task of a fetched job; once, however often the same is said.

    What the flow refuses changes nothing: the job stays its worker's, to correct or to fail it.

    Raises:
        NotFound: there is no such job of a topic.
        LeaseLost: the job is another worker's, or has ended otherwise.
        BadResult, InvalidData: the data does not fit the flow.
        OutcomeNotEnabled: the task has no such outcome, or a guard does not allow it.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the case could not go on from there.
        CaseFailed: it went on, and has failed.
    """
    job = _job(job_id)
    if _has_ended_so(job, lease, outcome):
        return job
    # One whose lease has run out is still its last worker's while nobody has taken it since.
    if job.lease != lease or job.state not in (JobState.RUNNING, JobState.DUE):
        raise _lost(job)
    assert job.case is not None and job.work_item is not None  # noqa: S101, PT018  it is a service
    task = load_task(job.case, job.work_item)
    result = read_result(store.load_flow(job.case.version_id), task, data)
    was_ours = finish_job(job, outcome=outcome, data=result)
    ended = _job(job_id)
    if not was_ours and not _has_ended_so(ended, lease, outcome):
        raise _lost(ended)
    assert ended.case is not None  # noqa: S101
    raise_if_failed(ended.case)
    return ended


def fail(job_id: int, *, lease: int, error: str, retry_in: timedelta | None, is_final: bool) -> Job:
    """Say that a try has failed: it is tried again later, and after the last try an incident.

    `retry_in` replaces the pause that the flow's retry policy asks for; where the failure
    `is_final`, there is no other try.

    Raises:
        NotFound: there is no such job of a topic.
        LeaseLost: the job is another worker's, or has ended.
    """
    job = _job(job_id)
    if job.lease != lease or job.state != JobState.RUNNING:
        raise _lost(job)
    was_ours = give_up(job, error) if is_final else again(job, error, after=retry_in)
    failed = _job(job_id)
    if not was_ours:
        raise _lost(failed)
    return failed


def extend(job_id: int, *, lease: int, by: timedelta) -> Job:
    """Let the lease end that much later than now.

    Raises:
        NotFound: there is no such job of a topic.
        LeaseLost: it has run out, or the job has ended.
    """
    job = _job(job_id)
    if not store.extend_lease(job_id, lease=lease, by=by):
        raise _lost(job)
    return _job(job_id)


def _job(job_id: int) -> Job:
    jobs = Job.objects.exclude(topic="").select_related("case__version", "work_item__task")
    job = jobs.filter(pk=job_id).first()
    if job is None:
        raise NotFound(f"There is no job {job_id} of a topic.")
    return job


def _has_ended_so(job: Job, lease: int, outcome: str) -> bool:
    return job.state == JobState.DONE and job.lease == lease and job.outcome == outcome


def _lost(job: Job) -> LeaseLost:
    told = "its lease has run out" if job.state == JobState.DUE else f"it is {job.state}"
    if job.state == JobState.RUNNING:
        told = "another lease holds it"
    return LeaseLost(f"Job {job.pk} is not yours to end: {told}.", state=job.state)
