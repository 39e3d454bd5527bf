"""Conditions: comparisons, `and or not`, `in`, `if else`, and what none does to them."""

from __future__ import annotations

import pytest

from tests.expressions.world import compiled, value_of
from workflows.expressions import BOOLEAN, EvaluationError, ExpressionError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amount > 1000", True),
        ("amount <= 1000", False),
        ("0 < days <= 3", True),
        ("0 < days < 3 < 9", False),
        ("1 < 2 != 3", True),
        ("urgent", True),
        ("not urgent", False),
        ("urgent and days == 3", True),
        ("false or days == 4", False),
        ("True == true", True),
        ("none == None", True),
        ("category == 'travel'", True),
        ("category in ['travel', 'meals']", True),
        ("category not in ['travel', 'meals']", False),
        ("days in [1, 2.0, 3.00]", True),
        ("'new' in tags", True),
        ("'rav' in category", True),
        ("start in [date('2026-11-20')]", True),
        ("'high' if amount > 5000 else 'low'", "low"),
        ("business_key == 'L-7'", True),
        ("tags == ['new', 'big']", True),
        ("tags != ['new']", True),
        ("lines[0] == lines[1]", False),
        ("lines[1] == lines[-1]", True),
    ],
)
def test_a_condition_has_this_value(source, expected):
    assert value_of(source) == expected


def test_what_comes_after_a_decided_and_is_not_evaluated():
    assert value_of("days != 0 and 10 / days > 3", days=0) is False


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("comment == none", True),
        ("comment != 'x'", True),
        ("exists(comment)", False),
        ("exists(amount)", True),
        ("exists(address.city)", False),
        ("exists(lines[5].note)", False),
        ("exists(lines[1].note)", True),
        ("exists(answer['status'])", True),
        ("exists(answer['nothing']['more'])", False),
        ("exists(comment) and len(comment) > 3", False),
        ("comment == none or len(comment) > 3", True),
        ("comment in ['a', none]", True),
    ],
)
def test_none_can_be_asked_for(source, expected):
    assert value_of(source) is expected


@pytest.mark.parametrize(
    "source",
    ["comment < 'b'", "len(comment) > 1", "score + 1", "address.city == 'x'", "lower(comment)"],
)
def test_none_where_a_value_is_needed_is_told_by_name(source):
    with pytest.raises(EvaluationError, match=r"(comment|score|address) is empty here"):
        value_of(source)


def test_a_guard_on_none_fails_and_is_never_true():
    guard = compiled("score", expected=None)
    assert guard.type.optional

    with pytest.raises(ExpressionError):
        compiled("score", BOOLEAN)


def test_a_value_of_a_field_that_is_of_another_type_is_told():
    with pytest.raises(EvaluationError, match="amount is text here, but must be a number"):
        value_of("amount > 5", amount="many")


def test_true_is_not_the_number_one():
    assert value_of("answer == 1", answer=True) is False


def test_a_number_in_unknown_data_is_compared_by_value():
    assert value_of("answer['codes'][1] == 2.5") is True


@pytest.mark.parametrize(
    "source",
    ["answer < 5", "answer['codes'][2] + 1", "answer['codes'][0] < 'a'", "answer and true"],
)
def test_unknown_data_is_checked_when_it_is_used(source):
    with pytest.raises(EvaluationError):
        value_of(source)


@pytest.mark.parametrize("source", ["lines[2]", "lines[-3]", "lines[0.5]", "tags[1e30]"])
def test_an_element_that_is_not_there_is_told(source):
    with pytest.raises(EvaluationError):
        value_of(source)


def test_lines_may_be_broken_anywhere():
    assert value_of("\n  amount > 1\n  and\r\n\tdays == 3\n") is True
