"""JSON to typed values and back, without losing a digit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.data.compiled import schema_type
from workflows.errors import InvalidData
from workflows.expressions.errors import EvaluationError
from workflows.expressions.types import ANY, Kind, Type
from workflows.expressions.values import NUMBERS, number

MAX_DEPTH = 32
_EXACT_INTEGERS = 2**53

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
)


def read(schema: Mapping[str, object], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON data with the schema's types: Decimal, date, aware datetime.

    What is not of its type stays as it is, for `check` to tell. Typed values stay what they are.
    """
    return read_as(schema_type(schema), raw)


def read_as(type_: Type, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data read as a record of this type."""
    kinds = {field.name: field.type for field in type_.fields}
    return {name: _read(kinds.get(name, ANY), part, 1) for name, part in raw.items()}


def read_field(type_: Type, value: object) -> Any:
    """Return one field of the data, read as this type."""
    return _read(type_, value, 1)


def write(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed values as JSON can hold them. Writing twice changes nothing more.

    Raises:
        InvalidData: the values are nested too deeply.
        TypeError: a value is of a type that no case data can have.
    """
    return {_key(name): _write(value, 1) for name, value in values.items()}


def to_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data that a caller gave, JSON or typed, as JSON can hold it; see `write`."""
    return write(data)


def canonical(values: Mapping[str, Any]) -> str:
    """Return the one JSON text of these values: equal values, typed or written, have equal texts.

    Keys are sorted, there are no spaces, all is ASCII. Raises as `write`.
    """
    return json.dumps(write(values), sort_keys=True, separators=(",", ":"))


def _read(type_: Type, value: object, depth: int) -> Any:
    if value is None or depth > MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        kinds = {field.name: field.type for field in type_.fields}
        return {name: _read(kinds.get(name, ANY), part, depth + 1) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        item = type_.item or ANY
        return [_read(item, part, depth + 1) for part in value]
    if isinstance(value, str):
        return _read_text(type_.kind, value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        try:
            return number(value)
        except EvaluationError:
            return value
    return value


def _read_text(kind: Kind, text: str) -> object:
    try:
        if kind is Kind.NUMBER and _NUMBER.fullmatch(text):
            return number(Decimal(text))
        if kind is Kind.DATE and _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if kind is Kind.DATETIME and _DATETIME.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except (ValueError, EvaluationError):
        return text
    return text


def _write(value: object, depth: int) -> object:
    if depth > MAX_DEPTH:
        message = f"The data is nested too deeply: at most {MAX_DEPTH} levels can be kept."
        raise InvalidData([{"path": "", "message": message}])
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (int, float, Decimal)):
        return _write_number(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(name): _write(part, depth + 1) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_write(part, depth + 1) for part in value]
    raise TypeError(f"Case data cannot hold a {type(value).__name__}.")


def _write_number(value: int | float | Decimal) -> int | float | str:
    """Return a JSON number where every reader gets the same number from it, else its digits."""
    if isinstance(value, int) and abs(value) <= _EXACT_INTEGERS:
        return value
    if isinstance(value, int) and value.bit_length() > 1_000:
        # Python writes no number of more than 4,300 digits; `check` refuses this one anyway.
        return hex(value)
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(exact)
    if (
        exact.adjusted() < 16
        and exact == exact.to_integral_value()
        and abs(exact) <= _EXACT_INTEGERS
    ):
        return int(exact)
    if -300 < exact.adjusted() < 300:
        approximate = float(exact)
        if Decimal(repr(approximate)) == exact:
            return approximate
    try:
        return str(NUMBERS.normalize(number(exact)))
    except EvaluationError:
        return str(exact)


def _key(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"The names of case data are texts, not {type(name).__name__}.")
    return str(name)
