"""The `tasks` section: pieces of work, each with the keys of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.definition import FieldRight, TaskDefinition, TaskKind

from .cursor import Cursor
from .datafields import check_data_field
from .keys import key_problem
from .options import read_options

# The keys of each kind beside `kind` and `title`.
KIND_KEYS: Mapping[TaskKind, tuple[str, ...]] = {
    TaskKind.HUMAN: ("assign", "otherwise", "optional", "seats", "due", "remind", "form"),
    TaskKind.SERVICE: ("handler", "topic", "inputs", "outputs", "queue", "retry", "timeout"),
    TaskKind.TIMER: ("after", "at", "every"),
    TaskKind.MESSAGE: ("name", "key"),
    TaskKind.SUBFLOW: ("flow", "data", "foreach"),
}

_KINDS_OF_KEY = {
    key: [kind for kind, keys in KIND_KEYS.items() if key in keys]
    for keys in KIND_KEYS.values()
    for key in keys
}


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A task with where it stands; `rule` has where its seats name outcomes."""

    definition: TaskDefinition
    cursor: Cursor
    rule: Mapping[str, Cursor]
    is_whole: bool


def read_tasks(cursor: Cursor | None, data_fields: frozenset[str] | None) -> dict[str, ReadTask]:
    """Return the tasks by key."""
    if cursor is None or cursor.is_null:
        return {}
    tasks: dict[str, ReadTask] = {}
    for key, entry in (cursor.entries("a mapping of tasks (`key: {...}`)") or {}).items():
        if problem := key_problem(key):
            entry.problem(problem)
        tasks[key] = _task(key, entry, data_fields)
    return tasks


def _task(key: str, cursor: Cursor, data_fields: frozenset[str] | None) -> ReadTask:
    kind = _kind(cursor)
    if kind is None:
        return ReadTask(TaskDefinition(key), cursor, {}, is_whole=False)
    fields = cursor.fields(("kind", "title", *KIND_KEYS[kind]), _elsewhere(kind))
    if fields is None:
        return ReadTask(TaskDefinition(key), cursor, {}, is_whole=False)
    if kind is not TaskKind.HUMAN:
        definition = TaskDefinition(
            key, kind, title=fields.title(), options=read_options(kind, fields, data_fields)
        )
        return ReadTask(definition, cursor, {}, is_whole=True)
    if "assign" not in fields:
        cursor.problem(
            "a human task needs `assign`: who may act, e.g. `assign: manager(requester)`"
        )
    seats, rule = _seats(fields.get("seats"))
    definition = TaskDefinition(
        key,
        kind,
        title=fields.title(),
        assign=fields.expression("assign"),
        otherwise=fields.expression("otherwise"),
        due=fields.expression("due"),
        is_optional=_flag(fields.get("optional")),
        form=_form(fields.get("form"), data_fields),
        seats=seats,
        options=read_options(kind, fields, data_fields),
    )
    return ReadTask(definition, cursor, rule, is_whole=True)


def _flag(cursor: Cursor | None) -> bool:
    return bool(cursor is not None and cursor.boolean())


def _kind(cursor: Cursor) -> TaskKind | None:
    if not cursor.is_mapping:
        cursor.wrong_value(f"must be a mapping with the task's `kind`, not {cursor.says()}")
        return None
    kind = (cursor.entries() or {}).get("kind")
    if kind is None:
        return TaskKind.HUMAN
    chosen = kind.one_of([k.value for k in TaskKind], "kind of task")
    return None if chosen is None else TaskKind(chosen)


def _elsewhere(kind: TaskKind) -> dict[str, str]:
    return {
        key: f"{key!r} is a key of {' and '.join(kinds)} tasks; this is a {kind} task"
        for key, kinds in _KINDS_OF_KEY.items()
        if kind not in kinds
    }


def _form(cursor: Cursor | None, data_fields: frozenset[str] | None) -> dict[str, FieldRight]:
    fields = cursor.fields(("fields",)) if cursor else None
    rights = fields.get("fields") if fields else None
    if rights is None:
        if cursor and fields:
            cursor.problem("a form needs `fields`: e.g. `form: {fields: {amount: edit}}`")
        return {}
    form: dict[str, FieldRight] = {}
    for name, entry in (
        rights.entries("a mapping from field to hidden, read or edit") or {}
    ).items():
        check_data_field(name, entry, data_fields)
        right = entry.one_of([r.value for r in FieldRight], "right to a field")
        if right is not None:
            form[name] = FieldRight(right)
    return form


def _seats(cursor: Cursor | None) -> tuple[dict[str, object], Mapping[str, Cursor]]:
    fields = cursor.fields(("order", "rule")) if cursor else None
    if cursor is None or fields is None:
        return {}, {}
    seats: dict[str, object] = {}
    if order := fields.get("order"):
        seats["order"] = order.one_of(("parallel", "sequential"), "order of seats")
    rule = fields.get("rule")
    rules = (
        rule.entries("a mapping from outcome to all, any, a number or a percentage")
        if rule
        else None
    )
    if not rules:
        cursor.problem("seats need a `rule`: e.g. `rule: {approve: all, reject: any}`")
        return seats, {}
    seats["rule"] = {outcome: _votes(entry) for outcome, entry in rules.items()}
    return seats, rules


def _votes(cursor: Cursor) -> object:
    value = cursor.plain()
    if isinstance(value, int) and not isinstance(value, bool):
        return cursor.integer(1)
    if value in ("all", "any") or (isinstance(value, str) and _is_percentage(value)):
        return value
    cursor.wrong_value(
        f'must be all, any, a number of votes or a percentage such as "60%", not {cursor.says()}'
    )
    return None


def _is_percentage(text: str) -> bool:
    digits = text.removesuffix("%")
    return (
        digits != text
        and digits.isascii()
        and digits.isdigit()
        and len(digits) <= 3
        and 1 <= int(digits) <= 100
    )
