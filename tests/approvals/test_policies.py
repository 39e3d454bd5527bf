"""The company's rules, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import strategies as st

from approvals import policies
from approvals.policies import Problem
from workflows.calendars import WorkingCalendar

TODAY = date(2026, 11, 22)
dates = st.dates(min_value=date(1990, 1, 1), max_value=date(2080, 12, 31))


EVERYDAY = WorkingCalendar()
GERMAN = WorkingCalendar(country="DE")


def paths(problems: list[Problem]) -> list[str]:
    return [problem.path for problem in problems]


def leave_problems(start: date, end: date, calendar: WorkingCalendar = EVERYDAY) -> list[Problem]:
    return policies.leave_problems(start, end, today=TODAY, calendar=calendar)


def test_leave_of_holidays_only_is_refused() -> None:
    [problem] = leave_problems(date(2026, 12, 25), date(2026, 12, 27), GERMAN)
    assert "holidays" in problem.message


def test_holidays_need_no_days_of_leave() -> None:
    week = date(2026, 12, 21), date(2026, 12, 27)
    assert policies.days_problems(Decimal(4), *week, calendar=GERMAN) == []
    assert paths(policies.days_problems(Decimal(4), *week, calendar=EVERYDAY)) == ["days"]


def test_an_ordinary_week_of_leave_is_fine() -> None:
    assert leave_problems(date(2026, 12, 7), date(2026, 12, 11)) == []


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
    [problem] = leave_problems(start, end)
    assert problem.path == path
    assert words in problem.message


def test_a_whole_year_is_the_longest_leave() -> None:
    start = date(2026, 12, 7)
    assert leave_problems(start, start + timedelta(days=364)) == []


def test_fewer_days_than_the_dates_hold_are_refused() -> None:
    problems = policies.days_problems(
        Decimal(1), date(2026, 12, 7), date(2026, 12, 16), calendar=EVERYDAY
    )
    assert paths(problems) == ["days"]


def test_more_days_than_the_dates_hold_pass() -> None:
    assert (
        policies.days_problems(
            Decimal(10), date(2026, 12, 7), date(2026, 12, 16), calendar=EVERYDAY
        )
        == []
    )


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
