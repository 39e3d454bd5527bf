"""What the clock on the wall shows, and which moment that is.

Twice a year one wall time is missing and another comes twice; some zones have skipped a whole day.
The rules are those of `zoneinfo`, that is of the installed tzdata.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SMALLEST = timedelta(microseconds=1)


def zone_of(key: str) -> ZoneInfo:
    """Return the time zone with this name, e.g. `Europe/Berlin`.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of the zone database ("Europe") is an OSError.
        raise ValueError(f"There is no time zone {key!r}.") from None


def wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clock in `zone` shows, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def first_moment(zone: ZoneInfo, day: date, at: time) -> datetime:
    """Return the first moment, in UTC, at which the clock in `zone` shows this time or a later one.

    A wall time that comes twice is the first of both; one that is left out is the moment at which
    the clock jumps over it.

    Raises:
        OverflowError: it lies outside the years 1 to 9999.
    """
    wanted = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    moment = wanted.replace(tzinfo=zone).astimezone(UTC)
    if wall_time(moment, zone) == wanted:
        return moment
    # With the offset after the jump the missing time lies before the jump, and the other way round.
    before = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = moment
    while after - before > SMALLEST:
        middle = before + (after - before) // 2
        if wall_time(middle, zone) < wanted:
            before = middle
        else:
            after = middle
    return after
