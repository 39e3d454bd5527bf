"""Durations: `3 days`, `2 working days`, `1 hour 30 minutes`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from workflows.expressions.errors import EvaluationError, ExpressionError

MAX_DAYS = 36_525
MAX_WORKING_DAYS = 1_000

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_SHORT = {"s": "second", "sec": "second", "secs": "second", "min": "minute", "mins": "minute"}
_SHORT |= {"h": "hour", "d": "day", "w": "week"}
_UNITS = {unit + plural: unit for unit in _SECONDS for plural in ("", "s")} | _SHORT
_PART = re.compile(
    r"\s*(?P<count>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(?P<unit>[^\W\d_]+(?:\s+days?\b)?)"
)
_JOINT = re.compile(r"\s*(?:,|\band\b)?\s*")
_START = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*[^\W\d_]")
_EXPRESSION_WORD = re.compile(r"(?:if|in|and|or|not|else|is|for)\b")


def is_weekday(day: date) -> bool:
    """Say whether the day is Monday to Friday: the calendar where no other is given."""
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: `span` of the clock and, counted apart, `working_days` of a calendar."""

    span: timedelta = timedelta()
    working_days: int = 0

    @property
    def is_whole_days(self) -> bool:
        return not self.span % timedelta(days=1)

    def after(
        self, moment: datetime, *, is_working_day: Callable[[date], bool] = is_weekday
    ) -> datetime:
        """Return the moment that lies this duration later.

        Raises:
            EvaluationError: the calendar has no working day to count, or the year is beyond 9999.
        """
        try:
            day = _shift_working_days(moment.date(), self.working_days, is_working_day)
            return datetime.combine(day, moment.timetz()) + self.span
        except OverflowError:
            raise EvaluationError("The moment lies too far in the future.") from None

    def __str__(self) -> str:
        parts = (
            [f"{self.working_days} working day{_s(self.working_days)}"] if self.working_days else []
        )
        seconds = self.span.seconds
        hours, minutes = divmod(seconds // 60, 60)
        counts = [("day", self.span.days), ("hour", hours), ("minute", minutes)]
        parts += [f"{count} {unit}{_s(count)}" for unit, count in counts if count]
        rest = Decimal(seconds % 60) + Decimal(self.span.microseconds) / 1_000_000
        if rest or not parts:
            parts.append(f"{rest.normalize():f} second{'' if rest == 1 else 's'}")
        return " ".join(parts)


def looks_like_duration(source: str) -> bool:
    """Say whether the source starts as a bare duration does: a number followed by a word."""
    found = _START.match(source)
    return found is not None and not _EXPRESSION_WORD.match(source, found.end() - 1)


def parse_duration(source: str, *, offset: int = 0, whole: str | None = None) -> Duration:
    """Read `2 working days`, `30 s`, `1 day 4 hours`.

    `offset` is where `source` starts in the `whole` expression, for the error's place.

    Raises:
        ExpressionError: the text is not a duration, or longer than 100 years.
    """
    whole = source if whole is None else whole
    span, working_days, position = Decimal(0), 0, 0
    while position < len(source) or position == 0:
        found = _PART.match(source, position)
        if found is None:
            hint = "A duration is a number and a unit: 3 days, 2 working days, 4 hours, 30 s."
            start = offset + position + len(source[position:]) - len(source[position:].lstrip())
            raise ExpressionError(hint, start, whole, max(start + 1, offset + len(source.rstrip())))
        count, unit = Decimal(found["count"]), " ".join(found["unit"].lower().split())
        place = (offset + found.start("unit"), whole, offset + found.end("unit"))
        if unit in ("working day", "working days"):
            if count != int(count):
                raise ExpressionError("Working days are counted in whole days.", *place)
            working_days += int(count)
        else:
            span += count * _SECONDS[_unit(unit, place)]
        joint = _JOINT.match(source, found.end())
        position = joint.end() if joint else found.end()
    if span > MAX_DAYS * 86_400 or working_days > MAX_WORKING_DAYS:
        message = f"A duration is at most {MAX_DAYS} days or {MAX_WORKING_DAYS} working days."
        raise ExpressionError(message, offset, whole, offset + len(source))
    return Duration(timedelta(microseconds=int(span * 1_000_000)), working_days)


def shift_date(
    day: date, duration: Duration, sign: int, is_working_day: Callable[[date], bool]
) -> date:
    """Return the day that lies `sign` times the duration, whole days only, from `day`.

    Raises:
        EvaluationError: the year is outside 1 to 9999, or the calendar has no working day to count.
    """
    try:
        return (
            _shift_working_days(day, sign * duration.working_days, is_working_day)
            + sign * duration.span
        )
    except OverflowError:
        raise EvaluationError("The date lies outside the years 1 to 9999.") from None


def _unit(word: str, place: tuple[int, str, int]) -> str:
    unit = _UNITS.get(word)
    if unit is None:
        if word.rstrip("s") in ("month", "year", "mo", "y"):
            raise ExpressionError("Months and years differ in length: write days or weeks.", *place)
        close = difflib.get_close_matches(word, [*_UNITS, "working days"], 1)
        hint = (
            f" Did you mean {close[0]}?"
            if close
            else " Units: seconds, minutes, hours, days, weeks, working days."
        )
        raise ExpressionError(f'"{word}" is not a unit of time.{hint}', *place)
    return unit


def _shift_working_days(day: date, count: int, is_working_day: Callable[[date], bool]) -> date:
    step = timedelta(days=1 if count > 0 else -1)
    # A calendar without working days must not run for ever: a year of holidays on top is plenty.
    for _ in range(abs(count) * 7 + 366):
        if count == 0:
            return day
        day += step
        if is_working_day(day):
            count -= step.days
    if count == 0:
        return day
    raise EvaluationError("The calendar has too few working days.")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
