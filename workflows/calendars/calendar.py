"""When people work, and how time is counted for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.calendars.holidays import PublicDays, public_days
from workflows.calendars.hours import MIDNIGHT, OFFICE_HOURS, Hours, Week
from workflows.calendars.walltime import first_moment, wall_time
from workflows.expressions.durations import Duration
from workflows.expressions.errors import EvaluationError

Span = tuple[datetime, datetime]
"""Open from a moment to another, in UTC."""

LONGEST_SEARCH = 36_525
"""Days that are searched for office hours: a calendar may have an hour a year, or none."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A time zone, the office hours of a week, and the public holidays of a country.

    Days at a weekend on which a country makes up for others (China) have the hours of the week's
    first working day. Without a country there are no holidays.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    week: Week = OFFICE_HOURS
    country: str = ""
    subdivision: str = ""

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours_on(day))

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """Return the office hours of a day; a day off has none."""
        hours = self.week[day.weekday()]
        if not self.country:
            return hours
        public = self._public(day.year)
        if day in public.made_up:
            return hours or next(filter(None, self.week), ())
        return () if day in public.off else hours

    def working_days(self, start: date, end: date) -> int:
        """Return how many working days lie between two dates, both included."""
        if end < start:
            return 0
        weeks, rest = divmod((end - start).days + 1, 7)
        open_days = [bool(hours) for hours in self.week]
        count = weeks * sum(open_days) + sum(
            open_days[(start.weekday() + n) % 7] for n in range(rest)
        )
        years = range(start.year, end.year + 1) if self.country else ()
        for public in map(self._public, years):
            for day in public.off | public.made_up:
                if start <= day <= end:
                    count += self.is_working_day(day) - open_days[day.weekday()]
        return count

    def first_moment(self, day: date, at: time) -> datetime:
        """Return the first moment at which the clock on the wall shows this time or a later one.

        Raises:
            OverflowError: it lies outside the years 1 to 9999.
        """
        return first_moment(self.zone, day, at)

    def shift_date(self, day: date, duration: Duration, sign: int = 1) -> date:
        """Return the day that lies `sign` times the duration, whole days only, from `day`.

        Raises:
            EvaluationError: the year is outside 1 to 9999, or there are too few working days.
        """
        try:
            shifted = self._nth_working_day(day, sign * duration.working_days)
            return shifted + sign * duration.span
        except OverflowError:
            raise EvaluationError("The date lies outside the years 1 to 9999.") from None

    def after(self, moment: datetime, duration: Duration) -> datetime:
        """Return the moment that lies `duration` later, in UTC.

        Working days and days keep the time on the wall, working hours count inside the office hours
        only, hours and less are exact; they are counted in this order. Counting working days starts
        with the next opening where `moment` lies on a day off, or before the office opens.

        Raises:
            EvaluationError: the year is beyond 9999, or the calendar has too few working days.
        """
        return self._moved(moment, duration, 1)

    def before(self, moment: datetime, duration: Duration) -> datetime:
        """Return the moment that lies `duration` earlier, in UTC: `after`, counted backwards.

        Counting working days starts with the last closing where `moment` lies on a day off, or
        after the office has closed.

        Raises:
            EvaluationError: the year is before 1, or the calendar has too few working days.
        """
        return self._moved(moment, duration, -1)

    def next_open(self, moment: datetime) -> datetime:
        """Return the first moment of office hours from `moment` on, in UTC.

        Raises:
            EvaluationError: there are none within 100 years.
        """
        try:
            start, _ = next(self.spans_from(moment))
        except OverflowError:
            raise _far_away() from None
        return max(start, moment.astimezone(UTC))

    def following(self, first: datetime, interval: Duration, after: datetime) -> datetime:
        """Return the first moment of a repeat that lies after `after`, in UTC.

        The repeat is `first`, and again after each `interval`. It keeps its phase: every moment is
        counted from `first`, so that a clock that was put forward shifts one of them, not the rest.

        Raises:
            EvaluationError: the interval is empty, or the moment lies too far away.
        """
        from workflows.calendars.repeats import following

        try:
            return following(self, first, interval, after)
        except OverflowError:
            raise _far_away() from None

    def spans_from(self, moment: datetime) -> Iterator[Span]:
        """Give the office hours that end after `moment`, one after the other.

        Raises:
            EvaluationError: there are no more within 100 years.
        """
        day = wall_time(moment, self.zone).date()
        for _ in range(LONGEST_SEARCH):
            yield from (span for span in self._spans_on(day) if span[1] > moment)
            day += DAY
        raise _no_hours()

    def _spans_until(self, moment: datetime) -> Iterator[Span]:
        """Give the office hours that begin before `moment`, backwards."""
        day = wall_time(moment, self.zone).date()
        for _ in range(LONGEST_SEARCH):
            yield from (span for span in reversed(self._spans_on(day)) if span[0] < moment)
            day -= DAY
        raise _no_hours()

    def _spans_on(self, day: date) -> list[Span]:
        spans = []
        for opens, closes in self.hours_on(day):
            start = self.first_moment(day, opens)
            end = self.first_moment(day + DAY if closes == MIDNIGHT else day, closes)
            # A clock that is put forward may leave out all of the hours.
            if start < end:
                spans.append((start, end))
        return spans

    def _moved(self, moment: datetime, duration: Duration, sign: int) -> datetime:
        try:
            found = moment.astimezone(UTC)
            if duration.working_days:
                day, at = self.working_day_of(found, sign)
                day = self._nth_working_day(day, sign * duration.working_days)
                found = self.first_moment(day, at)
            found = self.days_later(found, sign * duration.days)
            if duration.working_time:
                found = self._worked(found, duration.working_time, sign)
            return found + sign * duration.elapsed
        except OverflowError:
            raise _far_away() from None

    def days_later(self, moment: datetime, days: int) -> datetime:
        """Return the moment with the same time on the wall some days later."""
        if not days:
            return moment
        local = wall_time(moment, self.zone)
        return self.first_moment(local.date() + days * DAY, local.time())

    def working_day_of(self, moment: datetime, sign: int = 1) -> tuple[date, time]:
        """Return the working day and time on the wall from which working days are counted.

        Before the office opens they count from its opening (backwards: after it closes, from its
        closing), as from a day off: else who starts on Monday at 0:00 would be due before whom
        Sunday evening.
        """
        local = wall_time(moment, self.zone)
        is_working = self.is_working_day(local.date())
        day = local.date() if is_working else self._nth_working_day(local.date(), sign)
        hours = self.hours_on(day)
        if sign > 0:
            opens = hours[0][0]
            return day, max(opens, local.time()) if is_working else opens
        closes = time.max if hours[-1][1] == MIDNIGHT else hours[-1][1]
        return day, min(closes, local.time()) if is_working else closes

    def _worked(self, moment: datetime, left: timedelta, sign: int) -> datetime:
        """Return the first moment at which so much of the office hours has passed."""
        spans = self.spans_from(moment) if sign > 0 else self._spans_until(moment)
        for start, end in spans:
            start, end = (max(start, moment), end) if sign > 0 else (start, min(end, moment))
            if left <= end - start:
                return start + left if sign > 0 else end - left
            left -= end - start
        raise _no_hours()

    def _nth_working_day(self, day: date, count: int) -> date:
        step = 1 if count > 0 else -1
        left = abs(count)
        # A calendar without working days must not run for ever.
        for _ in range(left * 7 + 366):
            if not left:
                break
            day += step * DAY
            left -= self.is_working_day(day)
        if left:
            raise EvaluationError("The calendar has too few working days.")
        return day

    def _public(self, year: int) -> PublicDays:
        return public_days(self.country, self.subdivision, year)


def _far_away() -> EvaluationError:
    return EvaluationError("The moment lies outside the years 1 to 9999.")


def _no_hours() -> EvaluationError:
    return EvaluationError("The calendar has no office hours within 100 years.")
