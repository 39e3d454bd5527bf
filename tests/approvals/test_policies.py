"""The company's rules, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import policies
from approvals.policies import Problem

TODAY = date(2026, 11, 22)
dates = st.dates(min_value=date(1990, 1, 1), max_value=date(2080, 12, 31))


@given(start=dates, length=st.integers(min_value=0, max_value=800))
def test_working_days_are_the_days_that_are_no_weekend(start: date, length: int) -> None:
    days = [start + timedelta(days=offset) for offset in range(length)]
    counted = policies.working_days(start, start + timedelta(days=length - 1))
    assert counted == sum(day.weekday() < 5 for day in days)


@given(start=dates, middle=st.integers(0, 300), rest=st.integers(1, 300))
def test_working_days_of_two_parts_add_up(start: date, middle: int, rest: int) -> None:
    cut, end = start + timedelta(days=middle), start + timedelta(days=middle + rest)
    whole = policies.working_days(start, end)
    parts = policies.working_days(start, cut) + policies.working_days(cut + timedelta(days=1), end)
    assert whole == parts


def test_from_monday_to_the_wednesday_after_next_are_eight_working_days() -> None:
    assert policies.working_days(date(2026, 12, 7), date(2026, 12, 16)) == 8


def paths(problems: list[Problem]) -> list[str]:
    return [problem.path for problem in problems]


def test_an_ordinary_week_of_leave_is_fine() -> None:
    assert policies.leave_problems(date(2026, 12, 7), date(2026, 12, 11), today=TODAY) == []


@pytest.mark.parametrize(
    ("start", "end", "path", "words"),
    [
        (date(2026, 12, 8), date(2026, 12, 7), "end", "before the first day"),
        (date(2026, 12, 5), date(2026, 12, 6), "end", "weekend"),
        (date(2026, 12, 7), date(2027, 12, 7), "end", "365 days"),
        (date(2025, 11, 3), date(2025, 11, 4), "start", "year back"),
        (date(2029, 1, 1), date(2029, 1, 2), "start", "two years ahead"),
    ],
)
def test_dates_that_cannot_be_meant_are_refused(
    start: date, end: date, path: str, words: str
) -> None:
    [problem] = policies.leave_problems(start, end, today=TODAY)
    assert problem.path == path
    assert words in problem.message


def test_a_whole_year_is_the_longest_leave() -> None:
    start = date(2026, 12, 7)
    assert policies.leave_problems(start, start + timedelta(days=364), today=TODAY) == []


def test_fewer_days_than_the_dates_hold_are_refused() -> None:
    problems = policies.days_problems(Decimal(1), date(2026, 12, 7), date(2026, 12, 16))
    assert paths(problems) == ["days"]


def test_more_days_than_the_dates_hold_pass() -> None:
    assert policies.days_problems(Decimal(10), date(2026, 12, 7), date(2026, 12, 16)) == []


def test_a_claim_needs_a_line() -> None:
    assert paths(policies.expense_problems([], currency="EUR", today=TODAY)) == ["lines"]


def test_a_claim_has_at_most_a_hundred_lines() -> None:
    lines = [(TODAY, Decimal(1))] * 101
    assert paths(policies.expense_problems(lines, currency="EUR", today=TODAY)) == ["lines"]


def test_the_problem_of_a_line_names_the_line() -> None:
    lines = [(TODAY, Decimal("9.99")), (date(2206, 11, 1), Decimal("-1"))]
    found = paths(policies.expense_problems(lines, currency="EUR", today=TODAY))
    assert found == ["lines.1.date", "lines.1.amount"]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0", "EUR"), ("-5", "EUR"), ("1.005", "EUR"), ("10000000000", "EUR"), ("1.50", "JPY")],
)
def test_an_amount_that_is_no_money_is_refused(amount: str, currency: str) -> None:
    found = policies.amount_problems(Decimal(amount), currency=currency, path="amount")
    assert paths(found) == ["amount"]


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.01", "EUR"), ("9999999999.99", "EUR"), ("5", "JPY")]
)
def test_an_amount_within_the_limits_passes(amount: str, currency: str) -> None:
    assert policies.amount_problems(Decimal(amount), currency=currency, path="amount") == []


def test_a_total_below_its_lines_is_refused() -> None:
    problems = policies.total_problems(Decimal(900), [Decimal(600), Decimal("600.5")])
    assert problems == [Problem("total", "The lines add up to 1,200.5, not 900.")]
