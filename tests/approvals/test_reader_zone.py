"""Times stand on a page by the clock of whoever reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from approvals.calendars import forget_calendars
from approvals.display import due_view
from approvals.models import Employee, Notice, NoticeKind, Office, Request
from approvals.notifications.mail import send_mail
from tests.factories import leave_data
from workflows import engine

LATE = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


def page_of(user: User, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


def place(user: User, zone: str, **fields: Any) -> None:
    office = Office.objects.create(name=zone, time_zone=zone)
    Employee.objects.filter(user=user).update(office=office, **fields)
    forget_calendars()


def set_default(zone: str) -> None:
    Office.objects.create(name=zone, time_zone=zone, is_default=True)
    forget_calendars()


@pytest.fixture
def number(ada: User, leave_flow: Any) -> str:
    """A request that was submitted late in the evening, as London has it."""
    case = engine.start("leave", by=ada, data=leave_data())
    request = Request.objects.get(case=case)
    Request.objects.filter(pk=request.pk).update(submitted_at=LATE)
    return request.number


def test_each_reads_a_time_by_the_clock_of_their_office(ada: User, ben: User, number: str) -> None:
    place(ada, "Asia/Tokyo")
    place(ben, "America/Lima")

    assert "3 Mar 2026, 07:30" in page_of(ada, f"/requests/{number}/")
    assert "2 Mar 2026, 17:30" in page_of(ben, f"/requests/{number}/")


def test_who_works_elsewhere_reads_it_by_their_own_clock(ada: User, number: str) -> None:
    place(ada, "Asia/Tokyo", time_zone="Europe/Berlin")

    assert "2 Mar 2026, 23:30" in page_of(ada, f"/requests/{number}/")


def test_without_an_office_the_default_one_has_the_clock(
    ada: User, admin: User, number: str
) -> None:
    set_default("Asia/Tokyo")

    assert "3 Mar 2026, 07:30" in page_of(ada, f"/requests/{number}/")
    assert "3 Mar 2026, 07:30" in page_of(admin, f"/requests/{number}/")


def test_the_admin_goes_by_the_readers_clock_as_well(admin: User, number: str) -> None:
    set_default("Asia/Tokyo")
    request = Request.objects.get(number=number)

    page = page_of(admin, f"/admin/approvals/request/{request.pk}/change/")

    assert "March 3, 2026, 7:30 a.m." in page


def test_the_next_reader_has_a_clock_of_their_own(ada: User, number: str) -> None:
    place(ada, "Asia/Tokyo")
    page_of(ada, f"/requests/{number}/")

    assert timezone.get_current_timezone_name() == "UTC"


def test_the_api_tells_times_in_utc_whoever_asks(ada: User, number: str) -> None:
    place(ada, "Asia/Tokyo")
    client = Client()
    client.force_login(ada)

    told = client.get(f"/api/v1/leave-requests/{number}/").json()["submitted_at"]

    assert datetime.fromisoformat(told) == LATE
    assert datetime.fromisoformat(told).utcoffset() == timedelta(0)


def test_a_due_day_is_that_of_the_readers_clock() -> None:
    with timezone.override("Asia/Tokyo"):
        due = due_view(LATE, now=LATE - timedelta(days=30))

    assert due is not None
    assert due.text == "Due 3 Mar 2026"


def test_a_mail_tells_times_by_the_clock_of_who_gets_it(
    ada: User, number: str, mailoutbox: Any
) -> None:
    place(ada, "Asia/Tokyo")
    Notice.objects.create(
        key="1",
        recipient=ada,
        kind=NoticeKind.REMINDED,
        case=Request.objects.get(number=number).case,
        parts={"task": "Review", "number": number, "due": LATE.isoformat()},
        created_at=LATE,
    )

    assert send_mail(["1"], idempotency_key="1")

    assert "3 Mar 2026, 07:30" in mailoutbox[0].body
