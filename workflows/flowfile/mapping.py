"""Definition to plain JSON values: what the API answers and what the YAML is written from."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definition import (
    FlowDefinition,
    PlaceDefinition,
    TaskDefinition,
    TaskKind,
    TransitionDefinition,
)

# The order in which a kind's options are written; what else there is follows.
_OPTION_ORDER = (
    *("handler", "topic", "queue", "retry", "timeout"),
    *("after", "at", "name", "key", "flow", "data", "foreach"),
)


def to_mapping(definition: FlowDefinition) -> dict[str, object]:
    """Return the flow as a flow file's JSON; keys in the order in which people read them."""
    return {
        "flow": definition.key,
        **_given(title=definition.title, description=definition.description),
        "data": dict(definition.data),
        "places": _places(definition.places),
        **_given(tasks={task.key: _task(task) for task in definition.tasks}),
        "transitions": {t.key: _transition(t) for t in definition.transitions},
    }


def _given(**values: object) -> dict[str, object]:
    """Return the values that say something."""
    return {key: value for key, value in values.items() if value}


def _places(places: tuple[PlaceDefinition, ...]) -> list[str] | dict[str, object]:
    if all(not place.title and place.position is None for place in places):
        return [place.key for place in places]
    return {
        place.key: _given(title=place.title, position=_position(place.position)) for place in places
    }


def _task(task: TaskDefinition) -> dict[str, object]:
    rights = {field: str(right) for field, right in task.form.items()}
    human = task.kind is TaskKind.HUMAN
    options = {key: task.options[key] for key in _OPTION_ORDER if key in task.options}
    return {
        "kind": str(task.kind),
        **_given(title=task.title, assign=task.assign, otherwise=task.otherwise),
        **({"seats": dict(task.seats)} if task.seats else {}),
        **_given(due=task.due),
        **({"form": {"fields": rights}} if rights else {}),
        **({} if human else options),
        **{key: value for key, value in task.options.items() if human or key not in options},
    }


def _transition(transition: TransitionDefinition) -> dict[str, object]:
    return {
        **_given(title=transition.title),
        **({} if transition.task is None else {"task": transition.task}),
        **_given(outcome=transition.outcome),
        **_given(
            **{
                "from": _weighted(transition.inputs),
                "to": _weighted(transition.outputs),
                "reads": _weighted(transition.reads),
                "inhibitors": _weighted(transition.inhibitors),
                "resets": _several(transition.resets),
                "guard": transition.guard,
            }
        ),
        **({} if transition.priority is None else {"priority": transition.priority}),
        **({"default": True} if transition.is_default else {}),
        **_given(set=dict(transition.assignments), position=_position(transition.position)),
    }


def _weighted(weights: Mapping[str, int]) -> object:
    """Return a place, a list of places or, where a weight is not 1, a mapping."""
    if any(weight != 1 for weight in weights.values()):
        return dict(weights)
    return _several(tuple(weights))


def _several(places: tuple[str, ...]) -> object:
    return places[0] if len(places) == 1 else list(places)


def _position(position: tuple[float, float] | None) -> list[int | float] | None:
    if position is None:
        return None
    return [int(number) if number == int(number) else number for number in position]
