"""JSON to the arguments of a handler, and its result checked against what it has declared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone

from workflows.data.converting import read_as
from workflows.directory import PersonId
from workflows.errors import GoflowError
from workflows.expressions import Duration, ExpressionError, Field, Kind, Person, Type
from workflows.expressions.durations import parse_duration
from workflows.expressions.types import described
from workflows.flowfile.problems import did_you_mean

from .signatures import Signature


class BadInputs(GoflowError):
    """A handler cannot be called with this; another try would not help."""

    code: ClassVar[str] = "bad_inputs"
    title: ClassVar[str] = "The inputs do not fit the handler"


class BadResult(GoflowError):
    """What a handler or an external worker brought does not fit what is declared."""

    code: ClassVar[str] = "bad_result"
    http_status: ClassVar[int] = 422
    title: ClassVar[str] = "The result does not fit the flow"


def arguments(
    signature: Signature, name: str, *, inputs: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the keyword arguments for a handler: `inputs` or, where none are given, the `values`
    of the same names.

    What is none counts as left out, unless the handler takes none.

    Raises:
        BadInputs: one is missing, unknown or of another type.
    """
    known = {field.name for field in signature.inputs}
    given = inputs or {key: value for key, value in values.items() if key in known}
    if not signature.takes_any and signature.inputs:
        for key in given:
            if key not in known:
                hint = did_you_mean(key, sorted(known))
                raise BadInputs(f"The handler {name} has no input {key!r}.{hint}")
    typed = read_as(Type(Kind.RECORD, fields=signature.inputs), given)
    found: dict[str, Any] = {}
    for field in signature.inputs:
        value = typed.get(field.name)
        if value is not None:
            what = f"The input {field.name!r} of the handler {name}"
            found[field.name] = _fitted(field.type, value, what)
        elif field.type.optional and (field.required or field.name in given):
            found[field.name] = None
        elif field.required:
            raise BadInputs(f"The handler {name} needs the input {field.name!r}: it has no value.")
    if signature.takes_any:
        found |= {key: typed[key] for key in inputs if key not in known}
    return found


def checked_result(signature: Signature, name: str, result: object) -> dict[str, Any] | None:
    """Return what a handler returned, as a mapping.

    Raises:
        BadResult: it is no mapping, or holds what the handler has not declared.
    """
    if result is None:
        return None
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        result = {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}
    if not isinstance(result, Mapping):
        raise BadResult(f"The handler {name} returned a {type(result).__name__}, not a mapping.")
    if signature.outputs is not None:
        check_outputs(signature.outputs, result, f"The handler {name}")
    return dict(result)


def check_outputs(outputs: Mapping[str, Type], result: Mapping[str, Any], who: str) -> None:
    """Refuse names that are not among the outputs, and values of another type; JSON or typed.

    Raises:
        BadResult: there is one.
    """
    for key, value in result.items():
        if key not in outputs:
            hint = did_you_mean(str(key), sorted(outputs))
            raise BadResult(f"{who} brought {key!r}, which is no output of it.{hint}")
        type_ = outputs[key]
        if value is not None and not _is_of(type_, _read(type_, value)):
            raise BadResult(
                f"{who} brought {key!r} as {_told(value)}: it must be {_wanted(type_)}."
            )


def _read(type_: Type, value: object) -> Any:
    return read_as(Type(Kind.RECORD, fields=(Field("it", type_),)), {"it": value})["it"]


def _fitted(type_: Type, value: Any, what: str) -> Any:
    """Return a value that was read as JSON as the Python value that its annotation means."""
    if type_.kind is Kind.DURATION and isinstance(value, str):
        try:
            value = parse_duration(value)
        except ExpressionError as error:
            raise BadInputs(f"{what}: {error}") from error
    elif type_.kind is Kind.PERSON and isinstance(value, (int, Decimal)):
        return Person(PersonId(int(value)))
    elif type_.kind is Kind.DATETIME:
        value = _as_moment(value)
    if not _is_of(type_, value):
        raise BadInputs(f"{what} is {_told(value)}: it must be {_wanted(type_)}.")
    if type_.kind is Kind.NUMBER and type_.whole:
        return int(value)
    if type_.kind is Kind.LIST and type_.item is not None:
        return [
            None if part is None else _fitted(type_.item, part, f"{what}, entry {position},")
            for position, part in enumerate(value, start=1)
        ]
    return value


def _as_moment(value: object) -> object:
    """Return a day, which may stand where a moment is wanted, as its start."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return timezone.make_aware(datetime.combine(value, time.min))
    return value


_CLASSES: Mapping[Kind, tuple[type, ...]] = {
    Kind.TEXT: (str,),
    Kind.NUMBER: (Decimal, int),
    Kind.BOOLEAN: (bool,),
    Kind.DATE: (date,),
    Kind.DATETIME: (datetime,),
    Kind.DURATION: (Duration,),
    Kind.PERSON: (Person,),
    Kind.LIST: (list, tuple),
    Kind.RECORD: (dict, Mapping),
}


def _is_of(type_: Type, value: object) -> bool:
    if type_.kind is Kind.ANY:
        return True
    if not isinstance(value, _CLASSES[type_.kind]):
        return False
    if type_.kind is Kind.NUMBER:
        is_number = not isinstance(value, bool)
        return is_number and not (type_.whole and value % 1)  # type: ignore[operator]  # a number
    if type_.kind is Kind.DATE:
        return not isinstance(value, datetime)
    return not type_.values or value in type_.values


def _wanted(type_: Type) -> str:
    if type_.values:
        return f"one of {', '.join(type_.values)}"
    return "a whole number" if type_.whole else described(type_.kind)


def _told(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    return f"a {type(value).__name__}" if isinstance(value, (Mapping, list, tuple)) else str(value)
