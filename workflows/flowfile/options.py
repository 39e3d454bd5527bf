"""The keys that only one kind of task has."""

from __future__ import annotations

import re
from datetime import timedelta

from workflows.definition import TaskKind
from workflows.expressions import ExpressionError
from workflows.expressions.durations import parse_duration

from .cursor import Cursor, Fields
from .datafields import check_data_field
from .keys import key_problem, shortened

LONGEST_HANDLER = 200
LONGEST_NAME = 80
MOST_RETRIES = 100
LARGEST_FACTOR = 10
LONGEST_PAUSE = timedelta(days=30)
LONGEST_TIMEOUT = timedelta(days=2)
DEEPEST_INPUT = 5
MOST_INPUTS = 100

_DOTTED_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
# Queues and topics are also names in brokers, addresses and command lines.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_PART = re.compile(r"\w[\w-]*")


def read_options(
    kind: TaskKind, fields: Fields, data_fields: frozenset[str] | None
) -> dict[str, object]:
    """Return the options that only this kind has; a key that is not given is not there."""
    readers = {
        TaskKind.HUMAN: _human,
        TaskKind.SERVICE: lambda fields: _service(fields, data_fields),
        TaskKind.TIMER: _timer,
        TaskKind.MESSAGE: _message,
        TaskKind.SUBFLOW: _subflow,
    }
    options = readers[kind](fields)
    return {key: value for key, value in options.items() if key in fields and value is not None}


def _human(fields: Fields) -> dict[str, object]:
    return {"remind": fields.expression("remind")}


def _service(fields: Fields, data_fields: frozenset[str] | None) -> dict[str, object]:
    _exactly_one(fields, "handler", "topic", "a service task")
    handler = fields.get("handler")
    name = fields.text("handler", LONGEST_HANDLER)
    if handler and name and not _DOTTED_NAME.fullmatch(name):
        handler.wrong_value(f"{name!r} is not the dotted name of a handler, e.g. `payroll.book`")
    timeout = fields.get("timeout")
    inputs = fields.get("inputs")
    return {
        "handler": name,
        "topic": _name(fields.get("topic"), "topic"),
        "inputs": _inputs(inputs) if inputs else None,
        "outputs": _outputs(fields.get("outputs"), data_fields),
        "queue": _name(fields.get("queue"), "queue"),
        "retry": _retry(fields.get("retry")),
        "timeout": _length(timeout, LONGEST_TIMEOUT, timedelta(seconds=1)) if timeout else None,
    }


def _name(cursor: Cursor | None, what: str) -> str | None:
    name = cursor.text(LONGEST_NAME) if cursor else None
    if cursor and name and not _NAME.fullmatch(name):
        cursor.wrong_value(
            f"{shortened(name)!r} cannot be the name of a {what}: letters a-z, digits, `_`, `-` "
            "and `.`, beginning with a letter or digit"
        )
        return None
    return name


def _inputs(cursor: Cursor, depth: int = 1) -> dict[str, object]:
    """Return the expression of each input; a mapping in it is a group of values."""
    what = "a mapping from the input to an expression"
    entries = cursor.entries(what) or {}
    if len(entries) > MOST_INPUTS:
        cursor.problem(f"has {len(entries)} entries; {MOST_INPUTS} are the most")
    inputs: dict[str, object] = {}
    for name, entry in entries.items():
        if problem := key_problem(name) if depth == 1 else _part_problem(name):
            entry.problem(problem)
        if not entry.is_mapping:
            inputs[name] = entry.expression()
        elif depth == DEEPEST_INPUT:
            entry.problem(f"is nested too deeply: {DEEPEST_INPUT} levels are the most")
        else:
            inputs[name] = _inputs(entry, depth + 1)
    return inputs


def _part_problem(name: str) -> str:
    if _PART.fullmatch(name):
        return ""
    return f"{shortened(name)!r} cannot be a name here: letters, digits, `_` and `-`"


def _outputs(cursor: Cursor | None, data_fields: frozenset[str] | None) -> dict[str, object] | None:
    if cursor is None:
        return None
    entries = cursor.entries("a mapping from the data's field to the name of an output") or {}
    for name, entry in entries.items():
        check_data_field(name, entry, data_fields)
    return {name: entry.key() for name, entry in entries.items()}


def _retry(cursor: Cursor | None) -> dict[str, object] | None:
    fields = cursor.fields(("times", "first", "factor", "limit")) if cursor else None
    if cursor is None or fields is None:
        return None
    retry: dict[str, object] = {}
    if times := fields.get("times"):
        retry["times"] = times.integer(0, MOST_RETRIES)
    if first := fields.get("first"):
        retry["first"] = _length(first, LONGEST_PAUSE)
    if factor := fields.get("factor"):
        number = factor.number()
        retry["factor"] = number
        if number is not None and number < 1:
            factor.wrong_value(f"must be at least 1, not {factor.says()}: waits never get shorter")
        elif number is not None and number > LARGEST_FACTOR:
            factor.wrong_value(f"must be at most {LARGEST_FACTOR}, not {factor.says()}")
    if limit := fields.get("limit"):
        retry["limit"] = _length(limit, LONGEST_PAUSE)
    if not retry:
        cursor.problem(
            "is empty: leave it out, or say e.g. `{times: 5, first: 10 s, factor: 2, limit: 1 h}`"
        )
    return retry


def _length(cursor: Cursor, longest: timedelta, shortest: timedelta = timedelta()) -> str | None:
    """Return a length of time by the clock, within bounds."""
    text = cursor.duration()
    if text is None:
        return None
    try:
        length = parse_duration(text)
    except ExpressionError as error:
        cursor.wrong_value(f"{shortened(text)!r} is no length of time: {error.message}")
        return None
    if not length.is_of_the_clock:
        cursor.wrong_value("is counted by the clock: write days or hours, not working time")
    elif length.span > longest:
        cursor.wrong_value(f"must be at most {_told(longest)}, not {shortened(text)}")
    elif length.span < shortest:
        cursor.wrong_value(f"must be at least {_told(shortest)}, not {shortened(text)}")
    else:
        return text
    return None


def _told(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


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
