"""The keys that only one kind of task has."""

from __future__ import annotations

import re

from workflows.definition import TaskKind

from .cursor import Cursor, Fields

_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")


def read_options(kind: TaskKind, fields: Fields) -> dict[str, object]:
    """Return the options that only this kind has; a key that is not given is not there."""
    readers = {
        TaskKind.HUMAN: _human,
        TaskKind.SERVICE: _service,
        TaskKind.TIMER: _timer,
        TaskKind.MESSAGE: _message,
        TaskKind.SUBFLOW: _subflow,
    }
    options = readers[kind](fields)
    return {key: value for key, value in options.items() if key in fields and value is not None}


def _human(fields: Fields) -> dict[str, object]:
    return {"remind": fields.expression("remind")}


def _service(fields: Fields) -> dict[str, object]:
    _exactly_one(fields, "handler", "topic", "a service task")
    handler = fields.get("handler")
    name = fields.text("handler")
    if handler and name and not _DOTTED_NAME.match(name):
        handler.wrong_value(f"{name!r} is not the dotted name of a handler, e.g. `payroll.book`")
    timeout = fields.get("timeout")
    return {
        "handler": name,
        "topic": fields.text("topic"),
        "queue": fields.text("queue"),
        "retry": _retry(fields.get("retry")),
        "timeout": timeout.duration() if timeout else None,
    }


def _retry(cursor: Cursor | None) -> dict[str, object] | None:
    fields = cursor.fields(("times", "first", "factor", "limit")) if cursor else None
    if cursor is None or fields is None:
        return None
    retry: dict[str, object] = {}
    if times := fields.get("times"):
        retry["times"] = times.integer(0)
    if first := fields.get("first"):
        retry["first"] = first.duration()
    if factor := fields.get("factor"):
        number = factor.number()
        retry["factor"] = number
        if number is not None and number < 1:
            factor.wrong_value(f"must be at least 1, not {factor.says()}: waits never get shorter")
    if limit := fields.get("limit"):
        retry["limit"] = limit.duration()
    if not retry:
        cursor.problem(
            "is empty: leave it out, or say e.g. `{times: 5, first: 10 s, factor: 2, limit: 1 h}`"
        )
    return retry


def _timer(fields: Fields) -> dict[str, object]:
    if "every" not in fields:
        _exactly_one(fields, "after", "at", "a timer")
    elif "after" in fields and "at" in fields:
        fields.owner.problem("a timer has either `after` or `at` for its first ring, not both")
    return {key: fields.expression(key) for key in ("after", "at", "every")}


def _message(fields: Fields) -> dict[str, object]:
    _needed(fields, "name", "a message task needs `name`: what the sender calls the message")
    _needed(
        fields, "key", "a message task needs `key`: the expression that a message's key must equal"
    )
    return {"name": fields.text("name"), "key": fields.expression("key")}


def _subflow(fields: Fields) -> dict[str, object]:
    _needed(fields, "flow", "a subflow task needs `flow`: the key of the flow that it starts")
    flow = fields.get("flow")
    data = fields.get("data")
    given: dict[str, object] | None = None
    if data:
        entries = data.entries("a mapping from the subflow's field to an expression") or {}
        given = {name: entry.expression() for name, entry in entries.items()}
    return {
        "flow": flow.flow_key() if flow else None,
        "data": given,
        "foreach": fields.expression("foreach"),
    }


def _exactly_one(fields: Fields, first: str, second: str, what: str) -> None:
    if first in fields and second in fields:
        fields.owner.problem(f"{what} has either `{first}` or `{second}`, not both")
    elif first not in fields and second not in fields:
        fields.owner.problem(f"{what} needs `{first}` or `{second}`")


def _needed(fields: Fields, key: str, message: str) -> None:
    if key not in fields:
        fields.owner.problem(message)
