"""The operator's panel on a request's page, and the pages behind it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.display.operate import operate_panel
from approvals.models import Request
from tests.admin.forms import page_fields
from tests.approvals.conftest import decide
from tests.factories import grant, open_item
from tests.workflows.test_stuck import make_incident
from workflows import engine
from workflows.models import Case, WorkItem


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def operator(gina: User) -> User:
    return grant(gina, "view_all_cases", "intervene_case")


@pytest.fixture
def oscar(operator: User) -> Client:
    return client_of(operator)


def address(request: Request, what: str, item: WorkItem | None = None) -> str:
    url = reverse("request_operate", args=[request.number, what])
    return url if item is None else f"{url}?item={item.pk}"


def fields_of(page: Any) -> dict[str, str]:
    return page_fields(page.content.decode().replace("<form", '<form id="operate"'), "operate")


def look_and_do(client: Client, url: str, **fields: Any) -> Any:
    asked = fields_of(client.get(url))
    seen = client.post(url, asked | fields | {"action": "foresee"})
    return client.post(url, fields_of(seen) | fields | {"action": "do"})


def case_of(request: Request) -> Case:
    return Case.objects.get(pk=request.case_id)


def test_the_panel_offers_what_the_case_allows(submitted_leave: Request, operator: User) -> None:
    panel = operate_panel(submitted_leave, viewer=operator)

    assert panel is not None
    assert [str(link.label) for link in panel.links] == [
        "Move tokens",
        "Correct the data",
        "Cancel a branch",
        "Suspend",
        "Cancel the case",
    ]
    review = next(item for item in panel.items if item.title == "Decide on the leave")
    assert review.state == "open, with Ben Baker"
    assert [str(link.label) for link in review.links] == ["Hand on", "Skip"]


def test_what_was_done_last_can_be_repeated(
    submitted_leave: Request, operator: User, ben: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "return", "Less, please")

    panel = operate_panel(submitted_leave, viewer=operator)

    assert panel is not None
    review = next(item for item in panel.items if item.title == "Decide on the leave")
    assert review.state == "done by Ben Baker"
    assert [str(link.label) for link in review.links] == ["Repeat"]


def test_a_job_that_gave_up_stands_first_with_its_cures(
    submitted_leave: Request, operator: User
) -> None:
    case = case_of(submitted_leave)
    make_incident(case, open_item(case, "manager_review"))

    panel = operate_panel(submitted_leave, viewer=operator)

    assert panel is not None
    assert panel.items[0].state == "gave up: The bank does not answer"
    assert [str(link.label) for link in panel.items[0].links] == [
        "Try again",
        "Skip",
        "Drop the job",
    ]


def test_a_suspended_case_is_resumed_or_cancelled(submitted_leave: Request, operator: User) -> None:
    engine.suspend(case_of(submitted_leave).pk, by=operator, reason="Audit")
    submitted_leave.refresh_from_db()

    panel = operate_panel(submitted_leave, viewer=operator)

    assert panel is not None
    assert [str(link.label) for link in panel.links] == ["Resume", "Cancel the case"]
    assert panel.items == []


def test_people_without_the_right_see_no_panel(submitted_leave: Request, ben: User) -> None:
    page = client_of(ben).get(submitted_leave.get_absolute_url()).content.decode()

    assert "operate-panel" not in page


def test_nobody_has_a_panel_on_their_own_request(submitted_leave: Request, ada: User) -> None:
    own = grant(ada, "view_all_cases", "intervene_case")

    assert operate_panel(submitted_leave, viewer=own) is None


def test_an_operator_without_the_right_is_refused(submitted_leave: Request, ben: User) -> None:
    assert client_of(ben).get(address(submitted_leave, "move")).status_code == 403


def test_a_stranger_does_not_learn_of_the_request(submitted_leave: Request, finn: User) -> None:
    assert client_of(finn).get(address(submitted_leave, "move")).status_code == 404


@pytest.mark.parametrize("what", ["explode", "skip", "transfer"])
def test_what_is_no_intervention_of_the_request_is_not_found(
    submitted_leave: Request, oscar: Client, what: str
) -> None:
    assert oscar.get(address(submitted_leave, what)).status_code == 404


def test_a_draft_has_nothing_to_operate(ada: User, leave_flow: Any, oscar: Client) -> None:
    from tests.approvals.conftest import make_leave

    assert oscar.get(address(make_leave(ada, leave_flow), "move")).status_code == 404


def test_a_move_is_shown_and_then_done(submitted_leave: Request, oscar: Client) -> None:
    fields = {"place-with_manager": "0", "place-to_correct": "1", "reason": "Wrong dates"}

    url = address(submitted_leave, "move")
    seen = oscar.post(url, fields_of(oscar.get(url)) | fields | {"action": "foresee"})
    assert "Correct the request (Ada Archer)" in seen.content.decode()
    assert case_of(submitted_leave).marking == {"with_manager": 1, "withdrawable": 1}
    done = oscar.post(url, fields_of(seen) | fields | {"action": "do"})

    assert done.headers["Location"] == submitted_leave.get_absolute_url()
    assert case_of(submitted_leave).marking == {"to_correct": 1, "withdrawable": 1}


def test_a_skipped_decision_decides_the_request(submitted_leave: Request, oscar: Client) -> None:
    item = open_item(case_of(submitted_leave), "manager_review")

    look_and_do(
        oscar, address(submitted_leave, "skip", item), outcome="reject", reason="Ben has left"
    )

    submitted_leave.refresh_from_db()
    assert submitted_leave.state == "rejected"


def test_the_history_tells_who_skipped_and_why(submitted_leave: Request, oscar: Client) -> None:
    item = open_item(case_of(submitted_leave), "manager_review")
    look_and_do(
        oscar, address(submitted_leave, "skip", item), outcome="approve", reason="Ben has left"
    )

    page = oscar.get(submitted_leave.get_absolute_url()).content.decode()

    assert "skipped a task · Decide on the leave (Approve)" in page
    assert "Ben has left" in page


def test_data_is_corrected_in_typed_fields(submitted_leave: Request, oscar: Client) -> None:
    look_and_do(
        oscar, address(submitted_leave, "set-data"), **{"data-reason": "Hills", "reason": "Typo"}
    )

    assert case_of(submitted_leave).data["reason"] == "Hills"
    [line] = case_of(submitted_leave).events.filter(kind="data_set")
    assert line.payload["data"] == {"reason": "Hills"}


def test_data_that_contradicts_itself_is_refused_at_its_field(
    submitted_leave: Request, oscar: Client
) -> None:
    url = address(submitted_leave, "set-data")
    fields = fields_of(oscar.get(url)) | {"data-days": "1", "action": "foresee"}

    page = oscar.post(url, fields)

    assert page.status_code == 422
    assert case_of(submitted_leave).data["days"] == 3


def test_an_item_is_handed_on(submitted_leave: Request, oscar: Client, dana: User) -> None:
    item = open_item(case_of(submitted_leave), "manager_review")

    oscar.post(address(submitted_leave, "transfer", item), {"to": dana.pk, "reason": "Ben is away"})

    item.refresh_from_db()
    assert item.claimed_by == dana


@pytest.mark.parametrize(("what", "state"), [("suspend", "suspended"), ("cancel", "cancelled")])
def test_a_whole_case_is_suspended_or_cancelled(
    submitted_leave: Request, oscar: Client, what: str, state: str
) -> None:
    refused = oscar.post(address(submitted_leave, what), {"reason": " "})
    oscar.post(address(submitted_leave, what), {"reason": "Audit"})

    assert refused.status_code == 422
    assert case_of(submitted_leave).state == state


def test_what_the_case_does_not_allow_any_more_is_told(
    submitted_leave: Request, oscar: Client
) -> None:
    page = oscar.post(address(submitted_leave, "resume"), {"reason": "Go"})

    assert page.status_code == 422
    assert "cannot be resumed" in page.content.decode()


def test_afterwards_the_page_that_led_here_is_shown(
    submitted_leave: Request, oscar: Client
) -> None:
    back = oscar.post(
        f"{address(submitted_leave, 'suspend')}?next=/inbox/", {"reason": "x"}
    ).headers["Location"]
    away = oscar.post(
        f"{address(submitted_leave, 'resume')}?next=https://evil.example/", {"reason": "x"}
    ).headers["Location"]

    assert (back, away) == ("/inbox/", submitted_leave.get_absolute_url())


@pytest.mark.parametrize("written", ["dana", "Dana Diaz", "dana DIAZ"])
def test_where_many_work_here_the_next_person_is_written_by_name(
    submitted_leave: Request,
    oscar: Client,
    dana: User,
    monkeypatch: pytest.MonkeyPatch,
    written: str,
) -> None:
    monkeypatch.setattr("approvals.forms.comment.MOST_CHOICES", 3)
    item = open_item(case_of(submitted_leave), "manager_review")
    url = address(submitted_leave, "transfer", item)

    asked = oscar.get(url).content.decode()
    refused = oscar.post(url, {"to": "Danna"})
    oscar.post(url, {"to": written})

    assert '<input type="text" name="to"' in asked
    assert "Nobody here is called Danna" in refused.content.decode()
    item.refresh_from_db()
    assert item.claimed_by == dana


def test_a_name_that_several_have_is_not_guessed(
    submitted_leave: Request, oscar: Client, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("approvals.forms.comment.MOST_CHOICES", 3)
    other = User.objects.get(username="carl")
    other.first_name, other.last_name = dana.first_name, dana.last_name
    other.save()
    item = open_item(case_of(submitted_leave), "manager_review")

    page = oscar.post(address(submitted_leave, "transfer", item), {"to": "Dana Diaz"})

    assert "Several people are called Dana Diaz" in page.content.decode()
    item.refresh_from_db()
    assert item.claimed_by is None
