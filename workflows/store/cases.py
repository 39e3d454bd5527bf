"""Rows <-> case: how a step is read and written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from workflows import data as case_data
from workflows.compiled import CompiledFlow
from workflows.errors import NotFound
from workflows.history import NewEvent, seal
from workflows.models import (
    Candidate,
    Case,
    Event,
    Job,
    WorkItem,
)


def lock_case(case_id: int) -> Case:
    """Lock and return the case: the first thing that every change of a case does.

    Raises:
        NotFound: there is no such case.
    """
    case = Case.objects.locked().filter(pk=case_id).first()
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    return case


def lock_case_of(work_item_id: int) -> Case:
    """Lock and return the case of a work item, in one statement.

    Raises:
        NotFound: there is no such work item.
    """
    owner = WorkItem.objects.filter(pk=work_item_id).values("case_id")
    case = Case.objects.locked().filter(pk__in=owner).first()
    if case is None:
        raise NotFound(f"There is no work item {work_item_id}.")
    return case


def lock_case_of_job(job_id: int) -> Case:
    """Lock and return the case of a job.

    Raises:
        NotFound: there is no such job.
    """
    owner = WorkItem.objects.filter(jobs=job_id).values("case_id")
    case = Case.objects.locked().filter(pk__in=owner).first()
    if case is None:
        raise NotFound(f"There is no job {job_id}.")
    return case


def open_work_items(case: Case, *, by: User | None) -> list[WorkItem]:
    """Return the open items of a locked case; each tells by `is_candidate` whether `by` may act on
    it."""
    items = WorkItem.objects.filter(case=case).open().order_by("pk")
    return list(items if by is None else items.with_eligibility(by))


def values_of(case: Case, flow: CompiledFlow) -> dict[str, object]:
    """Return the case's data with its schema's types: exact decimals, dates."""
    return case_data.read(flow.schema, case.data)


def insert_case(case: Case) -> None:
    """Insert a new case, so that it has a key; what it waits for follows by `write_step`."""
    case.save(force_insert=True)


def write_step(
    case: Case,
    *,
    lines: Sequence[NewEvent],
    closed: Sequence[WorkItem] = (),
    opened: Sequence[tuple[WorkItem, Sequence[Candidate]]] = (),
    jobs: Sequence[Job] = (),
    stopped: Sequence[WorkItem] = (),
    at: datetime,
) -> None:
    """Write a step of a locked case: the case once, items, candidates, jobs and events in bulk.

    `closed` are open items that the step has ended or changed; `opened` new ones with their
    candidates.
    """
    case.step_count += 1
    case.changed_at = at
    events = seal(case, lines, at=at)
    case.save(
        update_fields=[
            "state",
            "marking",
            "data",
            "failure",
            "step_count",
            "history_length",
            "history_hash",
            "changed_at",
            "ended_at",
        ]
    )
    if closed:
        WorkItem.objects.bulk_update(
            closed, ["state", "claimed_by", "completed_by", "outcome", "closed_at"]
        )
    if opened:
        _insert_items(opened)
    if jobs:
        Job.objects.bulk_create(jobs)
    if stopped:
        stop_jobs_of(stopped)
    Event.objects.bulk_create(events)


def stop_jobs_of(items: Sequence[WorkItem]) -> None:
    """Cancel the jobs that are still to run for items which have been withdrawn."""
    jobs = list(Job.objects.unfinished().filter(work_item__in=[item.pk for item in items]))
    for job in jobs:
        job.cancel()
    if jobs:
        Job.objects.bulk_update(jobs, ["state"])


def _insert_items(opened: Sequence[tuple[WorkItem, Sequence[Candidate]]]) -> None:
    items = [item for item, _ in opened]
    WorkItem.objects.bulk_create(items)
    candidates = [candidate for _, candidates in opened for candidate in candidates]
    for item, own in opened:
        for candidate in own:
            candidate.work_item_id = item.pk
    Candidate.objects.bulk_create(candidates)


def completed_by(case: Case, task_key: str) -> int | None:
    """Return who completed the task last in this case, for `did("task")`."""
    return (
        WorkItem.objects.filter(case=case, task__key=task_key, state="completed")
        .order_by("-closed_at", "-pk")
        .values_list("completed_by", flat=True)
        .first()
    )
