"""When each person of the company works, kept for half a minute.

Almost every step asks when something is due, and offices change a few times a year: each process
reads all of them at once, instead of one person's with every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from django.conf import settings

from approvals.models import Employee, Office
from workflows.calendars import WorkingCalendar, zone_of

KEPT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class _Calendars:
    company: WorkingCalendar
    own: Mapping[int, WorkingCalendar]
    """By user; who is not named has the company's."""
    read_at: float


_kept: _Calendars | None = None


def calendar_of(user_id: int | None) -> WorkingCalendar:
    """Return the calendar of a person, or of the company where they have no office or are None."""
    global _kept
    calendars = _kept
    if calendars is None or monotonic() - calendars.read_at > KEPT_SECONDS:
        _kept = calendars = _read()
    return calendars.company if user_id is None else calendars.own.get(user_id, calendars.company)


def forget_calendars() -> None:
    """Let the next question read the offices again."""
    global _kept
    _kept = None


def _read() -> _Calendars:
    offices = {office.pk: office for office in Office.objects.order_by("-pk")}
    company = WorkingCalendar(zone_of(settings.TIME_ZONE))
    for office in offices.values():
        # Two are flagged only where two administrators did so at once: the older one counts.
        if office.is_default:
            company = office.calendar()
    made: dict[tuple[int, str], WorkingCalendar] = {}
    own: dict[int, WorkingCalendar] = {}
    placed = Employee.objects.filter(office__in=list(offices)).order_by()
    # Without an office there is nothing to ask: Django knows that no row can be in an empty list.
    for user_id, office_id, time_zone in placed.values_list("user_id", "office_id", "time_zone"):
        place = (office_id or 0, time_zone)
        if place not in made:
            made[place] = offices[place[0]].calendar(time_zone=time_zone)
        own[user_id] = made[place]
    return _Calendars(company, own, monotonic())
