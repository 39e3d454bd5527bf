"""Interventions by the API: dry first, then done; once, with a reason."""

from __future__ import annotations

import pytest

from tests.api.conftest import problem
from tests.factories import grant, leave_data, open_item
from workflows import engine, history
from workflows.models import Case

MOVE = {"take": {"with_manager": 1}, "put": {"agreed": 1}}
LEAVING_A_REST = {"take": {"with_manager": 1}, "put": {"to_record": 1}}


@pytest.fixture
def case(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


@pytest.fixture
def oscar(as_, gina):
    return as_(grant(gina, "view_all_cases", "intervene_case"))


@pytest.fixture
def forceful(as_, dana):
    return as_(grant(dana, "view_all_cases", "intervene_case", "force_intervention"))


def test_a_dry_run_tells_what_would_come_of_a_move_and_changes_nothing(case, oscar):
    told = oscar.post(f"cases/{case.pk}/move/", {**MOVE, "dry_run": True}).json()

    assert (told["answer"], told["fires"], told["marking"]) == (
        "yes",
        ["short_leave"],
        {"to_record": 1},
    )
    closes = {item["task"]: item["candidates"] for item in told["closes"]}
    assert (closes["manager_review"], closes["withdraw"]) == (["ben"], ["ada"])
    assert [item["groups"] for item in told["opens"]] == [["hr"]]
    assert Case.objects.get(pk=case.pk).marking == {"with_manager": 1, "withdrawable": 1}


def test_a_move_that_was_foreseen_is_done_on_the_step_that_was_looked_at(case, oscar):
    told = oscar.post(f"cases/{case.pk}/move/", {**MOVE, "dry_run": True}).json()

    body = {**MOVE, "reason": "By phone", "step": told["step"]}
    assert oscar.post(f"cases/{case.pk}/move/", body).json()["marking"] == told["marking"]
    problem(oscar.post(f"cases/{case.pk}/move/", body), 409, "stale")


def test_a_move_with_a_key_is_done_once(case, oscar):
    body = {**MOVE, "reason": "By phone"}
    key = {"HTTP_IDEMPOTENCY_KEY": "move-1"}

    first = oscar.post(f"cases/{case.pk}/move/", body, **key)
    second = oscar.post(f"cases/{case.pk}/move/", body, **key)

    assert first.content == second.content
    assert case.events.filter(kind="moved").count() == 1
    assert history.verify_case(Case.objects.get(pk=case.pk)) == []


def test_what_leaves_a_rest_is_refused_with_its_foresight(case, oscar):
    refused = oscar.post(f"cases/{case.pk}/move/", {**LEAVING_A_REST, "reason": "x"})

    told = problem(refused, 409, "cannot_end_properly")
    assert told["foresight"]["answer"] == "no"
    assert told["foresight"]["run"] == ["withdraw_request"]


def test_force_needs_its_right(case, oscar, forceful):
    body = {**LEAVING_A_REST, "reason": "x", "force": True}

    problem(oscar.post(f"cases/{case.pk}/move/", body), 403, "not_allowed")
    assert forceful.post(f"cases/{case.pk}/move/", body).status_code == 200


def test_an_intervention_without_a_reason_names_the_field(case, oscar):
    told = problem(oscar.post(f"cases/{case.pk}/move/", MOVE), 422, "invalid_data")

    assert [p["path"] for p in told["problems"]] == ["reason"]


def test_tokens_that_are_not_there_are_told(case, oscar):
    body = {"take": {"agreed": 1}, "put": {"end": 1}, "reason": "x"}

    told = problem(oscar.post(f"cases/{case.pk}/move/", body), 409, "tokens_gone")
    assert told["places"] == {"agreed": 0}


@pytest.mark.parametrize("count", [0, -1, 1.5, "1", True, None, [1], 10**30])
def test_a_number_of_tokens_that_is_none_is_refused(case, oscar, count):
    body = {"put": {"agreed": count}, "reason": "x"}

    told = problem(oscar.post(f"cases/{case.pk}/move/", body), 422, "invalid_data")
    assert told["problems"][0]["path"] == "put.agreed"


def test_data_is_set_as_far_as_the_schema_allows(case, oscar):
    done = oscar.post(f"cases/{case.pk}/set-data/", {"data": {"reason": "Hills"}, "reason": "x"})
    refused = oscar.post(f"cases/{case.pk}/set-data/", {"data": {"days": -1}, "reason": "x"})

    assert done.json()["data"]["reason"] == "Hills"
    problem(refused, 422, "invalid_data")


@pytest.mark.parametrize("dry_run", [True, False])
def test_data_that_contradicts_the_request_is_refused(case, oscar, dry_run):
    body = {"data": {"days": 2.5}, "reason": "x", "dry_run": dry_run}

    problem(oscar.post(f"cases/{case.pk}/set-data/", body), 422, "invalid_data")
    assert case.request.leave.days == 3


def test_a_skipped_item_and_its_repetition_are_in_the_history(case, oscar):
    item = open_item(case, "manager_review")

    oscar.post(f"work-items/{item.pk}/skip/", {"outcome": "return", "reason": "Ben has left"})
    again = oscar.post(f"work-items/{item.pk}/repeat/", {"reason": "Ben is back"})

    assert {"withdraw", "manager_review"} <= {i["task"] for i in again.json()["work_items"]}
    told = oscar.get(f"cases/{case.pk}/history/").json()["results"]
    assert [e["kind"] for e in told] == ["started", "fired", "skipped", "repeated"]
    assert told[-1]["payload"]["put"] == {"with_manager": 1}


def test_a_dry_skip_tells_of_the_item_that_it_ends(case, oscar):
    item = open_item(case, "manager_review")

    told = oscar.post(f"work-items/{item.pk}/skip/", {"outcome": "reject", "dry_run": True}).json()

    assert told["ends"] is True
    assert item.pk in [closed["work_item"] for closed in told["closes"]]


def test_a_branch_is_cancelled(case, oscar):
    body = {"places": ["withdrawable"], "reason": "It is too late for that"}

    assert oscar.post(f"cases/{case.pk}/cancel-branch/", body).json()["marking"] == {
        "with_manager": 1
    }


def test_an_operator_does_not_intervene_in_their_own_case(case, as_, ada):
    own = as_(grant(ada, "view_all_cases", "intervene_case"))

    problem(own.post(f"cases/{case.pk}/move/", {**MOVE, "reason": "x"}), 403, "own_request")
