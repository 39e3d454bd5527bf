"""Work items by the API: the inbox, claiming, deciding, handing on."""

from __future__ import annotations

import pytest

from tests.api.conftest import problem
from tests.factories import expense_data, grant, leave_data, open_item
from workflows import engine
from workflows.models import Case, WorkItem


@pytest.fixture
def case(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


@pytest.fixture
def review(case) -> WorkItem:
    return open_item(case, "manager_review")


@pytest.fixture
def pooled(expense_flow, ada, ben) -> WorkItem:
    """What carl and cleo of Finance are both offered."""
    case = engine.start("expense", by=ada, data=expense_data(total=2000))
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
    return open_item(case, "finance_check")


def test_the_inbox_holds_what_the_caller_may_act_on(as_, review, ben, abe):
    rows = as_(ben).get("work-items/").json()["results"]

    assert [row["id"] for row in rows] == [review.pk]
    assert rows[0]["case"] == review.case_id
    assert rows[0]["flow"] == "leave"
    assert rows[0]["requester"] == "ada"
    assert rows[0]["can_act"] is True
    assert [outcome["outcome"] for outcome in rows[0]["outcomes"]] == [
        "approve",
        "return",
        "reject",
    ]
    assert as_(abe).get("work-items/").json()["results"] == []


def test_the_inbox_is_filtered(as_, review, ben):
    client = as_(ben)

    def found(query: str) -> int:
        return len(client.get(f"work-items/?{query}").json()["results"])

    assert found(f"flow=leave&task=manager_review&case={review.case_id}") == 1
    assert found("flow=expense") == 0
    assert found("task=record") == 0
    assert found("case=987654321") == 0
    assert found("due_before=2999-01-01T00:00:00Z") == 1
    assert found("due_before=2001-01-01T00:00:00Z") == 0


@pytest.mark.parametrize("ordering", ["due_at", "opened_at", "-opened_at"])
def test_the_inbox_is_paged_in_each_order(as_, leave_flow, ada, ben, ordering):
    cases = [engine.start("leave", by=ada, data=leave_data()) for _ in range(5)]
    # Items without a date come last where the order is by date.
    WorkItem.objects.filter(case__in=cases[:2]).update(due_at=None)
    client, address, seen = as_(ben), f"work-items/?limit=2&ordering={ordering}", []
    while address:
        page = client.get(address).json()
        seen += [row["case"] for row in page["results"]]
        address = page["next"]

    assert sorted(seen) == [case.pk for case in cases]
    if ordering == "due_at":
        assert seen[-2:] == [case.pk for case in cases[:2]]


@pytest.mark.parametrize(
    "query", ["ordering=requester__password", "due_before=tomorrow", "task=a&task=b", "case=0"]
)
def test_a_filter_that_is_not_understood_is_told(as_, review, ben, query):
    assert as_(ben).get(f"work-items/?{query}").status_code == 400


def test_an_approval_answers_the_case_as_it_is_now(as_, review, ben):
    body = {"outcome": "approve", "comment": "Enjoy"}
    told = as_(ben).post(f"work-items/{review.pk}/complete/", body).json()

    assert told["id"] == review.case_id
    assert told["marking"] == {"to_record": 1}
    assert [item["task"] for item in told["work_items"]] == ["record"]
    assert told["work_items"][0]["can_act"] is False


def test_who_comes_second_learns_who_was_first_when_and_how(as_, pooled, carl, cleo):
    address = f"work-items/{pooled.pk}/complete/"
    assert as_(carl).post(address, {"outcome": "approve"}).status_code == 200

    told = problem(as_(cleo).post(address, {"outcome": "reject"}), 409, "work_item_closed")
    assert told["completed_by"] == "Carl Carter"
    assert told["outcome"] == "approve"
    assert told["completed_at"]
    assert "Carl Carter" in told["detail"]


def test_an_ended_item_tells_how_it_ended(as_, pooled, carl, cleo):
    as_(carl).post(f"work-items/{pooled.pk}/complete/", {"outcome": "approve"})

    told = as_(cleo).get(f"work-items/{pooled.pk}/").json()
    assert told["state"] == "completed"
    assert told["completed_by"] == "carl"
    assert told["outcome"] == "approve"
    assert told["outcomes"] == []
    assert told["can_act"] is False


def test_nobody_decides_on_their_own_request(as_, review, ada):
    address = f"work-items/{review.pk}"

    for command in ("complete", "claim"):
        body = {"outcome": "approve"} if command == "complete" else {}
        response = as_(ada).post(f"{address}/{command}/", body)
        problem(response, 403, "own_request")


def test_an_outcome_that_is_not_possible_names_those_that_are(as_, review, ben):
    response = as_(ben).post(f"work-items/{review.pk}/complete/", {"outcome": "pay"})

    told = problem(response, 409, "outcome_not_enabled")
    assert told["possible"] == ["approve", "return", "reject"]


def test_a_decision_that_rests_on_an_old_step_is_refused(as_, review, ben):
    client = as_(ben)
    seen = client.get(f"cases/{review.case_id}/").json()["step"]
    client.post(f"work-items/{review.pk}/claim/")

    body = {"outcome": "approve", "step": seen}
    problem(client.post(f"work-items/{review.pk}/complete/", body), 409, "stale")
    body["step"] = client.get(f"cases/{review.case_id}/").json()["step"]
    assert client.post(f"work-items/{review.pk}/complete/", body).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcome": 1},
        {"outcome": ""},
        {"outcome": ["approve"]},
        {"outcome": "approve", "data": []},
        {"outcome": "approve", "comment": {}},
        {"outcome": "approve", "step": "1"},
        {"outcome": "approve", "step": True},
        {"outcome": "approve", "by": "ada"},
        [],
        "approve",
        None,
    ],
)
def test_a_decision_of_wrong_types_is_refused(as_, review, ben, body):
    problem(as_(ben).post(f"work-items/{review.pk}/complete/", body), 422, "invalid_data")
    review.refresh_from_db()
    assert review.is_open


def test_a_field_that_the_form_does_not_open_cannot_be_changed(as_, review, ben):
    body = {"outcome": "approve", "data": {"days": 1}}
    told = problem(as_(ben).post(f"work-items/{review.pk}/complete/", body), 422, "invalid_data")

    assert told["problems"][0]["path"] == "days"


def test_a_claimed_item_leaves_the_pool_and_comes_back(as_, pooled, carl, cleo):
    address = f"work-items/{pooled.pk}"

    def waits_for_cleo() -> bool:
        return bool(as_(cleo).get("work-items/").json()["results"])

    claimed = as_(carl).post(f"{address}/claim/").json()
    assert claimed["work_items"][0]["claimed_by"] == "carl" or any(
        item["claimed_by"] == "carl" for item in claimed["work_items"]
    )
    assert not waits_for_cleo()
    problem(as_(cleo).post(f"{address}/claim/"), 409, "work_item_claimed")
    problem(
        as_(cleo).post(f"{address}/complete/", {"outcome": "approve"}), 409, "work_item_claimed"
    )

    assert as_(carl).post(f"{address}/release/").status_code == 200
    assert waits_for_cleo()


def test_an_item_is_handed_to_one_person(as_, pooled, carl, dana):
    response = as_(carl).post(f"work-items/{pooled.pk}/transfer/", {"to": "dana", "reason": "Away"})

    assert response.status_code == 200
    pooled.refresh_from_db()
    assert pooled.claimed_by == dana
    assert [row["id"] for row in as_(dana).get("work-items/").json()["results"]] == [pooled.pk]


def test_an_item_cannot_be_handed_to_its_requester(as_, pooled, carl):
    response = as_(carl).post(f"work-items/{pooled.pk}/transfer/", {"to": "ada"})

    problem(response, 403, "own_request")


@pytest.mark.parametrize("to", ["nobody-of-this-name", "gone"])
def test_an_item_cannot_be_handed_to_who_is_not_there(as_, pooled, carl, cleo, to):
    cleo.username, cleo.is_active = "gone", False
    cleo.save()

    response = as_(carl).post(f"work-items/{pooled.pk}/transfer/", {"to": to})
    told = problem(response, 422, "invalid_data")
    assert told["problems"] == [{"path": "to", "message": f"There is no active person '{to}'."}]


def test_an_operator_hands_on_what_is_not_theirs(as_, pooled, eve, cleo):
    operator = grant(eve, "view_all_cases", "intervene_case")

    response = as_(operator).post(f"work-items/{pooled.pk}/transfer/", {"to": "cleo"})
    assert response.status_code == 200
    pooled.refresh_from_db()
    assert pooled.claimed_by == cleo


@pytest.mark.parametrize("command", ["claim", "release", "complete", "transfer"])
def test_a_stranger_cannot_tell_a_foreign_item_from_none(as_, review, finn, command):
    body = {"complete": {"outcome": "approve"}, "transfer": {"to": "finn"}}.get(command, {})
    foreign = as_(finn).post(f"work-items/{review.pk}/{command}/", body)
    missing = as_(finn).post(f"work-items/987654321/{command}/", body)

    problem(foreign, 404, "not_found")
    assert foreign.content == missing.content


def test_a_suspended_case_offers_nothing(as_, review, admin, ben):
    engine.suspend(review.case_id, by=admin, reason="Wait")

    assert as_(ben).get("work-items/").json()["results"] == []
    response = as_(ben).post(f"work-items/{review.pk}/complete/", {"outcome": "approve"})
    problem(response, 409, "case_not_running")
