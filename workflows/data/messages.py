"""The validator's errors in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from workflows.data.problem import shown
from workflows.expressions.types import ANY, Kind, Type

_TYPES: Final = {
    "number": "a number",
    "integer": "a whole number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of fields",
    "null": "empty",
}
_FORMATS: Final = {
    "date": "a date (as 2026-12-31)",
    "date-time": "a date with a time and its time zone (as 2026-12-31T09:00:00Z)",
    "time": "a time of day",
    "email": "an e-mail address",
    "uri": "an address",
}


def title_of(type_: Type, path: Iterable[object]) -> str:
    """Return the title of the field at `path`: `Lines, row 2, Amount`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"row {step + 1}")
            type_ = type_.item or ANY
            continue
        field = type_.field(str(step)) if type_.kind is Kind.RECORD else None
        parts.append((field.title if field else "") or _as_title(str(step)))
        type_ = field.type if field else ANY
    return ", ".join(parts) or "The data"


def message_of(type_: Type, error: ValidationError) -> str:
    """Return the error as a sentence that starts with the title of its field."""
    title = title_of(type_, error.absolute_path)
    if error.validator == "required" or (error.validator == "type" and error.instance is None):
        return f"{title} is missing"
    tell = _MESSAGES.get(str(error.validator))
    return f"{title}: {tell(error) if tell else 'this is not allowed here'}"


def _as_title(name: str) -> str:
    spaced = name[:60].replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def _type(error: ValidationError) -> str:
    names: Any = error.validator_value
    wanted = [names] if isinstance(names, str) else [name for name in names if name != "null"]
    return f"{shown(error.instance)} is not {' or '.join(_TYPES.get(n, str(n)) for n in wanted)}"


def _format(error: ValidationError) -> str:
    name = str(error.validator_value)
    return f"{shown(error.instance)} is not {_FORMATS.get(name, f'a valid {name}')}"


def _enum(error: ValidationError) -> str:
    values: Any = error.validator_value
    allowed = [_plain(value) for value in values if value is not None]
    listed = ", ".join(allowed[:12]) + (", ..." if len(allowed) > 12 else "")
    return f"{shown(error.instance)} is not one of {listed}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


def _pattern(error: ValidationError) -> str:
    if error.message == "is too long":
        return "the text is too long to be checked for its form"
    return f"{shown(error.instance)} does not have the expected form"


def _min_length(error: ValidationError) -> str:
    return "must not be empty" if error.validator_value == 1 else f"{_at_least(error)} characters"


def _at_least(error: ValidationError) -> str:
    return f"must have at least {shown(error.validator_value)}"


def _at_most(error: ValidationError) -> str:
    return f"can have at most {shown(error.validator_value)}"


def _unknown(error: ValidationError) -> str:
    properties: Any = (
        error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    )
    instance: Any = error.instance
    extra = [str(name)[:60] for name in instance if name not in properties]
    return f"there is no field {', '.join(extra[:5])}"


_MESSAGES: Final[Mapping[str, Callable[[ValidationError], str]]] = {
    "type": _type,
    "format": _format,
    "enum": _enum,
    "const": lambda error: f"must be {_plain(error.validator_value)}",
    "minimum": lambda error: f"must be at least {shown(error.validator_value)}",
    "maximum": lambda error: f"must be at most {shown(error.validator_value)}",
    "exclusiveMinimum": lambda error: f"must be more than {shown(error.validator_value)}",
    "exclusiveMaximum": lambda error: f"must be less than {shown(error.validator_value)}",
    "multipleOf": lambda error: f"must be a multiple of {shown(error.validator_value)}",
    "minLength": _min_length,
    "maxLength": lambda error: f"{_at_most(error)} characters",
    "minItems": lambda error: f"{_at_least(error)} row{'' if error.validator_value == 1 else 's'}",
    "maxItems": lambda error: f"{_at_most(error)} row{'' if error.validator_value == 1 else 's'}",
    "uniqueItems": lambda error: "the same entry stands there twice",
    "pattern": _pattern,
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
}
