"""The types of the expression language. Values, so two types are compared with `==`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DURATION = "duration"
    LIST = "list"
    RECORD = "record"
    PERSON = "person"
    PEOPLE = "people"
    NONE = "none"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field of a record. `required` fields are always present."""

    name: str
    type: Type
    title: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Type:
    """What a value may be.

    `optional`: may also be none. `values`: the only texts it can be (an enum), () for any text.
    `whole`: a number without decimals. `item`: of a list. `fields`: of a record.
    """

    kind: Kind
    optional: bool = False
    values: tuple[str, ...] = ()
    whole: bool = False
    item: Type | None = None
    fields: tuple[Field, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def __str__(self) -> str:
        text = self.kind.value
        if self.kind is Kind.LIST and self.item is not None:
            text = f"list of {self.item}"
        return f"{text} or none" if self.optional else text


NUMBER = Type(Kind.NUMBER)
TEXT = Type(Kind.TEXT)
BOOLEAN = Type(Kind.BOOLEAN)
DATE = Type(Kind.DATE)
DATETIME = Type(Kind.DATETIME)
DURATION = Type(Kind.DURATION)
PERSON = Type(Kind.PERSON)
PEOPLE = Type(Kind.PEOPLE)
NONE = Type(Kind.NONE)
ANY = Type(Kind.ANY)

ORDERED = frozenset({Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.DATETIME})
"""The kinds that `<`, `min` and `max` understand."""

_ARTICLE = {
    Kind.NUMBER: "a number",
    Kind.TEXT: "text",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date with a time",
    Kind.DURATION: "a duration",
    Kind.LIST: "a list",
    Kind.RECORD: "a record with fields",
    Kind.PERSON: "a person",
    Kind.PEOPLE: "people",
    Kind.NONE: "none",
    Kind.ANY: "anything",
}


def described(kind: Kind) -> str:
    """Return the kind as it stands in a sentence: `a number`."""
    return _ARTICLE[kind]


def list_of(item: Type) -> Type:
    return Type(Kind.LIST, item=item)


def one_of(*values: str) -> Type:
    return Type(Kind.TEXT, values=values)


def optional(type_: Type) -> Type:
    if type_.optional or type_.kind in (Kind.NONE, Kind.ANY):
        return type_
    return replace(type_, optional=True)


def present(type_: Type) -> Type:
    """Return the type without none."""
    return replace(type_, optional=False) if type_.optional else type_


def join(one: Type, other: Type) -> Type | None:
    """Return the type that holds the values of both, or None if there is none but `any`."""
    if one.kind is Kind.NONE:
        return optional(other)
    if other.kind is Kind.NONE:
        return optional(one)
    if one.kind is Kind.ANY or other.kind is Kind.ANY:
        return ANY
    either_optional = one.optional or other.optional
    if one.kind is not other.kind:
        both_people = {one.kind, other.kind} == {Kind.PERSON, Kind.PEOPLE}
        return replace(PEOPLE, optional=either_optional) if both_people else None
    if one.kind is Kind.TEXT:
        values = (
            tuple(dict.fromkeys(one.values + other.values)) if one.values and other.values else ()
        )
        return Type(Kind.TEXT, optional=either_optional, values=values)
    if one.kind is Kind.NUMBER:
        return Type(Kind.NUMBER, optional=either_optional, whole=one.whole and other.whole)
    if one.kind is Kind.LIST and one.item is not None and other.item is not None:
        item = join(one.item, other.item)
        return None if item is None else Type(Kind.LIST, optional=either_optional, item=item)
    if one.kind is Kind.RECORD and one.fields != other.fields:
        return None
    return replace(one, optional=either_optional)


def fits(actual: Type, expected: Type) -> bool:
    """Say whether a value of `actual` may stand where `expected` is wanted, none apart.

    `any` fits everywhere: it is checked when it is evaluated.
    """
    if Kind.ANY in (actual.kind, expected.kind) or actual.kind is Kind.NONE:
        return True
    if expected.kind is Kind.PEOPLE:
        return actual.kind in (Kind.PERSON, Kind.PEOPLE)
    if actual.kind is not expected.kind:
        return False
    if actual.kind is Kind.LIST and actual.item is not None and expected.item is not None:
        return fits(actual.item, expected.item)
    if actual.values and expected.values:
        return bool(set(actual.values) & set(expected.values))
    return True
