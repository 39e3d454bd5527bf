"""Scenarios by the API: part of the flow file, of the proof, and of the refusal to publish."""

from __future__ import annotations

import pytest

from tests.api.conftest import problem
from tests.api.test_flows import SMALL
from tests.factories import grant
from workflows import flowfile, store
from workflows.models import FlowVersion

AGREED = {"title": "Agreed", "steps": [{"review": "approve"}], "expect": {"end": True}}
WRONG = {"title": "Wrong", "steps": [{"review": "approve"}], "expect": {"end": False}}
TOLD = (
    "The scenario 'Wrong' goes another way. "
    "After step 1 ('review': approve), it has ended, and should not."
)


@pytest.fixture
def publisher(dana):
    return grant(dana, "publish_flowversion", "add_flowversion")


def draft(*scenarios: object) -> FlowVersion:
    mapping = {**SMALL, "scenarios": list(scenarios)}
    return store.save_draft(flowfile.from_mapping(mapping), by=None)


def test_scenarios_come_in_and_go_out_with_the_flow_file(as_, company, publisher):
    sent = {**SMALL, "scenarios": [AGREED]}

    answer = as_(publisher).post("flows/", sent, format="json")

    assert answer.status_code == 201
    assert answer.json()["definition"]["scenarios"] == [AGREED]


def test_a_scenario_with_a_mistake_is_refused_with_its_path(as_, company, publisher):
    sent = {**SMALL, "scenarios": [{**AGREED, "steps": [{"reveiw": "approve"}]}]}

    answer = as_(publisher).post("flows/", sent, format="json")

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == "scenarios[0].steps[0].reveiw"


def test_verifying_tells_how_each_scenario_goes(as_, company, publisher):
    draft(AGREED, WRONG)

    verdict = as_(publisher).post("flows/small/versions/1/verify/").json()

    scenarios = verdict["scenarios"]["scenarios"]
    assert verdict["can_be_published"] is False
    assert [(s["title"], s["passed"]) for s in scenarios] == [("Agreed", True), ("Wrong", False)]
    assert scenarios[1]["failures"] == [
        {"step": 1, "path": "expect.end", "message": TOLD.split(". ", 1)[1]}
    ]
    assert verdict["errors"][0]["message"] == TOLD


def test_publishing_is_refused_while_a_scenario_goes_another_way(as_, company, publisher):
    draft(WRONG)

    answer = as_(publisher).post(
        "flows/small/versions/1/publish/", {"confirm_warnings": True}, format="json"
    )

    told = problem(answer, 409, "not_publishable")
    assert TOLD in told["detail"]
    assert told["verdict"]["scenarios"]["passed"] is False


def test_a_flow_whose_scenarios_pass_is_published(as_, company, publisher):
    draft(AGREED)

    assert as_(publisher).post("flows/small/versions/1/publish/").status_code == 200
