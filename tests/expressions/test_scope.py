"""From the flow's data schema to types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from workflows.expressions import GIVEN_NAMES, Kind, compile_expression, list_of, one_of, scope_of
from workflows.expressions.types import ANY, BOOLEAN, DATE, DATETIME, NONE, NUMBER, TEXT, Type

WHOLE = Type(Kind.NUMBER, whole=True)


def type_in_scope(schema: Any, **root: Any) -> Type:
    scope = scope_of({"type": "object", "properties": {"x": schema}, "required": ["x"], **root})
    return scope.names["x"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "number"}, NUMBER),
        ({"type": "integer"}, WHOLE),
        ({"x-type": "decimal"}, NUMBER),
        ({"type": "string", "x-type": "decimal"}, NUMBER),
        ({"type": "string"}, TEXT),
        ({"type": "string", "format": "date"}, DATE),
        ({"type": "string", "format": "date-time"}, DATETIME),
        ({"type": "string", "format": "email"}, TEXT),
        ({"type": "boolean"}, BOOLEAN),
        ({"type": "null"}, NONE),
        ({"type": ["string", "null"]}, Type(Kind.TEXT, optional=True)),
        ({"type": ["integer", "number"]}, NUMBER),
        ({"type": ["string", "number"]}, ANY),
        ({"type": "string", "enum": ["a", "b"]}, one_of("a", "b")),
        ({"enum": ["a", "b"]}, one_of("a", "b")),
        ({"enum": ["a", None]}, Type(Kind.TEXT, optional=True, values=("a",))),
        ({"type": ["string", "null"], "enum": ["a"]}, one_of("a")),
        ({"enum": [1, 2.5]}, NUMBER),
        ({"enum": [Decimal("0.5")]}, NUMBER),
        ({"enum": [True]}, BOOLEAN),
        ({"enum": ["a", 1]}, ANY),
        ({"const": "a"}, one_of("a")),
        ({"type": "array", "items": {"type": "number"}}, list_of(NUMBER)),
        ({"type": "array"}, list_of(ANY)),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, Type(Kind.NUMBER, optional=True)),
        ({"oneOf": [{"type": "number"}, {"type": "string"}]}, ANY),
        ({"allOf": [{"type": "number"}]}, NUMBER),
        ({"$ref": "#/$defs/n"}, NUMBER),
        ({"$ref": "#/$defs/missing"}, ANY),
        ({"$ref": "http://example.com/n"}, ANY),
        ({}, ANY),
        (True, ANY),
        ({"type": "unheard"}, ANY),
        ({"type": 5, "enum": 3}, ANY),
    ],
)
def test_a_schema_has_this_type(schema, expected):
    assert type_in_scope(schema, **{"$defs": {"n": {"type": "number"}}}) == expected


def test_a_field_that_is_not_required_may_be_none():
    scope = scope_of({"properties": {"x": {"type": "number"}}})

    assert scope.names["x"].optional


def test_a_record_knows_its_fields_and_titles():
    schema = {"properties": {"a": {"type": "number", "title": "A"}}, "required": ["a"]}

    (field,) = type_in_scope(schema).fields

    assert (field.name, field.title, field.required, field.type) == ("a", "A", True, NUMBER)


def test_the_given_names_cannot_be_replaced():
    scope = scope_of({"properties": {name: {"type": "number"} for name in GIVEN_NAMES}})

    assert scope.names == GIVEN_NAMES


def test_names_that_no_expression_can_write_are_left_out():
    names = ["a-b", "class", "true", "_x", "__class__", "1a", "ﬁeld", "ok"]
    scope = scope_of({"properties": {name: {} for name in names}})

    assert scope.names.keys() == {"ok", *GIVEN_NAMES}


def test_a_field_may_have_the_name_of_a_function():
    scope = scope_of(
        {"properties": {"date": {"type": "string", "format": "date"}}, "required": ["date"]}
    )

    assert compile_expression("date > date('2026-01-01')", scope=scope).type == BOOLEAN


def test_more_names_can_be_given():
    scope = scope_of({}).with_names({"item": NUMBER})

    assert compile_expression("item + 1", scope=scope).type.kind is Kind.NUMBER


def test_a_schema_that_refers_to_itself_ends():
    assert type_in_scope({"$ref": "#/properties/x"}) == ANY


def test_a_schema_that_grows_when_followed_ends():
    defs = {
        f"d{n}": {"properties": {f"p{m}": {"$ref": f"#/$defs/d{n + 1}"} for m in range(10)}}
        for n in range(10)
    }

    assert type_in_scope({"$ref": "#/$defs/d0"}, **{"$defs": defs}).kind is Kind.RECORD
