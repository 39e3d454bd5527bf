"""Definition to plain JSON values: what the API answers and what the YAML is written from."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definition import (
    FlowDefinition,
    PlaceDefinition,
    TaskDefinition,
    TransitionDefinition,
)

# The order in which these keys are written; what else there is follows.
_OPTION_ORDER = (
    *("handler", "topic", "inputs", "outputs", "queue", "retry", "timeout"),
    *("after", "at", "every", "name", "key", "flow", "data", "foreach", "remind"),
)
_RETRY_ORDER = ("times", "first", "factor", "limit")
_SEATS_ORDER = ("order", "rule")


def to_mapping(definition: FlowDefinition) -> dict[str, object]:
    """Return the flow as a flow file's JSON; keys in the order in which people read them."""
    return {
        "flow": definition.key,
        **_given(title=definition.title, description=definition.description),
        "data": dict(definition.data),
        "places": _places(definition.places),
        **_given(tasks={task.key: _task(task) for task in definition.tasks}),
        "transitions": {t.key: _transition(t) for t in definition.transitions},
        **_given(scenarios=list(definition.scenarios)),
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
    return {
        "kind": str(task.kind),
        **_given(title=task.title, assign=task.assign, otherwise=task.otherwise),
        **({"optional": True} if task.is_optional else {}),
        **_given(seats=_in_order(task.seats, _SEATS_ORDER), due=task.due),
        **({"form": {"fields": rights}} if rights else {}),
        **_options(task.options),
    }


def _options(options: Mapping[str, object]) -> dict[str, object]:
    ordered = _in_order(options, _OPTION_ORDER)
    retry = ordered.get("retry")
    if isinstance(retry, Mapping):
        ordered["retry"] = _in_order(retry, _RETRY_ORDER)
    return ordered


def _in_order(values: Mapping[str, object], order: tuple[str, ...]) -> dict[str, object]:
    known = {key: values[key] for key in order if key in values}
    return known | {key: value for key, value in values.items() if key not in known}


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
