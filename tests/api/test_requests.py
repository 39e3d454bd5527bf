"""Leave requests and expense claims by the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from approvals.api.base import RequestDetailView
from approvals.models import ExpenseCategory, LeaveType, Request
from tests.api.conftest import problem
from tests.factories import open_item
from workflows import engine
from workflows.models import Case


def next_monday() -> Any:
    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())


def leave(**changes: Any) -> dict[str, Any]:
    start = next_monday()
    dates = {"start": start.isoformat(), "end": (start + timedelta(days=2)).isoformat()}
    return {"leave_type": "annual", **dates, "reason": "Rest"} | changes


def claim(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    lines = [
        {"date": today, "category": "travel", "amount": "10.10", "description": "Train"},
        {"date": today, "category": "meals", "amount": 20.2},
    ]
    return {"title": "Trip", "currency": "EUR", "lines": lines} | changes


KINDS = [
    pytest.param("leave-requests", leave, id="leave"),
    pytest.param("expense-claims", claim, id="expense"),
]


@pytest.fixture(autouse=True)
def _flows(leave_flow, expense_flow) -> None:
    """Both flows are published in every test here."""


def test_what_may_be_asked_for_is_listed(as_, ada):
    LeaveType.objects.create(code="old", title="No longer", is_active=False)

    kinds = as_(ada).get("leave-types/").json()["results"]
    assert kinds == [{"code": "annual", "title": "Annual leave", "unit": "days"}]
    categories = as_(ada).get("expense-categories/").json()["results"]
    assert [(row["code"], row["unit"]) for row in categories] == [
        ("travel", "money"),
        ("meals", "money"),
    ]


def test_leave_is_kept_as_a_draft_with_its_days_counted(as_, ada):
    response = as_(ada).post("leave-requests/", leave())

    assert response.status_code == 201
    told = response.json()
    assert told["state"] == "draft"
    assert told["case"] is None
    assert told["days"] == 3
    assert response["Location"] == f"/api/v1/leave-requests/{told['number']}/"
    assert as_(ada).get(response["Location"]).json() == told


def test_a_claim_adds_up_its_lines_exactly(as_, ada):
    told = as_(ada).post("expense-claims/", claim()).json()

    assert told["total"] == 30.3
    assert [line["amount"] for line in told["lines"]] == [10.1, 20.2]


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_a_request_is_submitted_at_once_where_asked(as_, ada, address, body):
    told = as_(ada).post(f"{address}/", body(submit=True)).json()

    case = Case.objects.get(pk=told["case"])
    assert told["state"] == "running"
    assert case.business_key == told["number"]
    assert case.requester == ada


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_a_draft_is_submitted_later_and_only_once(as_, ada, address, body):
    number = as_(ada).post(f"{address}/", body()).json()["number"]

    first = as_(ada).post(f"{address}/{number}/submit/").json()
    second = as_(ada).post(f"{address}/{number}/submit/").json()
    assert first["case"] == second["case"] is not None
    assert Case.objects.count() == 1


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_a_request_is_withdrawn_by_who_asked(as_, ada, address, body):
    number = as_(ada).post(f"{address}/", body(submit=True)).json()["number"]

    told = as_(ada).post(f"{address}/{number}/withdraw/", {"reason": "Changed"}).json()
    assert told["state"] == "withdrawn"


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_a_draft_cannot_be_withdrawn(as_, ada, address, body):
    number = as_(ada).post(f"{address}/", body()).json()["number"]

    problem(as_(ada).post(f"{address}/{number}/withdraw/"), 409, "cannot_withdraw")


def test_a_draft_of_leave_is_changed_field_by_field(as_, ada):
    number = as_(ada).post("leave-requests/", leave()).json()["number"]
    start = next_monday().isoformat()

    told = as_(ada).patch(f"leave-requests/{number}/", {"end": start}).json()
    assert (told["start"], told["end"], told["days"]) == (start, start, 1)
    assert told["reason"] == "Rest"


def test_the_lines_of_a_claim_are_replaced(as_, ada):
    number = as_(ada).post("expense-claims/", claim()).json()["number"]
    line = claim()["lines"][0] | {"amount": 99}

    told = as_(ada).patch(f"expense-claims/{number}/", {"lines": [line]}).json()
    assert told["total"] == 99
    assert told["title"] == "Trip"
    told = as_(ada).patch(f"expense-claims/{number}/", {"title": "Journey"}).json()
    assert (told["title"], told["total"]) == ("Journey", 99)


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_what_is_submitted_does_not_change(as_, ada, address, body):
    number = as_(ada).post(f"{address}/", body(submit=True)).json()["number"]
    change = {"reason": "x"} if address == "leave-requests" else {"title": "x"}

    told = problem(as_(ada).patch(f"{address}/{number}/", change), 409, "not_a_draft")
    assert told["state"] == "running"


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_a_draft_is_for_its_writer_alone(as_, ada, ben, address, body):
    number = as_(ada).post(f"{address}/", body()).json()["number"]

    problem(as_(ben).get(f"{address}/{number}/"), 404, "not_found")
    problem(as_(ben).patch(f"{address}/{number}/", {}), 404, "not_found")
    for command in ("submit", "withdraw"):
        problem(as_(ben).post(f"{address}/{number}/{command}/"), 404, "not_found")
    assert as_(ben).get(f"{address}/").json()["results"] == []


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_who_decides_sees_the_request_but_does_not_own_it(as_, ada, ben, address, body):
    number = as_(ada).post(f"{address}/", body(submit=True)).json()["number"]

    assert as_(ben).get(f"{address}/{number}/").json()["requester"] == "ada"
    problem(as_(ben).patch(f"{address}/{number}/", {}), 403, "not_allowed")
    problem(as_(ben).post(f"{address}/{number}/withdraw/"), 403, "not_allowed")


def test_the_list_is_filtered_by_state_and_requester(as_, ada, ben):
    as_(ada).post("leave-requests/", leave())
    as_(ada).post("leave-requests/", leave(submit=True))

    def found(query: str) -> int:
        return len(as_(ada).get(f"leave-requests/?{query}").json()["results"])

    assert (found(""), found("state=draft"), found("requester=ada")) == (2, 1, 2)
    assert found("requester=ben") == 0
    assert as_(ada).get("leave-requests/?requester__password=x").status_code == 400


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"end": "2020-01-01"}, "end"),
        ({"start": "someday"}, "start"),
        ({"start": 7}, "start"),
        ({"leave_type": "sabbatical"}, "leave_type"),
        ({"leave_type": None}, "leave_type"),
        ({"reason": 7}, "reason"),
        ({"submit": "yes"}, "submit"),
        ({"days": 1}, "days"),
        ({"state": "approved"}, "state"),
        ({"requester": "ben"}, "requester"),
    ],
)
def test_wrong_leave_is_refused_at_its_field(as_, ada, changes, path):
    told = problem(as_(ada).post("leave-requests/", leave(**changes)), 422, "invalid_data")

    assert [found["path"] for found in told["problems"]] == [path]
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"lines": [claim()["lines"][0] | {"amount": "NaN"}]}, "lines.0.amount"),
        ({"lines": [claim()["lines"][0] | {"amount": "-1"}]}, "lines.0.amount"),
        ({"lines": [claim()["lines"][0] | {"amount": "1e400"}]}, "lines.0.amount"),
        ({"lines": [claim()["lines"][0] | {"amount": True}]}, "lines.0.amount"),
        ({"lines": [claim()["lines"][0], {}]}, "lines.1.date"),
        ({"lines": [claim()["lines"][0] | {"category": "fun"}]}, "lines.0.category"),
        ({"lines": {}}, "lines"),
        ({"lines": [claim()["lines"][0]] * 101}, "lines"),
        ({"currency": "XXX"}, "currency"),
        ({"total": 1}, "total"),
    ],
)
def test_a_wrong_claim_is_refused_at_its_field(as_, ada, changes, path):
    told = problem(as_(ada).post("expense-claims/", claim(**changes)), 422, "invalid_data")

    assert path in [found["path"] for found in told["problems"]]
    assert not Request.objects.exists()


def test_a_submission_that_is_refused_keeps_no_draft(as_, ada):
    response = as_(ada).post("expense-claims/", claim(lines=[], submit=True))

    problem(response, 422, "invalid_data")
    assert not Request.objects.exists()


def test_leave_on_days_that_are_taken_is_refused(as_, ada):
    as_(ada).post("leave-requests/", leave(submit=True))

    problem(as_(ada).post("leave-requests/", leave(submit=True)), 422, "overlapping_leave")


def test_a_category_that_is_no_longer_offered_stays_in_a_draft(as_, ada):
    number = as_(ada).post("expense-claims/", claim()).json()["number"]
    ExpenseCategory.objects.filter(code="travel").update(is_active=False)

    assert as_(ada).patch(f"expense-claims/{number}/", {"title": "x"}).status_code == 200
    problem(as_(ada).post("expense-claims/", claim()), 422, "invalid_data")


def test_a_decision_shows_in_the_request(as_, ada, ben, eve):
    told = as_(ada).post("leave-requests/", leave(submit=True)).json()
    case = Case.objects.get(pk=told["case"])
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
    engine.complete(open_item(case, "record").pk, by=eve, outcome="record")

    told = as_(ada).get(f"leave-requests/{told['number']}/").json()
    assert told["state"] == "approved"
    assert told["decided_at"]


@pytest.mark.parametrize("number", ["LV-1999-0001", "EX-1999-0001"])
def test_a_number_of_the_other_kind_is_not_found(as_, ada, number):
    expense = as_(ada).post("expense-claims/", claim()).json()["number"]

    problem(as_(ada).get(f"leave-requests/{expense}/"), 404, "not_found")
    problem(as_(ada).get(f"leave-requests/{number}/"), 404, "not_found")


@pytest.mark.parametrize(("address", "body"), KINDS)
def test_a_change_of_a_draft_that_is_deleted_meanwhile_finds_nothing(
    as_, ada, monkeypatch, address, body
):
    number = as_(ada).post(f"{address}/", body()).json()["number"]
    read_body = RequestDetailView.body

    def delete_meanwhile(view, *args, **kwargs):
        Request.objects.get(number=number).delete()
        return read_body(view, *args, **kwargs)

    monkeypatch.setattr(RequestDetailView, "body", delete_meanwhile)

    problem(as_(ada).patch(f"{address}/{number}/", {}), 404, "not_found")
