"""Flow -> rows: a definition becomes a draft version."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from workflows.definition import (
    FlowDefinition,
    TransitionDefinition,
)
from workflows.models import (
    Arc,
    Flow,
    FlowVersion,
    Place,
    Task,
    Transition,
)
from workflows.net import ArcKind

WEIGHTED_ARCS = (
    (ArcKind.INPUT, "inputs"),
    (ArcKind.OUTPUT, "outputs"),
    (ArcKind.READ, "reads"),
    (ArcKind.INHIBITOR, "inhibitors"),
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
        scenarios=list(definition.scenarios),
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
