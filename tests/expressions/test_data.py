"""Case data: read by its schema, written without losing a digit, checked in plain words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.strategies import many
from workflows.data import canonical, check, read, to_json, write
from workflows.errors import InvalidData

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "title": "Amount", "x-type": "decimal", "minimum": 0.1},
        "price": {"type": "string", "x-type": "decimal"},
        "days": {"type": "integer", "title": "Days", "maximum": 100},
        "category": {"type": "string", "title": "Category", "enum": ["travel", "meals"]},
        "comment": {"type": "string", "title": "Comment", "minLength": 2, "maxLength": 10},
        "note": {"type": ["string", "null"], "title": "Note"},
        "urgent": {"type": "boolean", "title": "Urgent"},
        "start": {"type": "string", "format": "date", "title": "First day"},
        "at": {"type": "string", "format": "date-time", "title": "At"},
        "mail": {"type": "string", "format": "email", "title": "Mail"},
        "code": {"type": "string", "pattern": "^[A-Z]+$", "title": "Code"},
        "initials": {"type": "string", "pattern": "[A-Z]*[a-z]*[0-9]*$"},
        "step": {"type": "number", "multipleOf": 0.01, "title": "Step"},
        "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 3},
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {
                "type": "object",
                "properties": {
                    "amount": {"type": "number", "title": "Amount"},
                    "day": {"type": "string", "format": "date"},
                },
                "required": ["amount"],
                "additionalProperties": False,
            },
        },
        "day_or_none": {"enum": ["2026-01-01", None]},
        "free": {},
    },
    "required": ["amount"],
}


def problems_of(**values: Any) -> list[tuple[str, str]]:
    return [(p.path, p.message) for p in check(SCHEMA, {"amount": 5, **values})]


@pytest.mark.parametrize(
    ("raw", "typed"),
    [
        ({"amount": 5}, {"amount": Decimal(5)}),
        ({"amount": 0.1}, {"amount": Decimal("0.1")}),
        ({"amount": "0.10"}, {"amount": Decimal("0.10")}),
        ({"amount": "9007199254740993"}, {"amount": Decimal("9007199254740993")}),
        ({"amount": "-1.5e3"}, {"amount": Decimal(-1500)}),
        ({"price": "12.50"}, {"price": Decimal("12.50")}),
        ({"start": "2026-02-28"}, {"start": date(2026, 2, 28)}),
        ({"at": "2026-02-28T10:00:00Z"}, {"at": datetime(2026, 2, 28, 10, tzinfo=UTC)}),
        (
            {"at": "2026-02-28 10:00+08:00"},
            {"at": datetime(2026, 2, 28, 10, tzinfo=timezone(timedelta(hours=8)))},
        ),
        (
            {"lines": [{"amount": 1, "day": "2026-01-01"}]},
            {"lines": [{"amount": Decimal(1), "day": date(2026, 1, 1)}]},
        ),
        ({"comment": "5"}, {"comment": "5"}),
        ({"category": "2026-01-01"}, {"category": "2026-01-01"}),
        ({"free": {"a": [1, "2"]}}, {"free": {"a": [Decimal(1), "2"]}}),
        ({"unknown": 1}, {"unknown": Decimal(1)}),
        ({"amount": None, "urgent": True}, {"amount": None, "urgent": True}),
    ],
)
def test_data_is_read_by_its_schema(raw, typed):
    assert read(SCHEMA, raw) == typed
    assert read(SCHEMA, typed) == typed


@pytest.mark.parametrize(
    "raw",
    [
        {"amount": "abc"},
        {"amount": "١"},
        {"amount": "1_000"},
        {"amount": " 1"},
        {"amount": "NaN"},
        {"amount": "1e99999"},
        {"amount": "9" * 40},
        {"amount": True},
        {"start": "2026-02-30"},
        {"start": "20260228"},
        {"start": "2026-W01-1"},
        {"at": "2026-02-28T10:00:00"},
        {"at": "2026-02-28"},
        {"lines": "x"},
        {"tags": 5},
        {"lines": {"amount": "x"}},
    ],
)
def test_what_is_not_of_its_type_stays_and_is_told(raw):
    assert read(SCHEMA, raw) == raw
    assert check(SCHEMA, {"amount": 5, **raw}) != []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("10"), 10),
        (Decimal("10.00"), 10),
        (Decimal("10.50"), 10.5),
        (Decimal("0.1"), 0.1),
        (Decimal("-0"), 0),
        (Decimal("1E+3"), 1000),
        (Decimal("1E+20"), 1e20),
        (Decimal("9007199254740993"), "9007199254740993"),
        (Decimal("0.1000000000000000001"), "0.1000000000000000001"),
        (9007199254740993, "9007199254740993"),
        (True, True),
        (None, None),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, tzinfo=UTC), "2026-01-02T03:00:00+00:00"),
        ((1, 2), [1, 2]),
    ],
)
def test_a_value_is_written_as_json_can_hold_it(value, written):
    found = write({"x": value})["x"]

    assert found == written
    assert type(found) is type(written)


def test_a_number_is_written_as_a_number_only_if_every_reader_gets_it_exactly():
    text = json.dumps(write({"a": Decimal("0.30"), "b": Decimal("0.1234567890123456789")}))

    assert text == '{"a": 0.3, "b": "0.1234567890123456789"}'


@pytest.mark.parametrize("value", [object(), {1: 2}, {1}, b"x"])
def test_a_value_that_no_case_can_hold_is_refused(value):
    with pytest.raises(TypeError):
        write({"x": value})
    assert check({}, {"x": value}) != []


def test_data_that_is_nested_too_deeply_is_refused():
    endless: dict[str, Any] = {}
    endless["x"] = endless

    with pytest.raises(InvalidData):
        to_json(endless)
    assert "nested too deeply" in check({}, endless)[0].message


def test_equal_values_have_one_canonical_text():
    typed = {"b": Decimal("1.50"), "a": [date(2026, 1, 1)], "ü": "请"}
    text = canonical(typed)

    assert text == '{"a":["2026-01-01"],"b":1.5,"\\u00fc":"\\u8bf7"}'
    assert canonical(write(typed)) == text
    assert canonical(json.loads(text, parse_float=Decimal)) == text


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"amount": "abc"}, "amount", "Amount: 'abc' is not a number"),
        ({"amount": None}, "amount", "Amount is missing"),
        ({"amount": 0.05}, "amount", "Amount: must be at least 0.1"),
        ({"amount": True}, "amount", "Amount: true is not a number"),
        (
            {"amount": float("nan")},
            "amount",
            "Amount: the number is not finite, or has more than 34 digits",
        ),
        ({"days": 1.5}, "days", "Days: 1.5 is not a whole number"),
        ({"days": 101}, "days", "Days: must be at most 100"),
        ({"category": "fun"}, "category", "Category: 'fun' is not one of travel, meals"),
        ({"comment": 5}, "comment", "Comment: 5 is not text"),
        ({"comment": "a"}, "comment", "Comment: must have at least 2 characters"),
        ({"comment": "a" * 11}, "comment", "Comment: can have at most 10 characters"),
        ({"urgent": "yes"}, "urgent", "Urgent: 'yes' is not true or false"),
        ({"start": "soon"}, "start", "First day: 'soon' is not a date (as 2026-12-31)"),
        (
            {"at": "2026-01-01T10:00"},
            "at",
            "At: '2026-01-01T10:00' is not a date with a time and its time zone "
            "(as 2026-12-31T09:00:00Z)",
        ),
        ({"mail": "x"}, "mail", "Mail: 'x' is not an e-mail address"),
        ({"code": "a1"}, "code", "Code: 'a1' does not have the expected form"),
        (
            {"initials": "A" * 500},
            "initials",
            "Initials: the text is too long to be checked for its form",
        ),
        ({"step": "0.005"}, "step", "Step: must be a multiple of 0.01"),
        ({"tags": ["a", "a"]}, "tags", "Tags: the same entry stands there twice"),
        ({"tags": list("abcd")}, "tags", "Tags: can have at most 3 rows"),
        ({"lines": [{"amount": 1}, {}]}, "lines.1.amount", "Lines, row 2, Amount is missing"),
        (
            {"lines": [{"amount": "x"}]},
            "lines.0.amount",
            "Lines, row 1, Amount: 'x' is not a number",
        ),
        ({"lines": [{"amount": 1, "z": 1}]}, "lines.0", "Lines, row 1: there is no field z"),
        ({"free": "a\x00"}, "free", "Free: the text holds a character that cannot be kept"),
        (
            {"free": ["\ud800"]},
            "free.0",
            "Free, row 1: the text holds a character that cannot be kept",
        ),
        ({"free": "a" * 300_000}, "", "The data takes 292 KB; at most 256 KB can be kept."),
        ({"free": [[] for _ in range(3)]}, None, None),
    ],
)
def test_a_problem_is_told_with_the_fields_title(values, path, message):
    assert problems_of(**values) == ([] if path is None else [(path, message)])


def test_a_missing_field_is_told():
    assert [str(problem) for problem in check(SCHEMA, {})] == ["Amount is missing"]


@pytest.mark.parametrize(
    "values",
    [
        {"comment": None, "days": None, "start": None, "lines": None},
        {"note": None},
        {"step": Decimal("0.07")},
        {"amount": Decimal("0.1")},
        {"days": Decimal("5.0")},
        {"start": date(2026, 1, 1), "at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"day_or_none": None},
        {"day_or_none": "2026-01-01"},
        {"unknown": "field"},
        {"amount": "12345678901234567890.12"},
        {"step": Decimal("1e6000")},
    ],
)
def test_good_data_has_no_problems(values):
    assert problems_of(**values) == []


@pytest.mark.parametrize(
    "values",
    [
        {"start": datetime(2026, 1, 1, tzinfo=UTC)},
        {"at": date(2026, 1, 1)},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
)
def test_a_date_is_not_a_moment(values):
    assert len(problems_of(**values)) == 1


def test_a_required_field_may_be_none_where_the_schema_says_so():
    schema = {"properties": {"x": {"type": ["string", "null"]}}, "required": ["x"]}

    assert check(schema, {"x": None}) == []
    assert [str(problem) for problem in check(schema, {})] == ["X is missing"]


def test_problems_come_in_the_order_of_the_fields():
    found = problems_of(urgent=1, days="x", comment=5)

    assert [path for path, _ in found] == ["days", "comment", "urgent"]


def test_a_flood_of_problems_is_cut():
    assert len(problems_of(lines=[{}] * 500)) == 50


def test_a_list_of_many_records_is_compared_quickly():
    schema = {"properties": {"x": {"type": "array", "uniqueItems": True}}}

    assert check(schema, {"x": [{"n": n} for n in range(10_000)]}) == []


def test_one_is_not_true_in_a_unique_list():
    schema = {"properties": {"x": {"type": "array", "uniqueItems": True}}}

    assert check(schema, {"x": [1, True, "1"]}) == []
    assert len(check(schema, {"x": [1, Decimal("1.0")]})) == 1


numbers = st.one_of(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**20), max_value=10**20
    ),
    st.integers(-(10**33), 10**33).map(Decimal),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: Decimal(repr(x))),
    st.builds(lambda n, e: Decimal((0, (n,), e)), st.integers(1, 9), st.integers(-6000, 6000)),
)
moments = st.datetimes(
    timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
typed_data = st.fixed_dictionaries(
    {"amount": numbers},
    optional={
        "price": numbers,
        "start": st.dates(),
        "at": moments,
        "urgent": st.booleans(),
        "comment": storable,
        "tags": st.lists(storable, max_size=3),
        "lines": st.lists(
            st.fixed_dictionaries({"amount": numbers}, optional={"day": st.dates()}), max_size=3
        ),
        "note": st.none() | storable,
    },
)


@many(150)
@given(typed_data)
def test_what_is_written_is_read_back(values):
    text = json.dumps(write(values))

    assert read(SCHEMA, json.loads(text)) == values
    assert read(SCHEMA, json.loads(text, parse_float=Decimal)) == values


@many(100)
@given(typed_data)
def test_the_canonical_text_does_not_change_on_the_way_through_json(values):
    text = canonical(values)

    assert canonical(read(SCHEMA, json.loads(text))) == text
    assert canonical(json.loads(json.dumps(write(values)))) == text


weird = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@many(150)
@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "other"]), weird))
def test_any_data_is_checked_without_an_error(values):
    problems = check(SCHEMA, values)

    assert all(problem.message for problem in problems)
    assert isinstance(to_json(values), dict)
    if not problems:
        assert json.loads(json.dumps(write(values))) == write(values)
