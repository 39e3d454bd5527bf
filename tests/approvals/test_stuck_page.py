"""The page of stuck requests: for operators, with a cure beside each trouble."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.models import Request
from tests.approvals.test_operate import client_of, look_and_do
from tests.factories import grant, leave_data, open_item
from tests.workflows.test_stuck import age, make_incident
from workflows import engine
from workflows.models import Case, Job

STUCK = "/stuck/"


@pytest.fixture
def operator(gina: User) -> User:
    return grant(gina, "view_all_cases", "intervene_case")


@pytest.fixture
def oscar(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def late(submitted_leave: Request) -> Case:
    case = Case.objects.get(pk=submitted_leave.case_id)
    age(case)
    return case


@pytest.fixture
def incident(submitted_leave: Request) -> Job:
    case = Case.objects.get(pk=submitted_leave.case_id)
    return make_incident(case, open_item(case, "manager_review"))


def rows_of(client: Client) -> list[Any]:
    return list(client.get(STUCK).context["rows"])


def cure(client: Client, label: str) -> str:
    """Return the address behind a cure of the only row."""
    [row] = rows_of(client)
    return next(link.url for link in row.cures if str(link.label) == label)


def test_who_may_not_intervene_does_not_see_the_page(ben: User, oscar: Client) -> None:
    assert client_of(ben).get(STUCK).status_code == 403
    assert oscar.get(STUCK).status_code == 200
    assert oscar.post(STUCK).status_code == 405
    assert Client().get(STUCK).status_code == 302


def test_only_operators_find_the_way_to_it(ben: User, oscar: Client) -> None:
    assert STUCK in oscar.get("/").content.decode()
    assert STUCK not in client_of(ben).get("/").content.decode()


def test_where_nothing_is_stuck_the_page_says_so(submitted_leave: Request, oscar: Client) -> None:
    assert "Nothing is stuck" in oscar.get(STUCK).content.decode()


def test_a_late_request_is_handed_on_skipped_or_cancelled(late: Case, oscar: Client) -> None:
    [row] = rows_of(oscar)

    assert (row.number, row.since_text) == (late.request.number, "20 days")
    assert [str(link.label) for link in row.cures] == ["Hand on", "Skip", "Cancel the case"]


def test_a_cure_leads_back_to_the_page(late: Case, oscar: Client) -> None:
    done = look_and_do(oscar, cure(oscar, "Skip"), outcome="approve", reason="Ben has left")

    assert done.headers["Location"] == STUCK
    assert rows_of(oscar) == []


def test_a_suspended_request_is_resumed(late: Case, oscar: Client, operator: User) -> None:
    engine.suspend(late.pk, by=operator, reason="Audit")
    age(late)

    oscar.post(cure(oscar, "Resume"), {"reason": "The audit is over"})

    assert Case.objects.get(pk=late.pk).is_running


def test_a_job_that_gave_up_is_tried_again(incident: Job, oscar: Client) -> None:
    page = oscar.get(cure(oscar, "Try again")).content.decode()
    assert "The bank does not answer" in page

    oscar.post(cure(oscar, "Try again"), {"reason": "The bank is back"})

    incident.refresh_from_db()
    assert (incident.state, incident.attempts) == ("due", 0)
    assert rows_of(oscar) == []


def test_a_job_without_which_the_case_cannot_end_is_not_dropped(
    incident: Job, oscar: Client
) -> None:
    page = oscar.post(cure(oscar, "Drop the job"), {"reason": "Never mind"})

    incident.refresh_from_db()
    assert page.status_code == 422
    assert incident.state == "incident"


def test_a_job_is_not_mended_without_a_reason(incident: Job, oscar: Client) -> None:
    assert oscar.post(cure(oscar, "Try again"), {"reason": ""}).status_code == 422
    incident.refresh_from_db()
    assert incident.state == "incident"


def test_a_job_of_another_request_is_not_found(
    incident: Job, oscar: Client, abe: User, leave_flow: Any
) -> None:
    other = engine.start("leave", by=abe, data=leave_data())
    url = reverse("request_operate", args=[other.request.number, "retry-job"])

    assert oscar.get(f"{url}?job={incident.pk}").status_code == 404


def test_ones_own_request_is_told_without_cures(leave_flow: Any, operator: User) -> None:
    age(engine.start("leave", by=operator, data=leave_data()))

    [row] = rows_of(client_of(operator))

    assert (row.is_own, row.cures) == (True, [])


def test_operators_who_do_not_see_every_case_see_their_own_only(late: Case, finn: User) -> None:
    assert rows_of(client_of(grant(finn, "intervene_case"))) == []


def test_the_page_costs_the_same_for_one_request_and_for_thirty(
    late: Case, oscar: Client, ada: User
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert oscar.get(STUCK).status_code == 200
        return len(captured)

    make_incident(late, open_item(late, "manager_review"))
    Case.objects.filter(pk=engine.start("leave", by=ada, data=leave_data()).pk).update(
        state="failed"
    )
    few = statements()
    for number in range(30):
        case = engine.start("leave", by=ada, data=leave_data())
        age(case, timedelta(days=20 + number))
        if number % 2:
            make_incident(case, open_item(case, "manager_review"))
        if number % 5 == 0:
            Case.objects.filter(pk=case.pk).update(state="failed", changed_at=timezone.now())

    assert few <= statements() <= 19
