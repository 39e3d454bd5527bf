"""Rows <-> jobs: written with the step that wants them, handed over by conditional updates.

A worker owns a job as long as the job's `lease` is the number under which it was taken; each write
of a worker names that number, and the count of changed rows tells whether it was still its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from workflows.clock import NOW, DatabaseNow, StatementNow, database_now
from workflows.models import Case, Job, JobKind, JobState, WorkerBeat
from workflows.models.job import DEFAULT_ATTEMPTS, DEFAULT_QUEUE
from workflows.querysets import JobQuerySet

from .sql import CompiledQuery, cursor, table


def add_effect(
    *,
    handler: str,
    key: str,
    payload: Mapping[str, Any],
    case: Case | None = None,
    queue: str = DEFAULT_QUEUE,
    due_at: datetime | None = None,
    max_attempts: int = DEFAULT_ATTEMPTS,
) -> None:
    """Write an effect into the caller's transaction; one with this key that is there stays as it
    is."""
    add_effects(
        [
            effect(
                handler=handler,
                key=key,
                payload=payload,
                case=case,
                queue=queue,
                due_at=due_at or database_now(),
                max_attempts=max_attempts,
            )
        ]
    )


def effect(
    *,
    handler: str,
    key: str,
    payload: Mapping[str, Any],
    due_at: datetime,
    case: Case | None = None,
    queue: str = DEFAULT_QUEUE,
    max_attempts: int = DEFAULT_ATTEMPTS,
) -> Job:
    """Return an effect that is not yet saved."""
    return Job(
        kind=JobKind.EFFECT,
        case=case,
        handler=handler,
        key=key,
        payload=dict(payload),
        queue=queue,
        due_at=due_at,
        created_at=due_at,
        max_attempts=max_attempts,
    )


def add_effects(effects: Sequence[Job]) -> None:
    """Write effects in bulk; those whose key is there already stay as they are."""
    wake_workers(effects)
    Job.objects.bulk_create(effects, batch_size=500, ignore_conflicts=True)


def wake_workers(jobs: Iterable[Job]) -> None:
    """Tell the workers of jobs that are due at once, when the transaction is through.

    Only a wake-up: where it gets lost, the sweep tells them again. A broker is told of services
    alone: for effects, the second until the next sweep is soon enough, which tells of many at once.
    """
    from workflows.jobs import wakeup

    due = [job for job in jobs if not job.topic and job.due_at <= job.created_at]
    keys: dict[str, list[str]] = {}
    for job in due:
        if job.kind == JobKind.SERVICE:
            # The sweep leaves it alone for a while.
            job.dispatched_at = job.created_at
            keys.setdefault(job.queue, []).append(job.key)
    if due:
        transaction.on_commit(lambda: wakeup.announce(keys), robust=True)


def extend_lease(job_id: int, *, lease: int, by: timedelta) -> bool:
    """Keep a taken job for longer; return whether it is still its worker's."""
    mine = Job.objects.filter(pk=job_id, lease=lease, state=JobState.RUNNING)
    return mine.update(leased_until=DatabaseNow() + by) == 1


def owns(job: Job, *, lease: int) -> bool:
    """Say whether the holder of `lease` may still end the job; see `end_job`."""
    return job.lease == lease and job.state in (JobState.RUNNING, JobState.DUE)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a job stands: what its handler may know of the case."""

    version_id: int
    task_id: int | None
    data: dict[str, Any]
    business_key: str


def setting_of(job: Job) -> Setting | None:
    """Return where the job stands; None for an effect that belongs to no case."""
    if job.case_id is None:
        return None
    return Setting(*_setting.rows(job_id=job.pk)[0])


@CompiledQuery
def _setting(job_id: int) -> QuerySet[Any, Any]:
    return Job.objects.filter(pk=job_id).values_list(
        "case__version_id", "work_item__task_id", "case__data", "case__business_key"
    )


def end_job(job: Job, *, outcome: str, result: Mapping[str, Any] | None) -> bool:
    """Write that a taken job is done; return whether it was still its holder's.

    A job whose lease has run out is its last holder's as long as nobody has taken it since. One
    that is not due yet is nobody's: a timer that was taken early has not rung.
    """
    job.finish()
    job.outcome = outcome
    job.result = None if result is None else dict(result)
    rows = table(Job)
    text = (
        f"{rows.update(ENDED)} AND {rows.column('lease')} = %s "
        f"AND {rows.column('state')} IN (%s, %s) "
        f"AND {rows.column('due_at')} <= {NOW[connection.vendor].replace('%', '%%')}"
    )
    held = [job.lease, JobState.RUNNING, JobState.DUE]
    with cursor() as sent:
        sent.execute(text, [*rows.changes_of(job, ENDED), *held])
        return bool(sent.rowcount == 1)


def keep_result(job: Job, *, outcome: str, result: Mapping[str, Any]) -> bool:
    """Put a job back with what it brought: a later try writes it back without running anything.

    Return whether it was still its holder's.
    """
    job.give_back(at=job.due_at)
    job.outcome = outcome
    job.result = dict(result)
    return end_try(job)


def end_try(job: Job) -> bool:
    """Write how a try ended, if the job is still its worker's; return whether it was."""
    mine = Job.objects.filter(pk=job.pk, lease=job.lease, state=JobState.RUNNING)
    changed = {
        name: getattr(job, name)
        for name in ("attempts", "due_at", "dispatched_at", "last_error", "outcome", "result")
    }
    return mine.update(state=job.state, leased_until=None, **changed) == 1


def free_leases(worker: str) -> int:
    """Let others take what a worker held that is known to be dead; return how many jobs."""
    held = Job.objects.filter(state=JobState.RUNNING, leased_by=worker)
    return held.update(leased_until=DatabaseNow())


def free_expired() -> int:
    """Make the jobs due whose workers have not kept their leases; return how many.

    The taking that they counted stays counted: who kills its workers ends as an incident.
    """
    expired = Job.objects.filter(state=JobState.RUNNING, leased_until__lt=DatabaseNow())
    return expired.update(state=JobState.DUE, dispatched_at=None)


def anything_due(queues: Collection[str] = ()) -> bool:
    """Say whether there is something to take; locks nothing."""
    return Job.objects.takeable().for_workers().in_queues(queues).exists()


def mark_dispatched(*, again_after: timedelta, limit: int) -> list[tuple[str, str, str]]:
    """Return (key, queue, kind) of due jobs of which the workers are to be told now.

    Told are those of which nobody has told yet, and again those that nobody took for
    `again_after`: their message got lost.
    """
    stale = Q(dispatched_at=None) | Q(dispatched_at__lt=StatementNow() - again_after)
    with transaction.atomic():
        due = Job.objects.takeable().for_workers().filter(stale)
        rows = list(
            due.select_for_update(skip_locked=_skips_locked())
            .order_by("due_at", "pk")
            .values_list("key", "queue", "kind")[:limit]
        )
        _told([key for key, _, _ in rows]).update(dispatched_at=DatabaseNow())
    return rows


def unmark_dispatched(keys: Collection[str]) -> None:
    """Take back what was marked: the message could not be sent."""
    _told(keys).update(dispatched_at=None)


def _told(keys: Collection[str]) -> JobQuerySet:
    return Job.objects.filter(key__in=keys, state=JobState.DUE)


def beat(worker: str, *, queues: Collection[str]) -> None:
    """Let others see that this worker lives."""
    now = database_now()
    WorkerBeat.objects.update_or_create(
        name=worker,
        defaults={"seen_at": now, "queues": ",".join(sorted(queues))[:400]},
        create_defaults={
            "seen_at": now,
            "started_at": now,
            "queues": ",".join(sorted(queues))[:400],
        },
    )


def forget_beats(*, older_than: timedelta) -> None:
    WorkerBeat.objects.filter(seen_at__lt=DatabaseNow() - older_than).delete()


ENDED = ("state", "last_error", "outcome", "result")


def _skips_locked() -> bool:
    """SQLite has one writer: who takes jobs has locked all of them."""
    return connection.features.has_select_for_update_skip_locked
