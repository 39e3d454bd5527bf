"""Flows by the API: what there is, and from a flow file to a published version."""

from __future__ import annotations

import pytest
import yaml
from django.db import connection

from tests.api.conftest import problem
from tests.factories import FLOWS, grant
from workflows import flowfile, store
from workflows.models import Flow, FlowVersion
from workflows.proving import prove
from workflows.publishing import verdicts

SMALL = {
    "flow": "small",
    "title": "Small",
    "data": {"type": "object", "properties": {"note": {"type": "string"}}},
    "places": ["start", "waiting", "end"],
    "tasks": {
        "review": {
            "kind": "human",
            "assign": "manager(requester)",
            "otherwise": 'group("hr")',
        }
    },
    "transitions": {
        "submit": {"from": "start", "to": "waiting"},
        "approve": {"task": "review", "outcome": "approve", "from": "waiting", "to": "end"},
    },
}
STUCK = SMALL | {
    "places": ["start", "waiting", "nowhere", "end"],
    "transitions": SMALL["transitions"]
    | {"reject": {"task": "review", "outcome": "reject", "from": "waiting", "to": "nowhere"}},
}
GUARDED = SMALL | {
    "transitions": {
        "submit": {"from": "start", "to": "waiting"},
        "approve": {"task": "review", "outcome": "approve", "from": "waiting", "to": "end"},
    }
    | {"guarded": {"from": "start", "to": "waiting", "guard": 'note == "x"'}},
}


@pytest.fixture
def editor(eve):
    return grant(eve, "add_flowversion", "change_flowversion")


@pytest.fixture
def publisher(dana):
    return grant(dana, "publish_flowversion")


@pytest.fixture
def draft(company) -> FlowVersion:
    return store.save_draft(flowfile.from_mapping(SMALL), by=None)


def test_everybody_sees_the_flows_that_can_be_started(as_, leave_flow, finn):
    rows = as_(finn).get("flows/").json()["results"]

    assert [(row["key"], row["version"]) for row in rows] == [("leave", 1)]


def test_a_flow_tells_its_data_schema_and_its_versions(as_, leave_flow, finn):
    told = as_(finn).get("flows/leave/").json()

    assert told["data_schema"]["required"] == ["leave_type", "start", "end", "days"]
    assert [(row["number"], row["state"]) for row in told["versions"]] == [(1, "published")]


def test_a_version_tells_its_definition_as_the_flow_file_has_it(as_, leave_flow, finn):
    told = as_(finn).get("flows/leave/versions/1/").json()

    text = (FLOWS / "leave.yaml").read_text(encoding="utf-8")
    assert flowfile.from_mapping(told["definition"]) == flowfile.read(text)
    assert told["verdict"]["verdict"] == "sound"
    assert list(told["definition"]["data"]["properties"]) == list(
        yaml.safe_load(text)["data"]["properties"]
    )


def test_a_draft_is_for_those_who_work_on_flows(as_, draft, finn, editor):
    for address in ("flows/small/", "flows/small/versions/1/"):
        problem(as_(finn).get(address), 404, "not_found")
        assert as_(editor).get(address).status_code == 200
    assert as_(finn).get("flows/").json()["results"] == []
    problem(as_(finn).post("flows/small/versions/1/verify/"), 404, "not_found")


def test_a_flow_file_becomes_a_draft(as_, editor):
    response = as_(editor).post("flows/", SMALL)

    assert response.status_code == 201
    told = response.json()
    assert (told["flow"], told["number"], told["state"]) == ("small", 1, "draft")
    assert told["created_by"] == "eve"
    assert response["Location"] == "/api/v1/flows/small/versions/1/"
    assert as_(editor).post("flows/", SMALL).json()["number"] == 2


def test_a_flow_file_needs_the_right_to_add_versions(as_, ada):
    problem(as_(ada).post("flows/", SMALL), 403, "not_allowed")
    assert not Flow.objects.exists()


def test_every_mistake_of_a_flow_file_is_told_with_its_path(as_, editor):
    wrong = SMALL | {"flow": "Small!", "transitions": {"submit": {"from": "begin", "to": "end"}}}

    told = problem(as_(editor).post("flows/", wrong), 422, "bad_flow_file")
    assert {"flow", "transitions.submit.from"} <= {found["path"] for found in told["problems"]}
    assert not Flow.objects.exists()


@pytest.mark.parametrize("body", [[], "flow", 7, None, {}])
def test_what_is_no_flow_file_at_all_is_refused(as_, editor, body):
    assert as_(editor).post("flows/", body).status_code in (400, 422)


def test_a_sound_draft_is_verified_and_published(as_, draft, publisher, ada):
    address = "flows/small/versions/1"

    verdict = as_(publisher).post(f"{address}/verify/").json()
    assert verdict["verdict"] == "sound"
    told = as_(publisher).post(f"{address}/publish/").json()
    assert (told["state"], told["published_by"]) == ("published", "dana")
    assert as_(ada).post("cases/", {"flow": "small"}).status_code == 201


def test_a_draft_that_can_get_stuck_is_refused_with_its_verdict(as_, publisher):
    store.save_draft(flowfile.from_mapping(STUCK), by=None)

    response = as_(publisher).post("flows/small/versions/1/publish/")
    told = problem(response, 409, "not_publishable")
    assert told["verdict"]["verdict"] == "unsound"
    assert told["verdict"]["problems"]
    assert FlowVersion.objects.get().state == "draft"


def test_a_verdict_that_a_net_is_not_sound_is_no_error(as_, publisher):
    store.save_draft(flowfile.from_mapping(STUCK), by=None)

    verdict = as_(publisher).post("flows/small/versions/1/verify/").json()
    assert verdict["verdict"] == "unsound"


def test_warnings_are_to_be_confirmed(as_, publisher):
    store.save_draft(flowfile.from_mapping(GUARDED), by=None)
    client, address = as_(publisher), "flows/small/versions/1/publish/"

    told = problem(client.post(address, {}), 409, "not_publishable")
    assert all(found["is_warning"] for found in told["problems"])
    problem(client.post(address, {"confirm_warnings": "yes"}), 422, "invalid_data")
    assert client.post(address, {"confirm_warnings": True}).json()["state"] == "published"


STRANDING = SMALL | {
    "data": {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]},
    "transitions": SMALL["transitions"]
    | {"submit": {"from": "start", "to": "waiting", "guard": "days < 10"}},
}


def test_a_draft_has_its_proof_as_soon_as_it_is_saved_and_is_never_refused_for_it(as_, editor):
    saved = as_(editor).post("flows/", STRANDING)

    told = saved.json()["verdict"]
    assert saved.status_code == 201
    assert (told["verdict"], told["guards"]["verdict"]) == ("sound", "refuted")
    assert told["can_be_published"] is False


def test_verifying_tells_both_verdicts_and_what_stands_against_publishing(as_, publisher):
    store.save_draft(flowfile.from_mapping(STRANDING), by=None)

    told = as_(publisher).post("flows/small/versions/1/verify/").json()

    assert told["errors"][0]["path"] == "places.start"
    assert told["errors"][0]["example"]["days"] >= 10
    assert told["warnings"][0]["path"] == "transitions.submit.guard"
    assert FlowVersion.objects.get().verdict["errors"] == told["errors"]


def test_a_case_that_gets_stuck_with_some_data_is_not_confirmed_away(as_, publisher):
    store.save_draft(flowfile.from_mapping(STRANDING), by=None)
    client, address = as_(publisher), "flows/small/versions/1/publish/"

    told = problem(client.post(address, {"confirm_warnings": True}), 409, "not_publishable")
    assert told["verdict"]["guards"]["verdict"] == "refuted"
    assert [found["is_warning"] for found in told["problems"]] == [False, True]


@pytest.mark.parametrize("address", ["flows/", "flows/small/versions/1/publish/"])
def test_a_request_with_a_key_proves_before_its_transaction(
    as_, publisher, monkeypatch, transactional_db, address
):
    client = as_(grant(publisher, "add_flowversion"))
    store.save_draft(flowfile.from_mapping(SMALL), by=None)
    inside: list[bool] = []

    def watched(definition, **options):
        inside.append(connection.in_atomic_block)
        return prove(definition, **options)

    monkeypatch.setattr(verdicts, "prove", watched)
    body = SMALL if address == "flows/" else {}
    assert client.post(address, body, HTTP_IDEMPOTENCY_KEY="k").status_code in (200, 201)

    assert inside == [False]


def test_a_published_version_is_not_published_again(as_, leave_flow, publisher):
    response = as_(publisher).post("flows/leave/versions/1/publish/")

    problem(response, 409, "version_is_published")


@pytest.mark.parametrize("command", ["verify", "publish"])
def test_who_just_uses_flows_neither_verifies_nor_publishes(as_, leave_flow, ada, command):
    problem(as_(ada).post(f"flows/leave/versions/1/{command}/"), 403, "not_allowed")


def test_an_editor_does_not_publish(as_, draft, editor):
    problem(as_(editor).post("flows/small/versions/1/publish/"), 403, "not_allowed")


@pytest.mark.parametrize("address", ["flows/nope/", "flows/leave/versions/9/"])
def test_what_is_not_there_is_not_found(as_, leave_flow, ada, address):
    problem(as_(ada).get(address), 404, "not_found")
