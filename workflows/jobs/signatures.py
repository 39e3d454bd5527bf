"""What a handler takes and brings, read from the signature of its function."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.expressions import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    NUMBER,
    PERSON,
    TEXT,
    Duration,
    Field,
    Kind,
    Person,
    Type,
    list_of,
    one_of,
    optional,
)

_SIMPLE: Mapping[object, Type] = {
    str: TEXT,
    Decimal: NUMBER,
    int: dataclasses.replace(NUMBER, whole=True),
    bool: BOOLEAN,
    date: DATE,
    datetime: DATETIME,
    Duration: DURATION,
    Person: PERSON,
    list: Type(Kind.LIST),
    dict: Type(Kind.RECORD),
    Mapping: Type(Kind.RECORD),
    Any: ANY,
    object: ANY,
}
KNOWN_OUTPUTS = "str, Decimal, int, bool, date, datetime, list, dict or Any"
KNOWN_TYPES = f"Duration, Person, {KNOWN_OUTPUTS}"


@dataclass(frozen=True, slots=True)
class Signature:
    """`inputs`: each a field of which `required` says that it has no default. `takes_any`: whatever
    else is given, too. `outputs` by name; None where any may come."""

    inputs: tuple[Field, ...] = ()
    takes_any: bool = False
    outputs: Mapping[str, Type] | None = None

    def input(self, name: str) -> Field | None:
        return next((field for field in self.inputs if field.name == name), None)


def read_signature(function: Callable[..., Any], name: str) -> Signature:
    """Return the inputs and outputs of the function of the handler `name`.

    Raises:
        TypeError: they cannot be told from its signature; the message says what to write instead.
    """
    hints = _hints(function, name)
    parameters = list(inspect.signature(function).parameters.values())
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if not parameters or parameters[0].kind not in positional:
        raise TypeError(f"The handler {name} must take the call first: `def f(call: ServiceCall)`.")
    inputs: list[Field] = []
    takes_any = False
    for parameter in parameters[1:]:
        hint = hints.get(parameter.name, inspect.Parameter.empty)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            takes_any = True
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            inputs.append(_input(parameter, hint, name))
        else:
            raise TypeError(
                f"The handler {name} takes {parameter.name!r} by position: "
                "inputs stand behind a `*`, e.g. `def f(call, *, amount: Decimal)`."
            )
    return Signature(tuple(inputs), takes_any, _outputs(hints.get("return", Any), name))


def type_of_hint(hint: object) -> Type | None:
    """Return the type of the values that an annotation means, None where there is none."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = typing.get_args(hint)
        others = [part for part in parts if part is not types.NoneType]
        type_ = type_of_hint(others[0]) if len(others) == 1 else None
        return optional(type_) if type_ is not None and len(others) < len(parts) else type_
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal and all(isinstance(each, str) for each in arguments):
        return one_of(*arguments)
    if origin is list:
        item = type_of_hint(arguments[0])
        return None if item is None else list_of(item)
    if origin in (dict, Mapping):
        return _SIMPLE[dict] if arguments[0] is str else None
    try:
        return _SIMPLE.get(hint)
    except TypeError:
        return None


def _hints(annotated: Any, name: str) -> dict[str, Any]:
    if not isinstance(annotated, type) and not inspect.isroutine(annotated):
        # An object that can be called has its annotations at its class's method.
        annotated = type(annotated).__call__
    try:
        return typing.get_type_hints(annotated)
    except NameError as error:
        raise TypeError(
            f"An annotation of the handler {name} cannot be read: {error}. Import what it names at "
            "the top of the module, not under `if TYPE_CHECKING`."
        ) from error


def _input(parameter: inspect.Parameter, hint: object, name: str) -> Field:
    empty = inspect.Parameter.empty
    type_ = None if hint is empty else type_of_hint(hint)
    if type_ is None:
        told = "has no type" if hint is empty else f"is of the type {_told(hint)}"
        cure = "Decimal, which is exact" if hint is float else KNOWN_TYPES
        raise TypeError(f"The input {parameter.name!r} of the handler {name} {told}: use {cure}.")
    return Field(parameter.name, type_, required=parameter.default is empty)


def _outputs(hint: object, name: str) -> Mapping[str, Type] | None:
    if hint in (None, types.NoneType):
        return {}
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(hint) if part is not types.NoneType]
        hint = parts[0] if len(parts) == 1 else hint
    if hint in (Any, object) or (typing.get_origin(hint) or hint) in (dict, Mapping):
        return None
    is_class = isinstance(hint, type)
    if not (is_class and (dataclasses.is_dataclass(hint) or typing.is_typeddict(hint))):
        raise TypeError(
            f"The handler {name} returns {_told(hint)}: annotate None, a Mapping, "
            "a TypedDict or a dataclass."
        )
    outputs: dict[str, Type] = {}
    for field, part in _hints(hint, name).items():
        type_ = type_of_hint(part)
        if type_ is None or type_.kind in (Kind.DURATION, Kind.PERSON):
            raise TypeError(
                f"The output {field!r} of the handler {name} is of the type {_told(part)}: "
                f"use {KNOWN_OUTPUTS}."
            )
        outputs[field] = type_
    return outputs


def _told(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
