"""Dates, times and durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.expressions.world import VALUES, Company, compiled, make_context, value_of
from workflows.calendars import WorkingCalendar, zone_of
from workflows.expressions import (
    DATETIME,
    DURATION,
    Duration,
    EvaluationError,
    ExpressionError,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("date('2026-02-28')", date(2026, 2, 28)),
        ("date(2026, 2, days)", date(2026, 2, 3)),
        ("start < end", True),
        ("start >= today", True),
        ("days_between(start, end)", Decimal(4)),
        ("days_between(end, start)", Decimal(-4)),
        ("start + '3 days'", date(2026, 11, 23)),
        ("start - '1 week'", date(2026, 11, 13)),
        ("start + '1 working day'", date(2026, 11, 23)),
        ("end - '2 working days'", date(2026, 11, 20)),
        ("start + ('1 day' if urgent else '2 days')", date(2026, 11, 21)),
        ("now + '90 minutes'", datetime(2026, 11, 19, 10, 30, tzinfo=UTC)),
        ("max(start, end)", date(2026, 11, 24)),
        ("asked_at > now", True),
    ],
)
def test_dates_have_this_value(source, expected):
    assert value_of(source) == expected


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2026-11-16", "2026-11-20", 5),
        ("2026-11-20", "2026-11-23", 2),
        ("2026-11-21", "2026-11-22", 0),
        ("2026-11-20", "2026-11-20", 1),
        ("2026-11-23", "2026-11-20", -2),
        ("2026-01-01", "2026-12-31", 261),
    ],
)
def test_working_days_count_both_ends(first, last, count):
    assert value_of(f"working_days_between(date('{first}'), date('{last}'))") == count


BERLIN = WorkingCalendar(zone_of("Europe/Berlin"), country="DE")


def test_working_days_follow_the_calendar_of_the_requester():
    context = make_context(directory=Company(BERLIN))
    christmas = {**VALUES, "start": date(2026, 12, 24), "end": date(2026, 12, 28)}

    found = compiled("working_days_between(start, end)").evaluate(christmas, context=context)
    moved = compiled("start + '1 working day'").evaluate(christmas, context=context)

    assert found == 2
    assert moved == date(2026, 12, 28)


def test_the_date_of_a_moment_is_the_one_where_the_requester_works():
    context = make_context(directory=Company(WorkingCalendar(zone_of("Asia/Shanghai"))))

    found = compiled("date(asked_at)").evaluate(VALUES, context=context)

    assert found == date(2026, 11, 20)


def test_today_is_the_day_where_the_requester_works():
    context = make_context(
        directory=Company(WorkingCalendar(zone_of("Pacific/Auckland"))),
        at=datetime(2026, 11, 19, 20, tzinfo=UTC),
    )

    assert compiled("today").evaluate(VALUES, context=context) == date(2026, 11, 20)


def test_days_after_now_keep_the_time_on_the_wall_where_the_requester_works():
    context = make_context(directory=Company(BERLIN), at=datetime(2027, 3, 27, 8, tzinfo=UTC))

    later = compiled("now + '1 day'").evaluate(VALUES, context=context)
    exactly = compiled("now + '24 hours'").evaluate(VALUES, context=context)

    assert later == datetime(2027, 3, 28, 7, tzinfo=UTC)
    assert exactly == datetime(2027, 3, 28, 8, tzinfo=UTC)


def test_an_expression_without_dates_does_not_ask_for_the_calendar():
    company = Company()

    compiled("amount > 100").evaluate(VALUES, context=make_context(directory=company))

    assert company.questions == 0


def test_a_date_becomes_midnight_where_a_moment_is_expected():
    assert value_of("start", DATETIME) == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("3 days", Duration(days=3)),
        ("1 day", Duration(days=1)),
        ("2 working days", Duration(working_days=2)),
        ("30 s", Duration(elapsed=timedelta(seconds=30))),
        ("4 hours", Duration(elapsed=timedelta(hours=4))),
        ("1 week", Duration(days=7)),
        ("15 minutes", Duration(elapsed=timedelta(minutes=15))),
        ("1.5 hours", Duration(elapsed=timedelta(minutes=90))),
        ("24 hours", Duration(elapsed=timedelta(hours=24))),
        ("1.5 days", Duration(days=1, elapsed=timedelta(hours=12))),
        ("4 working hours", Duration(working_time=timedelta(hours=4))),
        ("1 Working  Hour 30 working minutes", Duration(working_time=timedelta(minutes=90))),
        ("0.5 working hours", Duration(working_time=timedelta(minutes=30))),
        ("  2 Days  ", Duration(days=2)),
        ("1 day 4 hours and 30 min", Duration(days=1, elapsed=timedelta(hours=4, minutes=30))),
        ("1 working day, 2 h", Duration(elapsed=timedelta(hours=2), working_days=1)),
        ("'3 days'", Duration(days=3)),
        ("'1 day' if urgent else '1 week'", Duration(days=1)),
    ],
)
def test_a_duration_is_read_where_one_is_expected(source, expected):
    assert value_of(source, DURATION) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("3", "Of what"),
        ("days", "must be a duration"),
        ("3 dayz", "Did you mean day"),
        ("2 months", "differ in length"),
        ("1.5 working days", "whole days"),
        ("3 days -", "A duration is a number and a unit"),
        ("40000 days", "at most"),
        ("5000 working days", "at most"),
        ("9000 working hours", "at most 8000 working hours"),
        ("3 working weeks", "is not a unit of time"),
        ("'soon'", "A duration is a number and a unit"),
        ("'1 day' if urgent else 'x'", "A duration is a number and a unit"),
        ("999999999 weeks", "at most"),
    ],
)
def test_what_is_no_duration_is_told(source, message):
    with pytest.raises(ExpressionError, match=message):
        compiled(source, DURATION)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (Duration(days=1, elapsed=timedelta(hours=2)), "1 day 2 hours"),
        (Duration(elapsed=timedelta(hours=36)), "36 hours"),
        (Duration(working_time=timedelta(minutes=90)), "1 working hour 30 working minutes"),
        (Duration(working_days=2), "2 working days"),
        (Duration(), "0 seconds"),
        (Duration(elapsed=timedelta(seconds=1.5)), "1.5 seconds"),
    ],
)
def test_a_duration_reads_as_it_is_written(duration, text):
    assert str(duration) == text
    assert value_of(text, DURATION) == duration


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("end - start", "days_between"),
        ("start + 3", r'Write "3 days"'),
        ("start + '2 hours'", "no time of day"),
        ("start + '2 working hours'", "no time of day"),
        ("start > '2026-01-01'", r"Write date\('2026-01-01'\)"),
        ("start == now", r"Write date\(now\)"),
        ("days_between(start, now)", r"Write date\(now\)"),
        ("date('2026-02-31')", "is not a date"),
        ("date(2026)", "Write date"),
        ("date(2026, 1)", "Write date"),
        ("start.year", "has no fields"),
        ("'3 days'+ start", "must be text"),
    ],
)
def test_a_mistake_with_dates_names_the_way_out(source, message):
    with pytest.raises(ExpressionError, match=message):
        compiled(source)


@pytest.mark.parametrize(
    "source",
    [
        "date(comment)",
        "date(category)",
        "date(2026, 2, 30)",
        "date(2026, 1, 1.5)",
        "date(1, 1, 1) - '1 day'",
        "date(9999, 12, 31) + '1 working day'",
        "asked_at + '36000 days'",
    ],
)
def test_a_date_that_does_not_exist_is_told(source):
    with pytest.raises(EvaluationError):
        value_of(source, asked_at=datetime(9990, 1, 1, tzinfo=UTC))


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(EvaluationError, match="no time zone"):
        value_of("asked_at > now", asked_at=datetime(2026, 1, 1))  # noqa: DTZ001
