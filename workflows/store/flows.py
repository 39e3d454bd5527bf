"""Rows -> flow: compiled to run, or as a definition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from workflows.clock import DatabaseNow
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
from workflows.models import (
    Arc,
    FlowVersion,
    Place,
    Task,
    Transition,
)
from workflows.net import ArcKind

from .sql import CompiledQuery


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
    task_keys.cache_clear()


def published_version(flow_key: str) -> FlowVersion:
    """Return the version that new cases take.

    Raises:
        UnknownFlow: there is no such flow, or it has no published version.
    """
    return version_and_moment(flow_key)[0]


def version_and_moment(flow_key: str) -> tuple[FlowVersion, datetime]:
    """Return the version that a new case takes, and the database's moment at which it is asked for.

    Raises:
        UnknownFlow: as `published_version`.
    """
    for *values, now in _newest_published.rows(flow_key=flow_key):
        return FlowVersion.from_db(connection.alias, _VERSION_FIELDS, values), now
    raise UnknownFlow(flow_key)


# A new case has no use for what is long.
_UNREAD = ("scenarios",)
_VERSION_FIELDS = [
    field.attname for field in FlowVersion._meta.concrete_fields if field.name not in _UNREAD
]


@CompiledQuery
def _newest_published(flow_key: str) -> QuerySet[FlowVersion]:
    versions = FlowVersion.objects.published().filter(flow__key=flow_key)
    return versions.defer(*_UNREAD).annotate(now=DatabaseNow()).order_by("-number")[:1]


@lru_cache(maxsize=256)
def task_ids(version_id: int) -> dict[str, int]:
    """Return task key -> primary key. The tasks of a version with cases never change."""
    return dict(Task.objects.filter(version=version_id).values_list("key", "pk"))


@lru_cache(maxsize=256)
def task_keys(version_id: int) -> dict[int, str]:
    """Return primary key -> task key; as `task_ids`."""
    return {pk: key for key, pk in task_ids(version_id).items()}


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
        scenarios=tuple(_as_in_a_file(version.scenarios or ())),
    )


def _as_in_a_file(value: Any) -> Any:
    """Return JSON of the rows with its numbers as a flow file has them: 0.1, and no Decimal."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _as_in_a_file(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_in_a_file(part) for part in value]
    return value


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
