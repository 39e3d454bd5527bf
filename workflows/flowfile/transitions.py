"""The `transitions` section: arcs, guards and what a firing writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workflows.definition import TransitionDefinition

from .cursor import LARGEST_INTEGER, Cursor, Fields
from .datafields import check_data_field
from .keys import key_problem
from .problems import did_you_mean
from .tasks import ReadTask

_KEYS = (
    *("title", "task", "outcome", "from", "to", "reads", "inhibitors", "resets"),
    *("guard", "default", "priority", "set", "position"),
)


@dataclass(frozen=True, slots=True)
class ReadTransition:
    """A transition with where it stands; one that is not whole takes no part in later checks."""

    definition: TransitionDefinition
    cursor: Cursor
    is_whole: bool

    def problem(self, key: str, message: str) -> None:
        """Report a problem at one of its keys."""
        entries = self.cursor.entries() or {}
        entries.get(key, self.cursor).problem(message)


def read_transitions(
    fields: Fields,
    places: Collection[str] | None,
    tasks: Mapping[str, ReadTask],
    data_fields: frozenset[str] | None,
) -> dict[str, ReadTransition]:
    """Return the transitions by key; without known `places`, their names are taken on trust."""
    cursor = fields.get("transitions")
    if cursor is None:
        fields.owner.problem("`transitions` is missing: what moves a case from place to place")
        return {}
    if cursor.is_null:
        return {}
    transitions: dict[str, ReadTransition] = {}
    for key, entry in (cursor.entries("a mapping of transitions (`key: {...}`)") or {}).items():
        before = len(entry.report)
        if problem := key_problem(key):
            entry.problem(problem)
        definition = _transition(key, entry, places, tasks, data_fields)
        transitions[key] = ReadTransition(definition, entry, is_whole=len(entry.report) == before)
    return transitions


def _transition(
    key: str,
    cursor: Cursor,
    places: Collection[str] | None,
    tasks: Mapping[str, ReadTask],
    data_fields: frozenset[str] | None,
) -> TransitionDefinition:
    fields = cursor.fields(_KEYS)
    if fields is None:
        return TransitionDefinition(key)
    task, outcome = _task_and_outcome(fields, tasks)
    default, priority = fields.get("default"), fields.get("priority")
    return TransitionDefinition(
        key,
        title=fields.title(),
        task=task,
        outcome=outcome,
        inputs=_weights(fields.get("from"), places),
        outputs=_weights(fields.get("to"), places),
        reads=_weights(fields.get("reads"), places),
        inhibitors=_weights(fields.get("inhibitors"), places),
        resets=tuple(_resets(fields.get("resets"), places)),
        guard=fields.expression("guard"),
        priority=priority.integer(-LARGEST_INTEGER) if priority else None,
        is_default=bool(default.boolean()) if default else False,
        assignments=_assignments(fields.get("set"), data_fields),
        position=fields.position(),
    )


def _task_and_outcome(fields: Fields, tasks: Mapping[str, ReadTask]) -> tuple[str | None, str]:
    task, outcome = fields.get("task"), fields.get("outcome")
    name = task.key() if task else None
    chosen = outcome.key() if outcome else None
    if task and name and name not in tasks:
        task.wrong_value(f"there is no task {name!r}.{did_you_mean(name, tasks)}")
    if task and not outcome:
        task.problem(
            f"needs an `outcome` too: how the task {name or ''!r} ends, e.g. `outcome: approve`"
        )
    if outcome and not task:
        outcome.problem("needs a `task` too: an outcome is one way in which a task ends")
    return name, chosen or ""


def _weights(cursor: Cursor | None, places: Collection[str] | None) -> dict[str, int]:
    """Return place -> weight, of a place, a list of places or a mapping."""
    if cursor is None:
        return {}
    if cursor.is_mapping:
        weights = {}
        for name, entry in (cursor.entries() or {}).items():
            _check_place(name, entry, places)
            weights[name] = entry.integer(1) or 1
        return weights
    return dict.fromkeys(_names(cursor, places, "write `{%s: 2}` for two tokens"), 1)


def _resets(cursor: Cursor | None, places: Collection[str] | None) -> list[str]:
    if cursor is None:
        return []
    if cursor.is_mapping:
        cursor.wrong_value(
            "must be a list of places: a reset takes whatever is there, so it has no weight"
        )
        return []
    return _names(cursor, places, "once empties it")


def _names(cursor: Cursor, places: Collection[str] | None, cure: str) -> list[str]:
    names: dict[str, None] = {}
    for item in cursor.items() if cursor.is_list else [cursor]:
        name = item.key()
        if name is None:
            continue
        _check_place(name, item, places)
        if name in names:
            item.wrong_value(f"the place {name!r} stands here twice: " + cure.replace("%s", name))
        names[name] = None
    return list(names)


def _check_place(name: str, cursor: Cursor, places: Collection[str] | None) -> None:
    if places is not None and name not in places:
        cursor.problem(f"there is no place {name!r}.{did_you_mean(name, places)}")


def _assignments(cursor: Cursor | None, data_fields: frozenset[str] | None) -> dict[str, str]:
    if cursor is None:
        return {}
    assignments = {}
    for name, entry in (cursor.entries("a mapping from field to expression") or {}).items():
        check_data_field(name, entry, data_fields)
        expression = entry.expression()
        if expression is not None:
            assignments[name] = expression
    return assignments
