"""The cells into which guards split data: together all data, and in each one answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.strategies import many
from tests.expressions.world import make_context
from workflows import data as case_data
from workflows.expressions import BOOLEAN, EvaluationError, Expression, compile_expression, scope_of
from workflows.expressions.ranges import Case, Cell, CellKind, Dimension, Partition, cases_of
from workflows.expressions.ranges.domains import to_fraction

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 5000},
        "days": {"type": "integer", "minimum": 1},
        "score": {"type": "number"},
        "category": {"type": "string", "enum": ["travel", "meals", "other", "rent"]},
        "note": {"type": "string"},
        "urgent": {"type": "boolean"},
        "start": {"type": "string", "format": "date"},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "floor": {"type": "integer"}},
            "required": ["city"],
        },
    },
    "required": ["amount", "days", "category", "start"],
}
SCOPE = scope_of(SCHEMA)

_comparators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_constants = st.sampled_from(["0", "1", "2.5", "3", "10", "999.99", "1000", "-4", "6000"])
_numbers = st.sampled_from(["amount", "days", "score", "amount * 2", "days + 1", "10 - amount"])
_days = st.sampled_from(['date("2026-01-01")', 'date("2026-06-30")'])
_atoms = st.one_of(
    st.builds(lambda a, op, c: f"{a} {op} {c}", _numbers, _comparators, _constants),
    st.builds(lambda c, op, a: f"{c} {op} {a}", _constants, _comparators, _numbers),
    st.builds(lambda op, c: f"start {op} {c}", _comparators, _days),
    st.sampled_from(
        [
            "category == 'travel'",
            "category in ['meals', 'rent']",
            "note == 'a'",
            "note != none",
            "exists(note)",
            "note not in ['a', 'b']",
            "urgent",
            "exists(urgent) and urgent",
            "exists(address)",
            "exists(address) and address.city == 'Rome'",
            "address.floor > 2",
            "true",
        ]
    ),
)
guards = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a}) and ({b})", inner, inner),
        st.builds(lambda a, b: f"({a}) or ({b})", inner, inner),
        st.builds(lambda a: f"not ({a})", inner),
    ),
    max_leaves=4,
)
_amounts = st.sampled_from(["0.01", "1", "2.5", "5", "9.99", "10", "500", "999.99", "1000", "5000"])
records = st.fixed_dictionaries(
    {
        "amount": st.one_of(_amounts.map(Decimal), st.decimals("0.01", "5000", places=2)),
        "days": st.integers(1, 1001).map(Decimal),
        "category": st.sampled_from(["travel", "meals", "other", "rent"]),
        "start": st.one_of(
            st.sampled_from([date(2026, 1, 1), date(2026, 6, 30)]),
            st.integers(-400, 400).map(lambda n: date(2026, 3, 1) + timedelta(days=n)),
        ),
    },
    optional={
        "score": st.one_of(_amounts.map(Decimal), st.decimals("-10", "7000", places=1)),
        "note": st.sampled_from(["a", "b", "c", ""]),
        "urgent": st.booleans(),
        "address": st.fixed_dictionaries(
            {"city": st.sampled_from(["Rome", "Oslo"])},
            optional={"floor": st.integers(0, 5).map(Decimal)},
        ),
    },
)


def compiled(source: str) -> Expression:
    return compile_expression(source, scope=SCOPE, expected=BOOLEAN)


def split(*sources: str) -> Partition:
    return Partition([compiled(source) for source in sources], SCHEMA)


def answer(source: str, values: Mapping[str, Any]) -> bool | None:
    try:
        return compiled(source).evaluate(values, context=make_context()) is True
    except EvaluationError:
        return None


def holds(dimension: Dimension, cell: Cell, values: Mapping[str, Any]) -> bool:
    """Say whether the data lie in a cell, by its bounds alone."""
    value: Any = values
    for name in dimension.key.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if cell.kind is CellKind.EMPTY or value is None:
        return cell.kind is CellKind.EMPTY and value is None
    if cell.kind is CellKind.PRESENT:
        return True
    if cell.kind is CellKind.VALUE:
        return bool(value == cell.sample)
    if cell.kind is CellKind.OTHER:
        return not any(value == c.sample for c in dimension.cells if c.kind is CellKind.VALUE)
    number = value.toordinal() if isinstance(value, date) else to_fraction(value)
    above = cell.low is None or number > cell.low or (cell.has_low and number == cell.low)
    below = cell.high is None or number < cell.high or (cell.has_high and number == cell.high)
    return above and below


def cases_with(partition: Partition, values: Mapping[str, Any]) -> list[Case]:
    return [
        case
        for case in cases_of(partition).found
        if all(holds(partition.dimensions[key], cell, values) for key, cell in case.cells.items())
    ]


@many(200)
@given(st.lists(guards, min_size=1, max_size=3), records)
def test_all_data_lie_in_one_case_which_tells_what_the_guards_say(sources, values):
    assert case_data.check(SCHEMA, values) == []
    partition = split(*sources)

    found = cases_with(partition, values)

    assert len(found) == 1
    assert found[0].results == tuple(answer(source, values) for source in sources)


def samples(*sources: str) -> list[object]:
    """Return the samples of the only dimension."""
    (dimension,) = split(*sources).dimensions.values()
    return [cell.sample for cell in dimension.cells]


def test_a_boundary_is_a_cell_of_its_own_between_two_open_ones():
    below, at, above = split("amount < 1000").dimensions["amount"].cells

    assert at.is_point
    assert at.sample == 1000
    assert 0 < below.sample < 1000 < above.sample <= 5000


def test_values_that_the_schema_excludes_are_in_no_cell():
    assert samples("amount > -4", "amount < 6000") == [Decimal(1)]


def test_between_two_neighbouring_whole_numbers_there_is_nothing():
    assert samples("days > 3 and days < 4") == [1, 3, 4, 5]


def test_a_whole_field_has_no_value_at_a_boundary_with_decimals():
    assert samples("days > 2.5") == [1, 3]


def test_between_two_neighbouring_days_there_is_nothing():
    cells = split('start > date("2026-01-01") and start < date("2026-01-02")').dimensions["start"]
    assert len(cells.cells) == 4


def test_a_factor_moves_the_boundary_of_the_field():
    cells = split("amount * 4 > 10").dimensions["amount"].cells
    assert [cell.sample for cell in cells if cell.is_point] == [Decimal("2.5")]


def test_values_of_an_enum_that_no_guard_names_are_one_cell():
    assert samples("category == 'travel'") == ["travel", "meals"]


def test_a_multiple_keeps_the_samples_on_its_grid():
    schema = {
        "type": "object",
        "properties": {"n": {"type": "number", "multipleOf": Decimal("0.5")}},
    }
    guard = compile_expression("n > 1 and n < 1.5", scope=scope_of(schema), expected=BOOLEAN)
    cells = Partition([guard], schema).dimensions["n"].cells
    assert [c.sample for c in cells if c.sample is not None] == [
        Decimal("0.5"),
        1,
        Decimal("1.5"),
        2,
    ]


def test_two_fields_that_are_compared_lie_in_three_ways():
    cases = cases_of(split("amount < days", "days <= amount")).found
    assert [case.results for case in cases] == [(True, False), (False, True), (False, True)]


@pytest.mark.parametrize("source", ["len(note) > 3", "lower(note) == 'a'", "score * amount > 5"])
def test_what_is_computed_from_an_empty_field_fails(source):
    cases = cases_of(split(source)).found
    empty = [c for c in cases if any(cell.kind is CellKind.EMPTY for cell in c.cells.values())]
    assert [case.results for case in empty] == [(None,)]


def test_what_is_computed_never_fails_where_its_field_is_known_to_exist():
    cases = cases_of(split("exists(note) and len(note) > 3")).found
    assert all(case.results[0] is not None for case in cases)


def test_who_somebody_is_may_be_true_or_false():
    cases = cases_of(split("requester in group('finance')")).found
    assert {case.results for case in cases} == {(True,), (False,)}


def test_only_what_a_guard_reads_is_split():
    assert len(cases_of(split("category == 'travel' or amount > 10")).found) == 4


def test_more_cases_than_allowed_are_told_as_incomplete():
    cases = cases_of(split("amount > 1 and amount > 2 and amount > 3"), at_most=3)
    assert not cases.is_complete
