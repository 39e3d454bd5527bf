"""Rows <-> flow and case: the only place that knows how a step is read and written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from workflows import data as case_data
from workflows.compiled import CompiledFlow, compile_flow
from workflows.definition import (
    FieldRight,
    FlowDefinition,
    PlaceDefinition,
    TaskDefinition,
    TaskKind,
    TransitionDefinition,
)
from workflows.errors import NotFound, UnknownFlow
from workflows.history import NewEvent, seal
from workflows.models import (
    Arc,
    Candidate,
    Case,
    Event,
    Flow,
    FlowVersion,
    Job,
    Place,
    Task,
    Transition,
    WorkItem,
)
from workflows.net import ArcKind

WEIGHTED_ARCS = (
    (ArcKind.INPUT, "inputs"),
    (ArcKind.OUTPUT, "outputs"),
    (ArcKind.READ, "reads"),
    (ArcKind.INHIBITOR, "inhibitors"),
)


# Flows


def load_flow(version_id: int) -> CompiledFlow:
    """Return the compiled flow of a version.

    A published version never changes, so it is compiled once a process. A draft is compiled anew
    each time.
    """
    try:
        return _load_frozen_flow(version_id)
    except _StillDraft as draft:
        return draft.flow


class _StillDraft(Exception):
    def __init__(self, flow: CompiledFlow) -> None:
        self.flow = flow


@lru_cache(maxsize=256)
def _load_frozen_flow(version_id: int) -> CompiledFlow:
    version = FlowVersion.objects.with_net().filter(pk=version_id).first()
    if version is None:
        raise NotFound(f"There is no flow version {version_id}.")
    flow = compile_flow(definition_of(version), version_id=version_id)
    if version.is_draft:
        raise _StillDraft(flow)  # An exception is not kept by the cache.
    return flow


def forget_flows() -> None:
    """Empty the cache of compiled flows; for tests that reuse primary keys."""
    _load_frozen_flow.cache_clear()
    task_ids.cache_clear()


def published_version(flow_key: str) -> FlowVersion:
    """Return the version that new cases take.

    Raises:
        UnknownFlow: there is no such flow, or it has no published version.
    """
    version = FlowVersion.objects.published().filter(flow__key=flow_key).order_by("-number").first()
    if version is None:
        raise UnknownFlow(flow_key)
    return version


@lru_cache(maxsize=256)
def task_ids(version_id: int) -> dict[str, int]:
    """Return task key -> primary key. The tasks of a version with cases never change."""
    return dict(Task.objects.filter(version=version_id).values_list("key", "pk"))


def definition_of(version: FlowVersion) -> FlowDefinition:
    """Return a version's rows as a definition; see `FlowVersionQuerySet.with_net` for the
    statements."""
    places = {place.pk: place for place in version.places.all()}
    tasks = {task.pk: task for task in version.tasks.all()}
    arcs: dict[int, list[Arc]] = {}
    for arc in version.arcs.all():
        arcs.setdefault(arc.transition_id, []).append(arc)
    return FlowDefinition(
        key=version.flow.key,
        title=version.title,
        description=version.description,
        data=version.data_schema,
        places=tuple(
            PlaceDefinition(place.key, place.title, _position(place)) for place in places.values()
        ),
        tasks=tuple(_task_definition(task) for task in tasks.values()),
        transitions=tuple(
            _transition_definition(row, tasks, places, arcs.get(row.pk, []))
            for row in version.transitions.all()
        ),
    )


def _position(row: Place | Transition) -> tuple[float, float] | None:
    return None if row.x is None or row.y is None else (row.x, row.y)


def _task_definition(task: Task) -> TaskDefinition:
    return TaskDefinition(
        key=task.key,
        kind=TaskKind(task.kind),
        title=task.title,
        assign=task.assign,
        otherwise=task.otherwise,
        due=task.due,
        is_optional=task.is_optional,
        form={name: FieldRight(right) for name, right in task.form.items()},
        seats=task.seats,
        options=task.options,
    )


def _transition_definition(
    row: Transition, tasks: dict[int, Task], places: dict[int, Place], arcs: list[Arc]
) -> TransitionDefinition:
    by_kind: dict[str, dict[str, int]] = {kind: {} for kind in ArcKind}
    for arc in arcs:
        by_kind[arc.kind][places[arc.place_id].key] = arc.weight
    return TransitionDefinition(
        key=row.key,
        title=row.title,
        task=None if row.task_id is None else tasks[row.task_id].key,
        outcome=row.outcome,
        inputs=by_kind[ArcKind.INPUT],
        outputs=by_kind[ArcKind.OUTPUT],
        reads=by_kind[ArcKind.READ],
        inhibitors=by_kind[ArcKind.INHIBITOR],
        resets=tuple(by_kind[ArcKind.RESET]),
        guard=row.guard,
        priority=row.priority,
        is_default=row.is_default,
        assignments=row.assignments,
        position=_position(row),
    )


@transaction.atomic
def save_draft(definition: FlowDefinition, *, by: User | None) -> FlowVersion:
    """Write `definition` as a new draft version of its flow, which is created where it is new."""
    flow, _ = Flow.objects.get_or_create(
        key=definition.key,
        defaults={
            "title": definition.title or definition.key,
            "description": definition.description,
        },
    )
    # Two imports at once would take the same number: the flow's row is the lock.
    Flow.objects.select_for_update().get(pk=flow.pk)
    last = flow.versions.aggregate(last=Max("number"))["last"] or 0
    version = FlowVersion.objects.create(
        flow=flow,
        number=last + 1,
        title=definition.title,
        description=definition.description,
        data_schema=definition.data,
        created_by=by,
    )
    _write_rows(version, definition)
    return version


def _write_rows(version: FlowVersion, definition: FlowDefinition) -> None:
    Place.objects.bulk_create(
        Place(version=version, key=p.key, title=p.title, order=n, **_coordinates(p.position))
        for n, p in enumerate(definition.places)
    )
    Task.objects.bulk_create(
        Task(
            version=version,
            key=t.key,
            kind=t.kind,
            title=t.title,
            assign=t.assign,
            otherwise=t.otherwise,
            due=t.due,
            is_optional=t.is_optional,
            form={name: right.value for name, right in t.form.items()},
            seats=dict(t.seats),
            options=dict(t.options),
            order=n,
        )
        for n, t in enumerate(definition.tasks)
    )
    places = dict(Place.objects.filter(version=version).values_list("key", "pk"))
    tasks = dict(Task.objects.filter(version=version).values_list("key", "pk"))
    Transition.objects.bulk_create(
        Transition(
            version=version,
            key=t.key,
            title=t.title,
            task_id=None if t.task is None else tasks[t.task],
            outcome=t.outcome,
            guard=t.guard,
            priority=t.priority,
            is_default=t.is_default,
            assignments=dict(t.assignments),
            order=n,
            **_coordinates(t.position),
        )
        for n, t in enumerate(definition.transitions)
    )
    transitions = dict(Transition.objects.filter(version=version).values_list("key", "pk"))
    Arc.objects.bulk_create(
        Arc(
            version=version,
            transition_id=transitions[t.key],
            place_id=places[place],
            kind=kind,
            weight=weight,
        )
        for t in definition.transitions
        for kind, place, weight in _arcs_of(t)
    )


def _coordinates(position: tuple[float, float] | None) -> dict[str, float | None]:
    x, y = position or (None, None)
    return {"x": x, "y": y}


def _arcs_of(transition: TransitionDefinition) -> Iterable[tuple[ArcKind, str, int]]:
    for kind, attribute in WEIGHTED_ARCS:
        for place, weight in getattr(transition, attribute).items():
            yield kind, place, weight
    for place in transition.resets:
        yield ArcKind.RESET, place, 1


# Cases


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
