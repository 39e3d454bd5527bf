"""The moments of something that repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from workflows.expressions.durations import Duration
from workflows.expressions.errors import EvaluationError

if TYPE_CHECKING:
    from workflows.calendars.calendar import WorkingCalendar

MOST_STEPS = 10_000
"""So many moments of a mixed interval are counted one by one; beyond them the phase is given up."""


def following(
    calendar: WorkingCalendar, first: datetime, interval: Duration, after: datetime
) -> datetime:
    """See `WorkingCalendar.following`."""
    first, after = first.astimezone(UTC), after.astimezone(UTC)
    if not interval:
        raise EvaluationError("A repeat needs an interval that is longer than nothing.")
    if first > after:
        return first
    if interval == Duration(working_days=interval.working_days):
        return _by_working_days(calendar, first, interval, after)
    if interval == Duration(working_time=interval.working_time):
        return _by_working_time(calendar, first, interval.working_time, after)
    if interval.is_of_the_clock:
        return _by_the_clock(calendar, first, interval, after)
    return _one_by_one(calendar, first, interval, after)


def _by_the_clock(
    calendar: WorkingCalendar, first: datetime, interval: Duration, after: datetime
) -> datetime:
    passed = (after - first) // interval.span
    # No zone is ever more than a day ahead of itself: two days earlier is early enough.
    for times in count(max(0, passed - 2) if interval.days else passed):
        moment = calendar.days_later(first, times * interval.days) + times * interval.elapsed
        if moment > after:
            return moment
    raise AssertionError  # `count` never ends


def _by_working_days(
    calendar: WorkingCalendar, first: datetime, interval: Duration, after: datetime
) -> datetime:
    day, at = calendar.working_day_of(first)
    moment = first
    while moment <= after:
        day = calendar.shift_date(day, interval)
        moment = calendar.first_moment(day, at)
    return moment


def _by_working_time(
    calendar: WorkingCalendar, first: datetime, interval: timedelta, after: datetime
) -> datetime:
    worked = timedelta()
    for start, end in calendar.spans_from(first):
        if start >= after:
            break
        worked += min(end, after) - max(start, first)
    times = worked // interval + 1
    return calendar.after(first, Duration(working_time=times * interval))


def _one_by_one(
    calendar: WorkingCalendar, first: datetime, interval: Duration, after: datetime
) -> datetime:
    moment = first
    for _ in range(MOST_STEPS):
        moment = calendar.after(moment, interval)
        if moment > after:
            return moment
    return calendar.after(after, interval)
