"""Office hours: from when to when people work, by the day of the week."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time

Hours = tuple[time, time]
"""From when to when, by the wall clock; midnight as the end is the end of the day."""
Week = tuple[tuple[Hours, ...], ...]
"""The hours of Monday to Sunday, those of a day in order; a day off has none."""

MIDNIGHT = time()
WORKDAYS = frozenset(range(5))


def week_of(
    opens: time,
    closes: time,
    *,
    weekdays: Collection[int] = WORKDAYS,
    pause: Hours | None = None,
) -> Week:
    """Return a week with the same hours on each of `weekdays` (0 is Monday), less a break.

    Raises:
        ValueError: the hours are empty or cross midnight, or the break lies outside them.
    """
    if not _is_before(opens, closes):
        raise ValueError("The office has to close after it opens, on the same day.")
    hours: tuple[Hours, ...] = ((opens, closes),)
    if pause is not None:
        start, end = pause
        if not (opens < start < end and _is_before(end, closes)):
            raise ValueError("The break has to lie within the office hours.")
        hours = ((opens, start), (end, closes))
    return tuple(hours if day in weekdays else () for day in range(7))


def _is_before(start: time, end: time) -> bool:
    return end == MIDNIGHT or start < end


OFFICE_HOURS: Week = week_of(time(9), time(17))
"""Monday to Friday from nine to five: the hours where nobody has said others."""
