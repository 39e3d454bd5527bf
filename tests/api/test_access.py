"""Who may do what: one row for each call of the API, one column for each role.

The case is ada's leave, which stands with her manager ben; the drafts are ada's too. A call without
a row fails the test, and so does a row without its call.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests import ground
from tests.api.conftest import Client, api_views, problem, signed_in
from tests.api.test_flows import SMALL
from tests.api.test_requests import claim, leave
from tests.factories import grant, leave_data, make_user, open_item, publish_flow
from tests.workflows.test_topics import FLOW as TRANSLATION
from workflows import engine, flowfile, store
from workflows.jobs import topics
from workflows.models import Case, Job

ROLES = (
    "anonymous",
    "stranger",  # finn, of another department
    "colleague",  # abe, of the same department
    "requester",  # ada
    "candidate",  # ben
    "operator",  # sees every case and may intervene
    "publisher",  # works on flows
    "superuser",
)

# call -> a status for each role, in the order of ROLES. Each call is made on fresh rows.
TABLE = """
GET api-index                         401 200 200 200 200 200 200 200
DELETE api-token                      401 409 409 409 409 409 409 409
GET api-flows                         401 200 200 200 200 200 200 200
POST api-flows                        401 403 403 403 403 403 201 201
GET api-flow                          401 200 200 200 200 200 200 200
GET api-version                       401 404 404 404 404 404 200 200
POST api-version-verify               401 404 404 404 404 404 200 200
POST api-version-publish              401 404 404 404 404 404 200 200
GET api-cases                         401 200 200 200 200 200 200 200
POST api-cases                        401 201 201 201 201 201 201 201
GET api-case                          401 404 404 200 200 200 404 200
GET api-case-history                  401 404 404 200 200 200 404 200
GET api-case-diagram                  401 404 404 200 200 200 404 200
POST api-case-cancel                  401 404 404 403 403 200 404 200
POST api-case-suspend                 401 404 404 403 403 200 404 200
POST api-case-resume                  401 404 404 403 403 409 404 409
POST api-case-move                    401 404 404 403 403 200 404 200
POST api-case-set-data                401 404 404 403 403 200 404 200
POST api-case-cancel-branch           401 404 404 403 403 200 404 200
GET api-work-items                    401 200 200 200 200 200 200 200
GET api-work-item                     401 404 404 200 200 200 404 200
POST api-work-item-claim              401 404 404 403 200 403 404 403
POST api-work-item-release            401 404 404 403 200 403 404 403
POST api-work-item-complete           401 404 404 403 200 403 404 403
POST api-work-item-transfer           401 404 404 403 200 200 404 200
POST api-work-item-skip               401 404 404 403 403 200 404 200
POST api-work-item-repeat             401 404 404 403 403 409 404 409
GET api-jobs                          401 200 200 200 200 200 200 200
POST api-jobs-fetch                   401 403 403 403 403 403 403 200
GET api-job                           401 404 404 404 404 200 404 200
POST api-job-complete                 401 404 404 404 404 403 404 200
POST api-job-fail                     401 404 404 404 404 403 404 200
POST api-job-extend                   401 404 404 404 404 403 404 200
POST api-job-retry                    401 404 404 404 404 200 404 200
POST api-job-end                      401 404 404 404 404 200 404 200
POST api-job-cancel                   401 404 404 404 404 409 404 409
GET api-leave-types                   401 200 200 200 200 200 200 200
GET api-expense-categories            401 200 200 200 200 200 200 200
GET api-leave-requests                401 200 200 200 200 200 200 200
POST api-leave-requests               401 201 201 201 201 201 201 201
GET api-leave-request                 401 404 404 200 404 404 404 404
PATCH api-leave-request               401 404 404 200 404 404 404 404
POST api-leave-request-submit         401 404 404 200 404 404 404 404
POST api-leave-request-withdraw       401 404 404 409 404 404 404 404
GET api-expense-claims                401 200 200 200 200 200 200 200
POST api-expense-claims               401 201 201 201 201 201 201 201
GET api-expense-claim                 401 404 404 200 404 404 404 404
PATCH api-expense-claim               401 404 404 200 404 404 404 404
POST api-expense-claim-submit         401 404 404 200 404 404 404 404
POST api-expense-claim-withdraw       401 404 404 409 404 404 404 404
"""

ROWS = {(r[0], r[1]): [int(s) for s in r[2:]] for r in map(str.split, TABLE.strip().splitlines())}
LISTS = [name for method, name in ROWS if method == "GET" and name.endswith("s")]


class Scene:
    """The rows that the calls are about, and the people who make them."""

    def __init__(self) -> None:
        people = ground.given("company")
        self.case = engine.start("leave", by=people.ada, data=leave_data())
        self.item = open_item(self.case, "manager_review")
        store.save_draft(flowfile.from_mapping(SMALL), by=None)
        drafts = signed_in(people.ada)
        self.leave = drafts.post("leave-requests/", leave()).json()["number"]
        self.claim = drafts.post("expense-claims/", claim()).json()["number"]
        publisher = make_user("pia")
        publish_flow(TRANSLATION)
        self.job, self.incident = two_jobs(people.ada)
        self.people: dict[str, User] = {
            "stranger": people.finn,
            "colleague": people.abe,
            "requester": people.ada,
            "candidate": people.ben,
            "operator": grant(people.eve, "view_all_cases", "intervene_case"),
            "publisher": grant(publisher, "add_flowversion", "publish_flowversion"),
            "superuser": people.admin,
        }

    def client(self, role: str) -> Client:
        return Client() if role == "anonymous" else signed_in(self.people[role])

    def call(self, role: str, method: str, name: str) -> Any:
        path, body = self.address(name), self.body(method, name)
        # A transfer to oneself or to the requester would be refused for another reason.
        return getattr(self.client(role), method.lower())(path, body)

    def address(self, name: str) -> str:
        case, item = f"cases/{self.case.pk}/", f"work-items/{self.item.pk}/"
        fixed = {
            "api-index": "/api/v1/",
            "api-token": "auth/token/",
            "api-flow": "flows/leave/",
            "api-version": "flows/small/versions/1/",
            "api-version-verify": "flows/small/versions/1/verify/",
            "api-version-publish": "flows/small/versions/1/publish/",
            "api-case": case,
            "api-case-diagram": f"{case}diagram.svg",
            "api-work-item": item,
            "api-job": f"jobs/{self.job.pk}/",
            "api-jobs-fetch": "jobs/fetch/",
            "api-leave-request": f"leave-requests/{self.leave}/",
            "api-expense-claim": f"expense-claims/{self.claim}/",
            "api-expense-categories": "expense-categories/",
        }
        if name in fixed:
            return fixed[name]
        short = name.removeprefix("api-")
        if name in ("api-job-retry", "api-job-end", "api-job-cancel"):
            return f"jobs/{self.incident.pk}/{short.removeprefix('job-')}/"
        for prefix in ("job", "case", "work-item", "leave-request", "expense-claim"):
            if short.startswith(f"{prefix}-"):
                return f"{fixed[f'api-{prefix}']}{short.removeprefix(f'{prefix}-')}/"
        return f"{short}/"

    def body(self, method: str, name: str) -> Any:
        if method == "GET" or method == "DELETE":
            return None
        bodies: dict[str, Any] = {
            "api-flows": SMALL,
            "api-cases": {
                "flow": "leave",
                "data": leave_data(start="2027-02-01", end="2027-02-03"),
            },
            "api-case-cancel": {"reason": "x"},
            "api-case-suspend": {"reason": "x"},
            "api-case-resume": {"reason": "x"},
            "api-case-move": {"take": {"with_manager": 1}, "put": {"agreed": 1}, "reason": "x"},
            "api-case-set-data": {"data": {"reason": "Hills"}, "reason": "x"},
            "api-case-cancel-branch": {"places": ["withdrawable"], "reason": "x"},
            "api-work-item-skip": {"outcome": "approve", "reason": "x"},
            "api-work-item-repeat": {"reason": "x"},
            "api-work-item-complete": {"outcome": "approve"},
            "api-work-item-transfer": {"to": "gina"},
            "api-jobs-fetch": {"topic": "translate", "worker": "w"},
            "api-job-complete": {"lease": 1, "data": {"result": "bonjour"}},
            "api-job-fail": {"lease": 1, "error": "x"},
            "api-job-extend": {"lease": 1, "seconds": 60},
            "api-job-retry": {"reason": "x"},
            "api-job-end": {"outcome": "failed", "reason": "x"},
            "api-job-cancel": {"reason": "x"},
            "api-leave-requests": leave(),
            "api-expense-claims": claim(),
        }
        if method == "PATCH":
            return {"reason": "x"} if "leave" in name else {"title": "x"}
        return bodies.get(name, {})


def two_jobs(requester: User) -> list[Job]:
    """Return a job that a worker has fetched, and one that was given up."""
    for text in ("hello", "bye"):
        engine.start("translation", by=requester, data={"text": text})
    minute = timedelta(minutes=1)
    first, second = topics.fetch("translate", worker="w", limit=2, lease=minute)
    topics.fail(second.pk, lease=1, error="x", retry_in=None, is_final=True)
    return [first, second]


ground.layer("scene_of_the_api", Scene)


@pytest.fixture
def scene_of_the_api(company, leave_flow, expense_flow) -> Scene:
    return ground.given("scene_of_the_api")


@pytest.fixture
def scene(scene_of_the_api) -> Scene:
    return scene_of_the_api


def test_every_call_of_the_api_has_its_row():
    calls = {
        (method.upper(), name)
        for name, view in api_views().items()
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(view, method)
    }

    assert calls - {("POST", "api-token")} == set(ROWS)


@pytest.mark.parametrize(("method", "name"), list(ROWS))
def test_each_role_gets_what_the_table_says(scene, method, name):
    from django.db import transaction

    got = []
    for role in ROLES:
        # What one role has changed is taken back before the next one calls.
        with transaction.atomic():
            got.append(scene.call(role, method, name).status_code)
            transaction.set_rollback(True)

    assert dict(zip(ROLES, got, strict=True)) == dict(zip(ROLES, ROWS[method, name], strict=True))


def test_the_index_leads_to_every_list_of_the_engine(as_, ada):
    told = as_(ada).get("").json()

    assert [name for name in ("flows", "cases", "work_items", "jobs") if name not in told] == []
    assert as_(ada).get(told["jobs"]).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_a_list_tells_a_stranger_nothing_of_what_is_foreign(scene, name):
    listed = scene.call("stranger", "GET", name)
    if name in ("api-flows", "api-leave-types", "api-expense-categories"):
        assert "small" not in listed.content.decode()
    else:
        assert listed.json() == {"next": None, "results": []}


@pytest.mark.parametrize(("method", "name"), [row for row in ROWS if 404 in ROWS[row]])
def test_what_is_foreign_looks_like_what_is_not_there(scene, method, name):
    foreign = scene.call("stranger", method, name)
    problem(foreign, 404, "not_found")
    scene.case = Case(pk=987654321)
    scene.item.pk = 987654321
    scene.job.pk = scene.incident.pk = 987654321
    scene.leave = scene.claim = "XX-1"

    if "version" not in name:
        missing = scene.call("stranger", method, name)
        assert missing.content == foreign.content


@pytest.mark.parametrize(("method", "name"), list(ROWS))
def test_a_wrong_method_is_told(scene, method, name):
    response = scene.client("requester").put(scene.address(name), {})

    problem(response, 405, "method_not_allowed")
    assert method in response["Allow"]
