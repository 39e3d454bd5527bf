"""Numbers are exact, and stay small."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.expressions.world import compiled, value_of
from workflows.expressions import EvaluationError, ExpressionError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0.1 + 0.2", "0.3"),
        ("0.1 + 0.2 == 0.3", True),
        ("9007199254740993 == 9007199254740992", False),
        ("1.005 * 100", "100.5"),
        ("1e3", "1000"),
        (".5 + 5.", "5.5"),
        ("10 / 4", "2.5"),
        ("7 // 2", "3"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7 % -3", "-2"),
        ("5.5 % 2", "1.5"),
        ("2 - -3", "5"),
        ("+3", "3"),
        ("-(1 + 2)", "-3"),
        ("2 + 3 * 4", "14"),
        ("abs(-2.5)", "2.5"),
        ("amount", "1000.10"),
        ("amount * 2 + days", "2003.20"),
        ("金额 * 2", "10"),
    ],
)
def test_arithmetic_is_exact(source, expected):
    wanted = expected if isinstance(expected, bool) else Decimal(expected)

    assert value_of(source) == wanted


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 2)", "1.01"),
        ("round(1234, -2)", "1200"),
        ("round(1.25, places=1)", "1.3"),
    ],
)
def test_rounding_is_the_one_of_money(source, expected):
    assert value_of(source) == Decimal(expected)


@pytest.mark.parametrize("source", ["1 / 0", "0 / 0", "1 // 0", "5 % 0", "amount / (days - 3)"])
def test_division_by_zero_is_told(source):
    with pytest.raises(EvaluationError, match="Division by zero"):
        value_of(source)


def test_a_third_has_34_digits():
    assert value_of("1 / 3") == Decimal("0." + "3" * 34)


@pytest.mark.parametrize("source", ["9e6144 * 10", "1e6144 // 1", "1e6000 % 7", "9e6000 * 9e6000"])
def test_a_result_that_is_too_large_is_told(source):
    with pytest.raises(EvaluationError, match="too many digits"):
        value_of(source)


@pytest.mark.parametrize(
    "source", ["1e999999999", "1e6145", "1e-7000", "9" * 35, "0." + "1" * 35, "1" * 1999]
)
def test_a_literal_that_is_too_large_is_refused(source):
    with pytest.raises(ExpressionError, match="too large or has too many digits"):
        compiled(source)


@pytest.mark.parametrize("source", ["0x10", "0b1", "0o7", "1_000", "1j", "１２"])
def test_only_plain_digits_make_a_number(source):
    with pytest.raises(ExpressionError):
        compiled(source)


@pytest.mark.parametrize("value", [1000, 1000.0, Decimal("1E+3")])
def test_a_number_of_the_data_may_be_of_any_kind(value):
    assert value_of("amount == 1000", amount=value) is True


def test_a_float_of_the_data_means_what_it_shows():
    assert value_of("amount == 0.1", amount=0.1) is True


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("sNaN"),
        Decimal("1e999999999"),
        10**999,
        Decimal("9" * 40),
    ],
)
def test_a_number_of_the_data_that_is_no_bounded_number_is_refused(value):
    with pytest.raises(EvaluationError):
        value_of("amount <= 1000", amount=value)


@pytest.mark.parametrize("source", ["round(1, 0.5)", "round(1, 99)", "round(1e6000, 20)"])
def test_rounding_to_impossible_places_is_told(source):
    with pytest.raises(EvaluationError):
        value_of(source)
