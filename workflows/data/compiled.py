"""A schema made ready to use, once: its type, and its validator with exact numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry

from workflows.data.patterns import worst_steps
from workflows.expressions.scope import type_of
from workflows.expressions.types import Type
from workflows.expressions.values import NUMBERS

MAX_MATCHING = 10_000_000
"""Steps that all patterns together may take in one check: about a fifth of a second."""

matching_left: ContextVar[list[float]] = ContextVar("matching_left")
"""What is left of them, in a list of one: validators hand nothing on from field to field."""

_FORMATS = ("email", "ipv4", "ipv6", "time", "uuid", "uri")


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    type: Type
    validator: Validator


def compiled_schema(schema: Mapping[str, object]) -> CompiledSchema:
    """Return the schema made ready. It is kept by content: a schema may change or be rebuilt."""
    return _compiled(json.dumps(schema, default=_decimal_key))


def schema_type(schema: Mapping[str, object]) -> Type:
    return compiled_schema(schema).type


@lru_cache(maxsize=256)
def _compiled(text: str) -> CompiledSchema:
    schema = json.loads(text, parse_float=Decimal, object_hook=_decimal_of_key)
    # An empty registry retrieves nothing: no schema makes this process fetch an address.
    validator = _ExactValidator(
        _number_type(schema), registry=Registry(), format_checker=_formats()
    )
    return CompiledSchema(type_of(schema), validator)


def _decimal_key(value: object) -> object:
    if isinstance(value, Decimal):
        return {"x-decimal": str(value)}
    raise TypeError(f"A schema cannot hold a {type(value).__name__}.")


def _decimal_of_key(entries: dict[str, Any]) -> object:
    if entries.keys() == {"x-decimal"}:
        return Decimal(entries["x-decimal"])
    return entries


def _number_type(schema: Any) -> Any:
    """Return the schema with `type: number` where it has `x-type: decimal`, as the values are."""
    if isinstance(schema, list):
        return [_number_type(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _number_type(part) for name, part in schema.items()}
    if changed.get("x-type") == "decimal" and "string" in _as_list(changed.get("type")):
        names = _as_list(changed["type"])
        changed["type"] = ["number" if name == "string" else name for name in names]
    return changed


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=[name for name in _FORMATS if name in FormatChecker.checkers])
    # Dates have become dates before they come here: what is still a text was none.
    for name in ("date", "date-time"):
        checker.checks(name)(_is_iso)
    return checker


def _is_iso(instance: object) -> bool:
    return isinstance(instance, IsoText) or not isinstance(instance, str)


def _is_number(checker: object, instance: object) -> bool:
    return isinstance(instance, (int, float, Decimal)) and not isinstance(instance, bool)


def _is_whole(checker: object, instance: object) -> bool:
    return _is_number(checker, instance) and instance == Decimal(instance).to_integral_value()  # type: ignore[arg-type]  # _is_number


class IsoText(str):
    """A date or a datetime as the validator sees it: a text of the right format."""

    __slots__ = ()


def _required(
    validator: Validator, names: list[str], instance: object, schema: object
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError("is missing", path=(name,))


def _multiple_of(
    validator: Validator, divisor: Any, instance: Any, schema: object
) -> Iterator[ValidationError]:
    if _is_number(None, instance) and Fraction(instance) % Fraction(divisor):
        yield ValidationError("is not a multiple")


def _unique_items(
    validator: Validator, wanted: bool, instance: object, schema: object
) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list):
        seen = {_fingerprint(entry) for entry in instance}
        if len(seen) < len(instance):
            yield ValidationError("has an entry twice")


def _fingerprint(value: Any) -> str:
    def plain(part: object) -> object:
        if isinstance(part, Decimal):
            return {"n": str(NUMBERS.normalize(part))}
        return str(part)

    return json.dumps(value, sort_keys=True, default=plain)


def _pattern(
    validator: Validator, pattern: str, instance: object, schema: object
) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        left = matching_left.get([float(MAX_MATCHING)])
        left[0] -= worst_steps(pattern, len(instance))
        if left[0] < 0:
            yield ValidationError("is too long")
            return
    original = Draft202012Validator.VALIDATORS["pattern"]
    yield from original(validator, pattern, instance, schema) or ()


# `extend` has no annotations.
_ExactValidator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={
        "required": _required,
        "multipleOf": _multiple_of,
        "uniqueItems": _unique_items,
        "pattern": _pattern,
    },
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": _is_number, "integer": _is_whole}
    ),
)
