"""Check data against the flow's schema, with problems that name the field by its title."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from referencing.exceptions import Unresolvable

from workflows.data.compiled import (
    MAX_MATCHING,
    CompiledSchema,
    IsoText,
    compiled_schema,
    matching_left,
)
from workflows.data.converting import MAX_DEPTH, read_as, write
from workflows.data.messages import message_of, title_of
from workflows.data.problem import DataProblem, dotted
from workflows.expressions.errors import EvaluationError
from workflows.expressions.types import ANY, Kind, Type
from workflows.expressions.values import number

MAX_BYTES = 256 * 1024
MAX_PROBLEMS = 50


def check(schema: Mapping[str, object], values: Mapping[str, Any]) -> list[DataProblem]:
    """Return what the schema refuses in the data, typed or JSON; nothing if it may be kept.

    A field that is none counts as left out, unless its schema allows null and requires it.
    """
    compiled = compiled_schema(schema)
    problems = list(islice(_unstorable(compiled.type, values), MAX_PROBLEMS))
    if problems:
        return problems
    size = len(json.dumps(write(values), ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_BYTES:
        told = f"The data takes {size // 1024:,} KB; at most {MAX_BYTES // 1024} KB can be kept."
        return [DataProblem("", told)]
    return list(islice(_refused(compiled, read_as(compiled.type, values)), MAX_PROBLEMS))


def _refused(compiled: CompiledSchema, typed: dict[str, Any]) -> Iterator[DataProblem]:
    order = {field.name: position for position, field in enumerate(compiled.type.fields)}
    instance = _instance(compiled.type, typed)
    matching_left.set([float(MAX_MATCHING)])
    try:
        errors = list(islice(compiled.validator.iter_errors(instance), MAX_PROBLEMS))
    except Unresolvable as error:
        told = f"The schema refers to {str(error.ref)[:80]}, which is not part of it."
        yield DataProblem("", told)
        return
    except RecursionError:
        yield DataProblem("", "The schema refers to itself without end.")
        return
    # In the order of the fields: as a person reads the form.
    errors.sort(key=lambda error: order.get(str(next(iter(error.absolute_path), "")), len(order)))
    for found in errors:
        yield DataProblem(dotted(found.absolute_path), message_of(compiled.type, found))


def _instance(type_: Type, value: object) -> Any:
    """Return a typed value as the validator wants it: dates as texts, empty fields left out."""
    if isinstance(value, Mapping):
        fields = {field.name: field for field in type_.fields}
        kept = {}
        for name, part in value.items():
            field = fields.get(name)
            if (
                part is None
                and field is not None
                and not (field.required and _may_be_none(field.type))
            ):
                continue
            kept[name] = _instance(ANY if field is None else field.type, part)
        return kept
    if isinstance(value, (list, tuple)):
        return [_instance(type_.item or ANY, part) for part in value]
    if isinstance(value, datetime):
        # A date with a time where a date is wanted, or without a zone, is refused as any text.
        is_right = type_.kind is not Kind.DATE and value.tzinfo is not None
        return IsoText(value.isoformat()) if is_right else value.isoformat()
    if isinstance(value, date):
        is_right = type_.kind is not Kind.DATETIME
        return IsoText(value.isoformat()) if is_right else value.isoformat()
    return value


def _may_be_none(type_: Type) -> bool:
    return type_.optional or type_.kind in (Kind.NONE, Kind.ANY)


def _unstorable(type_: Type, values: Mapping[str, Any]) -> Iterator[DataProblem]:
    """Yield what no schema makes storable: endless nesting, huge numbers, broken characters."""
    pending: list[tuple[tuple[object, ...], object]] = [((), values)]
    while pending:
        path, value = pending.pop()
        if len(path) > MAX_DEPTH - 1:
            yield DataProblem(
                dotted(path[:1]), f"{title_of(type_, path[:1])} is nested too deeply."
            )
        elif isinstance(value, Mapping):
            if any(not isinstance(name, str) or not _is_storable(name) for name in value):
                yield DataProblem(
                    dotted(path), f"{title_of(type_, path)} has a name that cannot be kept."
                )
            else:
                pending.extend(((*path, name), part) for name, part in value.items())
        elif isinstance(value, (list, tuple)):
            pending.extend(((*path, position), part) for position, part in enumerate(value))
        elif (reason := _why_unstorable(value)) is not None:
            yield DataProblem(dotted(path), f"{title_of(type_, path)}: {reason}")


def _why_unstorable(value: object) -> str | None:
    if isinstance(value, str):
        return None if _is_storable(value) else "the text holds a character that cannot be kept"
    if value is None or isinstance(value, (bool, date)):
        return None
    if isinstance(value, (int, float, Decimal)):
        try:
            number(value)
        except EvaluationError:
            return "the number is not finite, or has more than 34 digits"
        return None
    return f"a {type(value).__name__} cannot be kept"


def _is_storable(text: str) -> bool:
    """PostgreSQL keeps no NUL, and half of a surrogate pair is no UTF-8."""
    if text.isascii():
        return "\x00" not in text
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
