"""Lists with `for`, functions on lists, and texts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.expressions.world import compiled, value_of
from workflows.expressions import EvaluationError, ExpressionError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sum(line.amount for line in lines)", Decimal("0.3")),
        ("sum([line.amount for line in lines if line.amount > 0.1])", Decimal("0.2")),
        ("sum(line.amount for line in lines if false)", Decimal(0)),
        ("max(line.amount for line in lines)", Decimal("0.2")),
        ("min(3, days, 2)", Decimal(2)),
        ("max('a', 'c', 'b')", "c"),
        ("any(line.amount > 0.1 for line in lines)", True),
        ("all(line.amount > 0.1 for line in lines)", False),
        ("any(exists(line.note) for line in lines)", True),
        ("len(lines)", Decimal(2)),
        ("len('请假')", Decimal(2)),
        ("lines[1].amount", Decimal("0.2")),
        ("lines[-1]['note']", "taxi"),
        ("[1, 2, 3][0]", Decimal(1)),
        ("sum([1, 2]) + sum([])", Decimal(3)),
        ("sum(n for n in [1, 2]) + sum(m for m in [3])", Decimal(6)),
        ("len([tag for tag in tags if starts_with(tag, 'b')])", Decimal(1)),
        ("lower('ÄB') + upper('c')", "äbC"),
        ("starts_with(category, 'tra')", True),
        ("'rejected: ' + category", "rejected: travel"),
    ],
)
def test_lists_and_texts_have_this_value(source, expected):
    assert value_of(source) == expected


@pytest.mark.parametrize("source", ["min([])", "max(x for x in tags if false)"])
def test_the_smallest_of_nothing_is_told(source):
    with pytest.raises(EvaluationError, match="empty list"):
        value_of(source)


@pytest.mark.parametrize(
    "source",
    [
        "sum(x.amount for line in lines for x in lines)",
        "[[x for x in tags] for y in tags]",
        "sum(len([x for x in tags]) for y in tags)",
        "[x for x in [y for y in tags]]",
        "[x for x in tags if true if true]",
        "[x for x, y in tags]",
        "[x for amount in tags]",
        "[true for true in tags]",
        "[_x for _x in tags]",
        "{x for x in tags}",
        "{x: 1 for x in tags}",
        "[x async for x in tags]",
    ],
)
def test_only_one_plain_for_is_possible(source):
    with pytest.raises(ExpressionError):
        compiled(source)


def test_the_name_of_a_for_ends_with_it():
    with pytest.raises(ExpressionError, match='"line" is not a field'):
        compiled("sum(line.amount for line in lines) > line")


def test_an_element_of_the_wrong_type_is_told():
    with pytest.raises(EvaluationError, match="must be a number"):
        value_of("sum(line.amount for line in lines)", lines=[{"amount": "x"}])


def test_a_list_of_mixed_unknown_values_has_no_smallest():
    with pytest.raises(EvaluationError, match="different kinds"):
        value_of("min(answer['codes'])")
