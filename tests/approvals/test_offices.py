"""Offices: whose calendar somebody has, what may be written down, what it changes."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import calendars, drafts
from approvals.directory import CompanyDirectory
from approvals.models import Employee, LeaveType, Office, Request
from workflows.calendars import WorkingCalendar, week_of, zone_of
from workflows.directory import PersonId
from workflows.models import FlowVersion

directory = CompanyDirectory()


def make_office(name: str = "Berlin", **fields: Any) -> Office:
    return Office.objects.create(
        **({"name": name, "time_zone": "Europe/Berlin", "country": "DE"} | fields)
    )


def place(user: User, office: Office, **fields: Any) -> None:
    Employee.objects.filter(user=user).update(office=office, **fields)


def calendar_of(user: User) -> WorkingCalendar:
    return directory.calendar(PersonId(user.pk))


@pytest.mark.django_db
def test_without_offices_the_company_works_by_the_settings(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"

    assert directory.calendar(None) == WorkingCalendar(zone_of("Asia/Kolkata"))


def test_a_person_works_by_their_office(ada: User) -> None:
    office = make_office(opens=time(8), closes=time(16, 30), weekdays="1234", subdivision="BY")
    place(ada, office)

    week = week_of(time(8), time(16, 30), weekdays={0, 1, 2, 3})
    assert calendar_of(ada) == WorkingCalendar(zone_of("Europe/Berlin"), week, "DE", "BY")


def test_who_has_no_office_works_by_the_default_one(ada: User, ben: User) -> None:
    make_office("Shanghai", time_zone="Asia/Shanghai", country="CN", is_default=True)
    place(ben, make_office())

    assert calendar_of(ada) == directory.calendar(None)
    assert calendar_of(ada).country == "CN"
    assert calendar_of(ben).country == "DE"


def test_who_works_far_away_has_the_hours_by_their_own_clock(ada: User) -> None:
    place(ada, make_office(), time_zone="Asia/Kathmandu")

    assert calendar_of(ada) == WorkingCalendar(zone_of("Asia/Kathmandu"), country="DE")


def test_the_calendars_of_everybody_cost_two_statements(company: SimpleNamespace) -> None:
    for user in (company.ada, company.ben, company.dana):
        place(user, make_office(user.username))
    calendars.forget_calendars()

    with CaptureQueriesContext(connection) as captured:
        for user in User.objects.filter(employee__isnull=False).order_by("pk"):
            calendar_of(user)

    assert len(captured) == 1 + 2


def test_a_changed_office_counts_half_a_minute_later(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office()
    place(ada, office)
    assert calendar_of(ada).country == "DE"
    Office.objects.update(country="FR")
    now = calendars.monotonic()

    monkeypatch.setattr(calendars, "monotonic", lambda: now + calendars.KEPT_SECONDS + 1)

    assert calendar_of(ada).country == "FR"


def test_what_a_package_has_forgotten_does_not_stop_the_work(ada: User) -> None:
    place(ada, make_office(time_zone="Europe/Atlantis", country="XX", weekdays="6", closes=time(8)))

    assert calendar_of(ada) == WorkingCalendar()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "changes", "told"),
    [
        ("time_zone", {"time_zone": "Europe/Berln"}, "Did you mean Europe/Berlin?"),
        ("time_zone", {"time_zone": "../../etc/passwd"}, "no time zone"),
        ("country", {"country": "XX"}, "No holidays are known"),
        ("subdivision", {"subdivision": "TX"}, "DE has: BB"),
        ("subdivision", {"country": "", "subdivision": "BY"}, "Leave this empty"),
        ("closes", {"closes": time(9)}, "close after it opens"),
        ("break_from", {"break_from": time(8), "break_to": time(10)}, "within the office hours"),
        ("break_to", {"break_from": time(12)}, "a beginning and an end"),
        ("weekdays", {"weekdays": "128"}, "1 is Monday"),
        ("is_default", {"is_default": True}, "Head office is the default office"),
    ],
)
def test_an_office_that_cannot_be_is_refused(
    field: str, changes: dict[str, Any], told: str
) -> None:
    make_office("Head office", is_default=True)
    given = {"name": "Berlin", "time_zone": "Europe/Berlin", "country": "DE"} | changes

    with pytest.raises(ValidationError) as refused:
        Office(**given).full_clean()

    assert list(refused.value.message_dict) == [field]
    assert told in refused.value.message_dict[field][0]


def test_a_zone_of_ones_own_needs_an_office(ada: User) -> None:
    employee = Employee.objects.get(user=ada)
    employee.time_zone = "Asia/Kathmandu"

    with pytest.raises(ValidationError, match="Choose an office"):
        employee.full_clean()


def test_holidays_are_no_days_of_leave(ada: User, leave_flow: FlowVersion) -> None:
    place(ada, make_office())
    request = Request.objects.create(number="LV-1", flow=leave_flow.flow, requester=ada)

    drafts.write_leave(
        request,
        leave_type=LeaveType.objects.get(code="annual"),
        start=date(2026, 12, 21),
        end=date(2027, 1, 3),
        reason="Christmas",
    )

    assert request.leave.days == Decimal(8)


def test_an_administrator_writes_down_an_office(client: Client, admin: User) -> None:
    client.force_login(admin)
    answer = client.post(
        reverse("admin:approvals_office_add"),
        {
            "name": "Shanghai",
            "time_zone": "Asia/Shanghai",
            "country": "CN",
            "subdivision": "",
            "weekdays": ["5", "1", "2"],
            "opens": "09:00",
            "closes": "18:00",
            "break_from": "12:00",
            "break_to": "13:30",
        },
    )

    assert answer.status_code == 302
    hours = ((time(9), time(12)), (time(13, 30), time(18)))
    office = Office.objects.get(name="Shanghai")
    assert office.weekdays == "125"
    assert office.calendar().week == (hours, hours, (), (), hours, (), ())


def test_the_page_of_an_office_shows_its_days(client: Client, admin: User) -> None:
    client.force_login(admin)
    office = make_office(weekdays="17")

    page = client.get(reverse("admin:approvals_office_change", args=[office.pk])).content.decode()

    assert page.count("checked") == 2


def test_an_office_where_people_work_is_not_removed(client: Client, admin: User, ada: User) -> None:
    client.force_login(admin)
    office = make_office()
    place(ada, office)

    client.post(reverse("admin:approvals_office_delete", args=[office.pk]), {"post": "yes"})

    assert Office.objects.filter(pk=office.pk).exists()
