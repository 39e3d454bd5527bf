"""Durations: `3 days`, `2 working days`, `4 working hours`, `1 hour 30 minutes`."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from workflows.expressions.errors import ExpressionError

MAX_DAYS = 36_525
MAX_WORKING_DAYS = 1_000
MAX_WORKING_HOURS = 8_000

_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_HOUR, _DAY = 3_600 * _SECOND, 86_400 * _SECOND
# Of which part of a duration a unit is, and how much of it.
_PARTS = {
    "second": ("elapsed", _SECOND),
    "minute": ("elapsed", 60 * _SECOND),
    "hour": ("elapsed", _HOUR),
    "day": ("days", 1),
    "week": ("days", 7),
    "working day": ("working_days", 1),
    "working hour": ("working_time", _HOUR),
    "working minute": ("working_time", 60 * _SECOND),
}
_SHORT = {"s": "second", "sec": "second", "secs": "second", "min": "minute", "mins": "minute"}
_SHORT |= {"h": "hour", "d": "day", "w": "week"}
_UNITS = {unit + plural: unit for unit in _PARTS for plural in ("", "s")} | _SHORT
_PART = re.compile(
    r"\s*(?P<count>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s*"
    r"(?P<unit>[^\W\d_]+(?:\s+(?i:day|hour|minute)s?\b)?)"
)
_JOINT = re.compile(r"\s*(?:,|\band\b)?\s*")
_START = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*[^\W\d_]")
_EXPRESSION_WORD = re.compile(r"(?:if|in|and|or|not|else|is|for)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time, in four parts that a calendar counts differently.

    `working_days` and `working_time` count where people work, `days` by the clock on the wall,
    `elapsed` exactly: a day may have 23 hours.
    """

    elapsed: timedelta = timedelta()
    days: int = 0
    working_days: int = 0
    working_time: timedelta = timedelta()

    @property
    def span(self) -> timedelta:
        """Days of 24 hours, and what is exact; what only a calendar can count is left out."""
        return timedelta(days=self.days) + self.elapsed

    @property
    def is_of_the_clock(self) -> bool:
        """Whether it is counted without office hours and holidays."""
        return not self.working_days and not self.working_time

    @property
    def is_whole_days(self) -> bool:
        return not self.elapsed % timedelta(days=1) and not self.working_time

    def __bool__(self) -> bool:
        return self != Duration()

    def __str__(self) -> str:
        minutes = Decimal(self.working_time // _MICROSECOND) / 60_000_000
        hours, minutes = divmod(minutes, 60)
        counts = [
            (Decimal(self.working_days), "working day"),
            (Decimal(self.days), "day"),
            (hours, "working hour"),
            (minutes, "working minute"),
        ]
        seconds = Decimal(self.elapsed // _MICROSECOND) / 1_000_000
        hours, seconds = divmod(seconds, 3_600)
        minutes, seconds = divmod(seconds, 60)
        counts += [(hours, "hour"), (minutes, "minute"), (seconds, "second")]
        parts = [_counted(number, unit) for number, unit in counts if number]
        return " ".join(parts) or "0 seconds"


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
    # In microseconds, but for what is counted in days.
    totals = {"elapsed": Decimal(0), "days": Decimal(0)}
    totals |= {"working_days": Decimal(0), "working_time": Decimal(0)}
    position = 0
    while position < len(source) or position == 0:
        found = _PART.match(source, position)
        if found is None:
            hint = "A duration is a number and a unit: 3 days, 2 working days, 4 hours, 30 s."
            start = offset + position + len(source[position:]) - len(source[position:].lstrip())
            raise ExpressionError(hint, start, whole, max(start + 1, offset + len(source.rstrip())))
        count, word = Decimal(found["count"]), " ".join(found["unit"].lower().split())
        place = (offset + found.start("unit"), whole, offset + found.end("unit"))
        unit = _unit(word, place)
        if unit == "working day" and count != int(count):
            raise ExpressionError("Working days are counted in whole days.", *place)
        part, factor = _PARTS[unit]
        totals[part] += count * factor
        joint = _JOINT.match(source, found.end())
        position = joint.end() if joint else found.end()
    days = int(totals["days"])
    # Half a day is twelve hours.
    elapsed = totals["elapsed"] + (totals["days"] - days) * _DAY
    _refuse_too_long(
        days * _DAY + elapsed,
        totals["working_days"],
        totals["working_time"],
        (offset, whole, offset + len(source)),
    )
    return Duration(
        elapsed=timedelta(microseconds=int(elapsed)),
        days=days,
        working_days=int(totals["working_days"]),
        working_time=timedelta(microseconds=int(totals["working_time"])),
    )


def _refuse_too_long(
    span: Decimal, working_days: Decimal, working_time: Decimal, place: tuple[int, str, int]
) -> None:
    if span > MAX_DAYS * _DAY or working_days > MAX_WORKING_DAYS:
        raise ExpressionError(
            f"A duration is at most {MAX_DAYS} days or {MAX_WORKING_DAYS} working days.", *place
        )
    if working_time > MAX_WORKING_HOURS * _HOUR:
        raise ExpressionError(f"A duration is at most {MAX_WORKING_HOURS} working hours.", *place)


def _unit(word: str, place: tuple[int, str, int]) -> str:
    unit = _UNITS.get(word)
    if unit is None:
        if word.rstrip("s") in ("month", "year", "mo", "y"):
            raise ExpressionError("Months and years differ in length: write days or weeks.", *place)
        close = difflib.get_close_matches(word, _UNITS, 1)
        hint = (
            f" Did you mean {close[0]}?"
            if close
            else " Units: seconds, minutes, hours, days, weeks, working days, working hours."
        )
        raise ExpressionError(f'"{word}" is not a unit of time.{hint}', *place)
    return unit


def _counted(number: Decimal, unit: str) -> str:
    return f"{number.normalize():f} {unit}{'' if number == 1 else 's'}"
