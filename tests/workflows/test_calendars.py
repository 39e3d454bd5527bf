"""Calendar time and working time, in the zones with the oddest clocks."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from workflows.calendars import WorkingCalendar, first_moment, week_of, zone_of
from workflows.expressions import Duration, EvaluationError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
)
BERLIN = WorkingCalendar(zone_of("Europe/Berlin"), country="DE")
DAY = timedelta(days=1)

many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shown(moment: datetime, zone: str) -> str:
    return moment.astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M")


def moment(zone: str, text: str) -> datetime:
    """Return the (first) moment of a wall time; `text` has to exist there."""
    found = datetime.fromisoformat(text).replace(tzinfo=zone_of(zone)).astimezone(UTC)
    assert shown(found, zone) == text, "this wall time does not exist"
    return found


def plain(zone: str) -> WorkingCalendar:
    return WorkingCalendar(zone_of(zone))


# zone, start, days, the same wall time that many days later (or the first one after a gap)
DAYS_LATER = [
    ("UTC", "2024-02-28 09:00", 1, "2024-02-29 09:00"),
    ("UTC", "2026-02-28 09:00", 1, "2026-03-01 09:00"),
    ("Asia/Shanghai", "2026-12-31 09:00", 1, "2027-01-01 09:00"),
    ("Asia/Kolkata", "2024-02-29 09:00", 366, "2025-03-01 09:00"),
    ("Asia/Kathmandu", "2026-04-30 09:00", 1, "2026-05-01 09:00"),
    ("Europe/Berlin", "2026-03-28 09:00", 1, "2026-03-29 09:00"),
    ("Europe/Berlin", "2026-03-28 02:30", 1, "2026-03-29 03:00"),
    ("Europe/Berlin", "2026-03-28 02:30", 2, "2026-03-30 02:30"),
    ("Europe/Berlin", "2026-10-24 09:00", 1, "2026-10-25 09:00"),
    ("Europe/Berlin", "2026-10-24 02:30", 1, "2026-10-25 02:30"),
    ("Europe/London", "2026-03-28 01:15", 1, "2026-03-29 02:00"),
    ("Europe/London", "2026-10-24 01:15", 1, "2026-10-25 01:15"),
    ("America/New_York", "2026-03-07 02:30", 1, "2026-03-08 03:00"),
    ("America/New_York", "2026-10-31 01:30", 1, "2026-11-01 01:30"),
    ("America/Havana", "2026-03-07 00:30", 1, "2026-03-08 01:00"),
    ("America/Havana", "2026-10-31 00:30", 1, "2026-11-01 00:30"),
    ("America/St_Johns", "2011-03-12 00:01", 1, "2011-03-13 01:01"),
    ("America/Sao_Paulo", "2018-11-03 00:00", 1, "2018-11-04 01:00"),
    ("America/Sao_Paulo", "2018-02-16 23:30", 1, "2018-02-17 23:30"),
    ("Africa/Casablanca", "2026-02-14 02:30", 1, "2026-02-15 02:30"),
    ("Africa/Casablanca", "2026-03-21 02:30", 1, "2026-03-22 03:00"),
    ("Australia/Lord_Howe", "2026-10-03 02:15", 1, "2026-10-04 02:30"),
    ("Australia/Lord_Howe", "2026-04-04 01:45", 1, "2026-04-05 01:45"),
    ("Pacific/Chatham", "2026-09-26 03:00", 1, "2026-09-27 03:45"),
    ("Pacific/Apia", "2011-12-29 10:00", 1, "2011-12-31 00:00"),
    ("Pacific/Apia", "2011-12-29 10:00", 2, "2011-12-31 10:00"),
]


@pytest.mark.parametrize(("zone", "start", "days", "expected"), DAYS_LATER)
def test_f17_a_day_later_the_clock_on_the_wall_shows_the_same(zone, start, days, expected):
    later = plain(zone).after(moment(zone, start), Duration(days=days))

    assert shown(later, zone) == expected
    assert later.tzinfo is UTC


@pytest.mark.parametrize("zone", ZONES)
def test_f17_an_hour_is_an_hour_however_the_clocks_change(zone):
    calendar = plain(zone)
    for start in (datetime(2026, 3, 1, tzinfo=UTC), datetime(2011, 12, 25, tzinfo=UTC)):
        for hours in range(1, 24 * 60):
            later = calendar.after(start, Duration(elapsed=timedelta(hours=hours)))
            assert later - start == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ZONES)
def test_f17_nine_oclock_rings_once_a_day_for_sixteen_months(zone):
    calendar = plain(zone)
    first = first_moment(calendar.zone, date(2025, 12, 1), time(9))
    rung, at = [], first - DAY
    while len(rung) < 480:
        at = calendar.following(first, Duration(days=1), at)
        rung.append(shown(at, zone))

    days = [date(2025, 12, 1) + n * DAY for n in range(480)]
    assert rung == [f"{day} 09:00" for day in days]


# zone, first, what rings on the next days: in a gap the next valid moment, of two the first
REPEATS = [
    ("Europe/Berlin", "2026-03-27 02:30", ["03-28T01:30", "03-29T01:00", "03-30T00:30"]),
    ("Europe/Berlin", "2026-10-23 02:30", ["10-24T00:30", "10-25T00:30", "10-26T01:30"]),
    ("America/New_York", "2026-03-06 02:30", ["03-07T07:30", "03-08T07:00", "03-09T06:30"]),
    ("America/New_York", "2026-10-30 01:30", ["10-31T05:30", "11-01T05:30", "11-02T06:30"]),
    ("Australia/Lord_Howe", "2026-10-02 02:15", ["10-02T15:45", "10-03T15:30", "10-04T15:15"]),
    ("Australia/Lord_Howe", "2026-04-03 01:45", ["04-03T14:45", "04-04T14:45", "04-05T15:15"]),
    ("America/Havana", "2026-10-30 00:30", ["10-31T04:30", "11-01T04:30", "11-02T05:30"]),
]


@pytest.mark.parametrize(("zone", "first", "expected"), REPEATS)
def test_f17_a_gap_goes_to_the_next_valid_moment_and_an_overlap_rings_at_the_first(
    zone, first, expected
):
    start = moment(zone, first)
    rung, at = [], start
    for _ in expected:
        at = plain(zone).following(start, Duration(days=1), at)
        rung.append(at.strftime("%m-%dT%H:%M"))

    assert rung == expected


def test_f17_a_day_that_a_zone_skips_rings_where_the_next_one_begins():
    start = moment("Pacific/Apia", "2011-12-28 09:00")
    rung, at = [], start
    for _ in range(4):
        at = plain("Pacific/Apia").following(start, Duration(days=1), at)
        rung.append(shown(at, "Pacific/Apia"))

    assert rung == ["2011-12-29 09:00", "2011-12-31 00:00", "2011-12-31 09:00", "2012-01-01 09:00"]


def test_f17_a_repeat_missed_for_two_days_goes_on_at_its_hour():
    first = moment("Europe/Berlin", "2026-03-27 09:00")
    back = moment("Europe/Berlin", "2026-03-29 14:20")

    found = BERLIN.following(first, Duration(days=1), back)

    assert shown(found, "Europe/Berlin") == "2026-03-30 09:00"


def test_f17_every_hour_rings_in_both_hours_of_an_overlap():
    first = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    at = first
    for n in range(1, 6):
        at = BERLIN.following(first, Duration(elapsed=timedelta(hours=1)), at)
        assert at == first + n * timedelta(hours=1)


# Working time in Germany. 2026-12-25 is a Friday, 2026-12-26 a Saturday.
WORKING = [
    ("2026-11-20 16:00", Duration(working_days=1), "2026-11-23 16:00"),
    ("2026-11-21 14:00", Duration(working_days=1), "2026-11-24 09:00"),
    ("2026-11-23 00:30", Duration(working_days=1), "2026-11-24 09:00"),
    ("2026-11-23 18:30", Duration(working_days=1), "2026-11-24 18:30"),
    ("2026-12-23 16:00", Duration(working_days=2), "2026-12-28 16:00"),
    ("2026-12-25 10:00", Duration(working_days=1), "2026-12-29 09:00"),
    ("2026-03-27 10:00", Duration(working_days=1), "2026-03-30 10:00"),
    ("2026-11-20 16:00", Duration(working_time=timedelta(hours=4)), "2026-11-23 12:00"),
    ("2026-11-20 16:00", Duration(working_time=timedelta(hours=1)), "2026-11-20 17:00"),
    ("2026-11-20 07:00", Duration(working_time=timedelta(minutes=30)), "2026-11-20 09:30"),
    ("2026-11-21 03:00", Duration(working_time=timedelta(hours=9)), "2026-11-24 10:00"),
    ("2026-12-24 16:30", Duration(working_time=timedelta(hours=1)), "2026-12-28 09:30"),
    ("2026-11-20 16:00", Duration(working_days=1, elapsed=timedelta(hours=2)), "2026-11-23 18:00"),
]


@pytest.mark.parametrize(("start", "length", "expected"), WORKING)
def test_f17_working_time_passes_weekends_holidays_and_nights(start, length, expected):
    found = BERLIN.after(moment("Europe/Berlin", start), length)

    assert shown(found, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2026-11-23 16:00", Duration(working_days=1), "2026-11-20 16:00"),
        ("2026-11-22 14:00", Duration(working_days=1), "2026-11-19 17:00"),
        ("2026-11-20 23:30", Duration(working_days=1), "2026-11-19 17:00"),
        ("2026-11-23 12:00", Duration(working_time=timedelta(hours=4)), "2026-11-20 16:00"),
        ("2026-03-30 09:00", Duration(days=1), "2026-03-29 09:00"),
    ],
)
def test_time_is_counted_backwards_likewise(start, length, expected):
    found = BERLIN.before(moment("Europe/Berlin", start), length)

    assert shown(found, "Europe/Berlin") == expected


def test_a_break_is_no_working_time():
    week = week_of(time(9), time(17), pause=(time(12), time(13)))
    calendar = WorkingCalendar(zone_of("Europe/Berlin"), week)

    found = calendar.after(
        moment("Europe/Berlin", "2026-11-20 11:30"), Duration(working_time=timedelta(hours=1))
    )

    assert shown(found, "Europe/Berlin") == "2026-11-20 13:30"


def test_f17_a_night_shift_with_a_lost_hour_works_until_its_end():
    calendar = WorkingCalendar(zone_of("Europe/Berlin"), week_of(time(0), time(6), weekdays={6}))

    found = calendar.after(
        moment("Europe/Berlin", "2026-03-28 12:00"), Duration(working_time=timedelta(hours=5))
    )

    assert shown(found, "Europe/Berlin") == "2026-03-29 06:00"


def test_an_office_that_never_closes_counts_every_hour():
    calendar = WorkingCalendar(zone_of("UTC"), week_of(time(0), time(0), weekdays=range(7)))
    start = datetime(2026, 11, 20, 23, tzinfo=UTC)

    assert calendar.after(start, Duration(working_time=timedelta(hours=30))) == start + timedelta(
        hours=30
    )


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-20 16:00", "2026-11-20 16:00"),
        ("2026-11-20 17:00", "2026-11-23 09:00"),
        ("2026-12-24 18:00", "2026-12-28 09:00"),
    ],
)
def test_the_office_opens_next(start, expected):
    found = BERLIN.next_open(moment("Europe/Berlin", start))

    assert shown(found, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "is_working"),
    [
        ("DE", "", date(2026, 10, 3), False),
        ("DE", "", date(2026, 6, 4), True),
        ("DE", "BY", date(2026, 6, 4), False),
        ("CN", "", date(2026, 2, 14), True),
        ("CN", "", date(2026, 2, 17), False),
        ("CN", "", date(2026, 2, 21), False),
        ("CN", "", date(2011, 12, 31), True),
        ("CN", "", date(2150, 2, 2), True),
        ("", "", date(2026, 12, 25), True),
    ],
)
def test_holidays_are_off_and_made_up_saturdays_are_worked(country, subdivision, day, is_working):
    calendar = WorkingCalendar(country=country, subdivision=subdivision)

    assert calendar.is_working_day(day) is is_working


def test_a_made_up_saturday_has_office_hours():
    calendar = WorkingCalendar(zone_of("Asia/Shanghai"), country="CN")

    found = calendar.next_open(moment("Asia/Shanghai", "2026-02-13 18:00"))

    assert shown(found, "Asia/Shanghai") == "2026-02-14 09:00"


@many
@given(
    st.sampled_from(["", "DE", "CN", "US"]),
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.integers(0, 900),
)
def test_counted_working_days_are_the_days_that_are_working_days(country, start, length):
    calendar = WorkingCalendar(country=country)

    counted = calendar.working_days(start, start + length * DAY)

    assert counted == sum(calendar.is_working_day(start + n * DAY) for n in range(length + 1))


@pytest.mark.parametrize(
    "length", [Duration(working_days=1), Duration(working_time=timedelta(hours=1))]
)
def test_a_calendar_without_working_days_does_not_run_for_ever(length):
    calendar = WorkingCalendar(week=((),) * 7)

    with pytest.raises(EvaluationError):
        calendar.after(datetime(2026, 1, 1, tzinfo=UTC), length)


def test_a_moment_beyond_the_years_is_told():
    with pytest.raises(EvaluationError, match="years 1 to 9999"):
        BERLIN.after(datetime(9999, 12, 30, tzinfo=UTC), Duration(days=3))


def test_a_repeat_after_no_time_is_refused():
    with pytest.raises(EvaluationError, match="longer than nothing"):
        BERLIN.following(datetime(2026, 1, 1, tzinfo=UTC), Duration(), datetime.now(UTC))


@pytest.mark.parametrize("key", ["Europe/Atlantis", "Europe", "../../etc/passwd", "", "/etc/hosts"])
def test_what_is_no_zone_is_told(key):
    with pytest.raises(ValueError, match="no time zone"):
        zone_of(key)


@pytest.mark.parametrize(
    ("opens", "closes", "pause"),
    [
        (time(17), time(9), None),
        (time(9), time(9), None),
        (time(9), time(17), (time(8), time(10))),
        (time(9), time(17), (time(13), time(12))),
        (time(9), time(17), (time(12), time(17))),
    ],
)
def test_office_hours_that_are_none_are_refused(opens, closes, pause):
    with pytest.raises(ValueError, match="has to"):
        week_of(opens, closes, pause=pause)


def test_the_holidays_are_not_loaded_before_somebody_asks():
    code = "import workflows.calendars, sys; sys.exit('holidays' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


moments = st.datetimes(
    datetime(2010, 1, 1),  # noqa: DTZ001  the strategy adds the zone
    datetime(2028, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
weeks = st.sampled_from(
    [
        week_of(time(9), time(17)),
        week_of(time(8), time(0), weekdays={0, 2, 5, 6}),
        week_of(time(0), time(6), weekdays=range(7), pause=(time(2), time(2, 30))),
    ]
)
calendars = st.builds(
    WorkingCalendar,
    st.sampled_from(ZONES).map(zone_of),
    weeks,
    st.sampled_from(["", "DE", "CN"]),
)
parts = {
    "days": st.integers(0, 40),
    "working_days": st.integers(0, 20),
    "working_time": st.integers(0, 6_000).map(lambda n: timedelta(minutes=n)),
    "elapsed": st.integers(0, 100_000).map(lambda n: timedelta(seconds=n)),
}
of_one_kind = st.sampled_from(sorted(parts)).flatmap(
    lambda name: st.builds(Duration, **{name: parts[name]})
)
durations = st.builds(Duration, **parts) | of_one_kind


@many
@given(calendars, moments, durations)
def test_f17_after_is_never_before_the_moment(calendar, start, length):
    found = calendar.after(start, length)

    assert found >= start
    assert found.tzinfo is UTC


@many
@given(calendars, moments, st.integers(0, 30 * 86_400), durations)
def test_f17_who_starts_later_is_due_later(calendar, start, seconds, length):
    other = start + timedelta(seconds=seconds)
    # In an hour that comes twice the wall shows less at the later moment: days follow the wall.
    local, later = (m.astimezone(calendar.zone).replace(tzinfo=None) for m in (start, other))
    assume(local <= later)

    assert calendar.after(start, length) <= calendar.after(other, length)


@many
@given(calendars, moments, parts["working_time"].filter(bool))
def test_f17_working_time_ends_within_office_hours(calendar, start, worked):
    found = calendar.after(start, Duration(working_time=worked))

    opens, closes = next(calendar.spans_from(found - timedelta(microseconds=1)))
    assert opens < found <= closes


@many
@given(calendars, moments, parts["working_time"], parts["working_time"])
def test_f17_working_time_of_two_parts_adds_up(calendar, start, one, other):
    half = calendar.after(start, Duration(working_time=one))

    whole = calendar.after(start, Duration(working_time=one + other))

    assert calendar.after(half, Duration(working_time=other)) == whole or not other


@many
@given(calendars, moments, durations.filter(bool), st.integers(-86_400, 300 * 86_400))
def test_f17_a_repeat_lies_in_the_future_and_keeps_its_phase(calendar, first, interval, seconds):
    after = first + timedelta(seconds=seconds)

    found = calendar.following(first, interval, after)
    again = calendar.following(first, interval, found)

    assert found > after
    assert again > found
    if interval == Duration(elapsed=interval.elapsed):
        assert (found - first) % interval.elapsed == timedelta()
    if interval == Duration(days=interval.days):
        expected = (calendar.after(first, Duration(days=n * interval.days)) for n in range(400))
        assert found == next(m for m in expected if m > after)


@many
@given(calendars, moments, of_one_kind.filter(bool), st.integers(0, 20 * 86_400))
def test_f17_a_repeat_leaves_no_moment_out(calendar, first, interval, seconds):
    after = first + timedelta(seconds=seconds)
    found = calendar.following(first, interval, after)

    rung = [first]
    while rung[-1] < found:
        rung.append(calendar.following(first, interval, rung[-1]))
        assume(len(rung) < 300)

    assert rung[-1] == found
    assert all(one < other for one, other in pairwise(rung))
    assert len(rung) < 2 or rung[-2] <= after
