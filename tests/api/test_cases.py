"""Cases by the API: start, look, intervene."""

from __future__ import annotations

import pytest

from tests.api.conftest import problem
from tests.factories import expense_data, grant, leave_data, publish_flow
from workflows import engine
from workflows.models import Case

HIDING = """
flow: hiding
data:
  type: object
  properties:
    amount: {type: number, x-type: decimal}
    salary: {type: number, x-type: decimal}
places: [start, first, second, end]
tasks:
  look: {kind: human, assign: user("ben"), form: {fields: {salary: hidden}}}
  pay: {kind: human, assign: user("carl")}
transitions:
  begin: {from: start, to: first}
  looked: {task: look, outcome: ok, from: first, to: second}
  paid: {task: pay, outcome: ok, from: second, to: end}
"""


@pytest.fixture
def case(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


def test_a_started_case_tells_what_is_open_and_possible(as_, leave_flow, ada):
    response = as_(ada).post("cases/", {"flow": "leave", "data": leave_data()})

    assert response.status_code == 201
    told = response.json()
    assert told["flow"] == "leave"
    assert told["version"] == 1
    assert told["state"] == "running"
    assert told["marking"] == {"with_manager": 1, "withdrawable": 1}
    assert told["data"]["days"] == 3
    assert set(told["enabled"]) == {"approve", "return", "reject", "escalate", "withdraw_request"}
    tasks = {item["task"] for item in told["work_items"]}
    assert tasks == {"manager_review", "escalation", "withdraw"}
    assert response["Location"] == f"/api/v1/cases/{told['id']}/"


def test_a_case_without_a_business_key_gets_the_number_of_its_request(as_, leave_flow, ada):
    told = as_(ada).post("cases/", {"flow": "leave", "data": leave_data()}).json()

    assert told["business_key"].startswith("LV-")


def test_a_case_keeps_the_business_key_that_it_is_given(as_, purchase_flow, ada):
    data = {
        "item": "Laptop",
        "category": "hardware",
        "amount": 0.1,
        "currency": "EUR",
        "needed_by": "2026-12-24",
        "justification": "Old one broke",
    }
    body = {"flow": "purchase", "data": data, "business_key": "PO 7"}
    told = as_(ada).post("cases/", body).json()

    assert told["business_key"] == "PO 7"
    assert told["data"]["amount"] == 0.1


def test_an_unknown_flow_is_not_found_by_name(as_, ada):
    told = problem(as_(ada).post("cases/", {"flow": "nope", "data": {}}), 404, "unknown_flow")

    assert told["flow"] == "nope"


def test_data_of_wrong_types_is_refused_field_by_field(as_, leave_flow, ada):
    data = leave_data(days="many", start="someday")
    response = as_(ada).post("cases/", {"flow": "leave", "data": data})

    told = problem(response, 422, "invalid_data")
    assert {found["path"] for found in told["problems"]} == {"days", "start"}
    assert not Case.objects.exists()


def test_a_field_that_the_flow_sets_cannot_be_given(as_, leave_flow, ada):
    data = leave_data(decision="approved")

    problem(as_(ada).post("cases/", {"flow": "leave", "data": data}), 422, "invalid_data")


def test_a_member_that_nobody_knows_is_refused(as_, leave_flow, ada):
    body = {"flow": "leave", "data": leave_data(), "state": "completed"}

    told = problem(as_(ada).post("cases/", body), 422, "invalid_data")
    assert told["problems"][0]["path"] == "state"


@pytest.mark.parametrize("data", [[], "text", 7, None])
def test_data_that_is_no_object_is_refused(as_, leave_flow, ada, data):
    problem(as_(ada).post("cases/", {"flow": "leave", "data": data}), 422, "invalid_data")


def test_the_total_of_many_digits_keeps_each_of_them(as_, expense_flow, ada):
    data = expense_data(total=0)
    data["lines"][0]["amount"] = data["total"] = "1234567890.12"
    told = as_(ada).post("cases/", {"flow": "expense", "data": data}).json()

    assert told["data"]["total"] == 1234567890.12


def test_no_answer_may_be_kept_on_the_way(as_, nobody, case, ada):
    for response in (
        as_(ada).get("cases/"),
        as_(ada).get("cases/987654321/"),
        nobody.get("cases/"),
    ):
        assert response["Cache-Control"] == "no-store"


def test_a_head_request_takes_the_parameters_of_the_list(as_, case, ada):
    assert as_(ada).head("cases/?state=running").status_code == 200


def test_a_stranger_gets_the_same_answer_for_a_foreign_case_as_for_none(as_, case, finn):
    foreign = as_(finn).get(f"cases/{case.pk}/")
    missing = as_(finn).get("cases/987654321/")

    problem(foreign, 404, "not_found")
    assert foreign.content == missing.content


def test_a_number_beyond_any_key_is_not_found(as_, case, ada):
    problem(as_(ada).get(f"cases/{10**30}/"), 404, "not_found")


def test_the_list_holds_what_the_caller_may_see(as_, case, ada, ben, finn):
    numbers = {
        user.username: [row["id"] for row in as_(user).get("cases/").json()["results"]]
        for user in (ada, ben, finn)
    }

    assert numbers == {"ada": [case.pk], "ben": [case.pk], "finn": []}


def test_the_list_is_filtered_by_state_flow_and_business_key(as_, case, ada):
    client = as_(ada)

    def found(query: str) -> int:
        return len(client.get(f"cases/?{query}").json()["results"])

    assert found("state=running&flow=leave") == 1
    assert found("state=completed") == 0
    assert found("flow=expense") == 0
    assert found(f"business_key={case.business_key}") == 1
    assert found("business_key=other") == 0


@pytest.mark.parametrize(
    "query",
    [
        "requester__password__startswith=p",
        "ordering=requester__password",
        "data__regex=.",
        "state=nonsense",
        "state=running&state=completed",
        "flow=a%00b",
        "limit=0",
        "limit=1000000",
        "cursor=nonsense",
        "cursor=WyJhIiwgMV0=",
        "cursor=bnVsbA==",
    ],
)
def test_a_parameter_that_is_not_understood_is_told(as_, case, ada, query):
    response = as_(ada).get(f"cases/?{query}")

    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"


def test_pages_follow_each_other_without_gap_or_repetition(as_, leave_flow, ada):
    cases = [engine.start("leave", by=ada, data=leave_data()) for _ in range(5)]
    client, address, seen = as_(ada), "cases/?limit=2", []
    while address:
        page = client.get(address).json()
        seen.append([row["id"] for row in page["results"]])
        address = page["next"]

    assert [len(page) for page in seen] == [2, 2, 1]
    assert [pk for page in seen for pk in page] == [case.pk for case in reversed(cases)]


def test_history_tells_who_did_what_without_inner_marks(as_, case, ada, ben):
    item = case.work_items.get(task__key="manager_review")
    engine.complete(item.pk, by=ben, outcome="approve", comment="Enjoy", idempotency_key="k")

    events = as_(ada).get(f"cases/{case.pk}/history/").json()["results"]

    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    approved = next(event for event in events if event["transition"] == "approve")
    assert approved["actor"] == "ben"
    assert approved["task"] == "manager_review"
    assert approved["payload"] == {"outcome": "approve", "comment": "Enjoy"}
    assert events[0]["payload"]["data"]["days"] == 3


def test_a_field_that_all_tasks_of_a_person_hide_is_not_told_to_them(as_, company, ada, ben, carl):
    publish_flow(HIDING)
    case = engine.start("hiding", by=ada, data={"amount": 5, "salary": 7123456789})
    item = case.work_items.get()

    assert as_(ada).get(f"cases/{case.pk}/").json()["data"] == {"amount": 5, "salary": 7123456789}
    assert as_(ben).get(f"cases/{case.pk}/").json()["data"] == {"amount": 5}
    assert as_(ben).get(f"work-items/{item.pk}/").json()["data"] == {"amount": 5}
    history = as_(ben).get(f"cases/{case.pk}/history/")
    assert "7123456789" not in history.content.decode()

    done = as_(ben).post(f"work-items/{item.pk}/complete/", {"outcome": "ok"})
    assert "7123456789" not in done.content.decode()
    assert as_(carl).get(f"cases/{case.pk}/").json()["data"]["salary"] == 7123456789


def test_the_diagram_is_svg_that_may_do_nothing(as_, case, ada):
    response = as_(ada).get(f"cases/{case.pk}/diagram.svg", HTTP_ACCEPT="image/svg+xml,*/*")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response.content.startswith(b"<")


def test_the_diagram_of_a_foreign_case_is_a_problem(as_, case, finn):
    response = as_(finn).get(f"cases/{case.pk}/diagram.svg", HTTP_ACCEPT="image/svg+xml")

    problem(response, 404, "not_found")


def test_an_operator_suspends_resumes_and_cancels(as_, case, eve):
    operator = as_(grant(eve, "view_all_cases", "intervene_case"))
    address = f"cases/{case.pk}"

    assert operator.post(f"{address}/suspend/", {"reason": "Wait"}).json()["state"] == "suspended"
    assert operator.get(f"{address}/").json()["enabled"] == []
    assert operator.post(f"{address}/resume/", {"reason": "Go on"}).json()["state"] == "running"
    told = operator.post(f"{address}/cancel/", {"reason": "Left the company"}).json()
    assert told["state"] == "cancelled"
    assert told["work_items"] == []
    problem(operator.post(f"{address}/cancel/", {"reason": "Again"}), 409, "case_not_running")


@pytest.mark.parametrize("command", ["cancel", "suspend", "resume"])
def test_who_sees_a_case_may_not_therefore_intervene(as_, case, ada, command):
    response = as_(ada).post(f"cases/{case.pk}/{command}/", {"reason": "I want to"})

    problem(response, 403, "not_allowed")


@pytest.mark.parametrize("reason", [None, "", "   ", 7])
def test_an_intervention_needs_a_reason(as_, case, admin, reason):
    body = {} if reason is None else {"reason": reason}

    told = problem(as_(admin).post(f"cases/{case.pk}/cancel/", body), 422, "invalid_data")
    assert told["problems"][0]["path"] == "reason"
