"""What a flow's data schema may be."""

from __future__ import annotations

import time
from typing import Any

import pytest

from workflows.data import check, check_schema

GOOD: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "amount": {"type": "number", "title": "Amount", "x-type": "decimal"},
        "date": {"type": "string", "format": "date"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
        "金额": {"type": "number"},
        "сумма": {"type": "number"},
        "code": {"type": "string", "pattern": r"^[A-Z]{2}-\d+$"},
    },
    "required": ["amount"],
    "$defs": {"line": {"type": "object", "properties": {"today": {"type": "string"}}}},
}


def with_property(schema: Any, name: str = "x") -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema}}


def test_a_usual_schema_has_no_problems():
    assert check_schema(GOOD) == []


def test_an_empty_object_has_no_problems():
    assert check_schema({"type": "object", "properties": {}}) == []


@pytest.mark.parametrize(
    ("schema", "path", "message"),
    [
        ([], "", "must be a JSON Schema of an object"),
        ({"type": "array"}, "type", "write type: object"),
        ({}, "type", "write type: object"),
        ({"type": "objekt"}, "type", "This is not JSON Schema"),
        ({"type": "object", "required": "x"}, "required", "This is not JSON Schema"),
        (
            {"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"},
            "$schema",
            "draft 2020-12",
        ),
        ({"type": "object", "$id": "http://example.com"}, "$id", "$id is not possible"),
        (with_property({"$ref": "http://example.com/x"}), "properties.x.$ref", "leads nowhere"),
        (with_property({"$ref": "file:///etc/passwd"}), "properties.x.$ref", "leads nowhere"),
        (with_property({"$ref": "#/$defs/none"}), "properties.x.$ref", "leads nowhere"),
        (with_property({"$ref": "#"}), "properties.x.$ref", "leads nowhere"),
        (with_property({"$ref": "other.json"}), "properties.x.$ref", "leads nowhere"),
        (with_property({"$dynamicRef": "#a"}), "properties.x.$dynamicRef", "not possible"),
        (with_property({"items": {"$ref": "x"}}), "properties.x.items.$ref", "leads nowhere"),
        (with_property({}, "requester"), "properties.requester", "given to every expression"),
        (with_property({}, "today"), "properties.today", "given to every expression"),
        (with_property({}, "start-date"), "properties.start-date", "use letters, digits and _"),
        (with_property({}, "_x"), "properties._x", "use letters, digits and _"),
        (with_property({}, "__class__"), "properties.__class__", "use letters, digits and _"),
        (with_property({}, ""), "properties.", "use letters, digits and _"),
        (with_property({}, "class"), "properties.class", "a word of the expression language"),
        (with_property({}, "none"), "properties.none", "a word of the expression language"),
        (with_property({}, "ａｂ"), "properties.ａｂ", 'in its plain form, "ab"'),
        (with_property({}, "аmount"), "properties.аmount", "mixes Cyrillic and Latin"),
        (with_property({}, "x\u3164"), "properties.x\u3164", "plain form"),
        (with_property({}, "x\u115f"), "properties.x\u115f", "invisible"),
        (with_property({}, "a" * 101), "properties." + "a" * 101, "more than 100"),
        (with_property({"properties": {"a b": {}}}), "properties.x.properties.a b", "use letters"),
        ({"type": "object", "properties": {"аре": {}, "ape": {}}}, "properties.ape", "looks like"),
        (with_property({"pattern": "a" * 201}), "properties.x.pattern", "at most 200 characters"),
        (with_property({"pattern": "("}), "properties.x.pattern", "not"),
        (with_property({"pattern": "(a+)+$"}), "properties.x.pattern", "inside another"),
        (with_property({"pattern": "(a|a)*$"}), "properties.x.pattern", "cannot be repeated"),
        (with_property({"pattern": "(a{0,9}){0,9}"}), "properties.x.pattern", "inside another"),
        (with_property({"pattern": "a*a*a*a*$"}), "properties.x.pattern", "at most 3 long repeats"),
        (with_property({"pattern": "a?" * 30}), "properties.x.pattern", "too many optional parts"),
        (with_property({"pattern": r"(a)\1"}), "properties.x.pattern", "a reference to a group"),
        (with_property({"pattern": "(?=a)"}), "properties.x.pattern", "(?=...)"),
        (
            with_property({"patternProperties": {"(a+)+": {}}}),
            "properties.x.patternProperties",
            "inside",
        ),
    ],
)
def test_a_bad_schema_is_told_with_the_place(schema, path, message):
    problems = check_schema(schema)

    assert path in [problem.path for problem in problems]
    assert message in " ".join(problem.message for problem in problems)


def test_a_definition_within_itself_is_refused():
    tree = {"properties": {"left": {"$ref": "#/$defs/tree"}}}
    schema = {**with_property({"$ref": "#/$defs/tree"}), "$defs": {"tree": tree}}

    assert "refers to itself" in check_schema(schema)[0].message


def test_a_definition_within_itself_that_nothing_uses_is_refused():
    defs = {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"items": {"$ref": "#/$defs/a"}}}

    assert "refers to itself" in check_schema({"type": "object", "$defs": defs})[0].message


def test_definitions_that_explode_are_refused():
    defs: dict[str, Any] = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(9)
    }
    schema = {**with_property({"$ref": "#/$defs/d0"}), "$defs": {**defs, "d9": {}}}

    assert "too often" in check_schema(schema)[0].message


def test_a_schema_without_end_is_refused():
    schema: dict[str, Any] = {"type": "object"}
    schema["properties"] = {"x": schema}

    assert "too large" in check_schema(schema)[0].message


@pytest.mark.parametrize("pattern", [r"^[^@]+@[^@]+\.[a-z]+$", r"^\d{4}-\d{2}$", "^(foo|bar)?$"])
def test_a_usual_pattern_is_accepted(pattern):
    assert check_schema(with_property({"type": "string", "pattern": pattern})) == []


@pytest.mark.parametrize(
    "pattern", ["a*a*a*$", "^a*a*a*$", "a?a?a?a?a?a?a?a?a?a*$", "^a{1,9}a{1,9}a{1,9}a*a*$"]
)
@pytest.mark.parametrize("length", [30, 60, 120, 250, 500, 20_000])
def test_no_accepted_pattern_can_be_made_to_run_long(pattern, length):
    schema = with_property({"type": "array", "items": {"type": "string", "pattern": pattern}})
    assert check_schema(schema) == []
    start = time.perf_counter()

    check(schema, {"x": ["a" * length + "b"] * min(1_000, 200_000 // length)})

    assert time.perf_counter() - start < 3


def test_nothing_is_fetched_even_where_the_schema_was_not_checked():
    schema = with_property({"$ref": "http://127.0.0.1:9/x"})

    (problem,) = check(schema, {"x": 1})

    assert "http://127.0.0.1:9/x, which is not part of it" in problem.message
