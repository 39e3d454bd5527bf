"""The OpenAPI description is whole, and true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings, strategies
from knox.models import AuthToken
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from goflow_site.wsgi import application
from tests.api.conftest import api_views
from tests.api.test_access import two_jobs
from tests.api.test_flows import SMALL
from tests.api.test_requests import claim, leave
from tests.factories import leave_data, open_item, publish_flow
from tests.workflows.test_topics import FLOW as TRANSLATION
from workflows import engine, flowfile, store
from workflows.jobs import topics

pytestmark = pytest.mark.same_everywhere

DESCRIPTION: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
EXAMPLES_EACH = 25

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

schema = schemathesis.openapi.from_dict(DESCRIPTION)
schema.app = application
OPERATIONS = [found.ok() for found in schema.get_all_operations()]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    methods = ("get", "post", "put", "patch", "delete")
    return [
        (path, method, operation)
        for path, item in DESCRIPTION["paths"].items()
        for method, operation in item.items()
        if method in methods
    ]


def test_the_description_is_valid_and_generated_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_every_call_is_described_with_a_name_and_a_summary():
    calls = sum(
        hasattr(view, method)
        for view in api_views().values()
        for method in ("get", "post", "put", "patch", "delete")
    )

    assert len(operations()) == calls
    assert len({operation["operationId"] for _, _, operation in operations()}) == calls
    assert all(operation["summary"] for _, _, operation in operations())


def test_every_call_declares_its_errors():
    for path, method, operation in operations():
        statuses = set(operation["responses"])
        assert {"400", "401", "406", "503"} <= statuses, path
        if "{" in path:
            assert "404" in statuses, path
        if method in ("post", "patch"):
            assert {"403", "413", "415", "422"} <= statuses, path


def test_an_error_is_described_as_a_problem():
    components = DESCRIPTION["components"]

    conflict = components["responses"]["Conflict"]["content"]["application/problem+json"]
    assert conflict["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert "code" in components["schemas"]["Problem"]["required"]


def test_the_key_against_repetition_is_described_where_it_is_honoured():
    for path, method, operation in operations():
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        is_expected = method == "post" and not path.endswith("/auth/token/")
        assert ("Idempotency-Key" in names) == is_expected, path


def test_the_description_is_served_to_everybody(nobody):
    response = nobody.get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")

    assert response.status_code == 200
    assert json.loads(response.content)["info"]["title"] == "Goflow"


def test_the_documentation_loads_nothing_from_elsewhere_and_no_inline_script(nobody):
    response = nobody.get("/api/docs/")

    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    text = response.content.decode()
    assert "https://" not in text
    assert "<script>" not in text


@pytest.fixture
def rows(leave_flow, expense_flow, ada, as_) -> dict[str, Any]:
    """Path parameters that lead to something."""
    case = engine.start("leave", by=ada, data=leave_data(start="2027-02-01", end="2027-02-03"))
    store.save_draft(flowfile.from_mapping(SMALL), by=None)
    publish_flow(TRANSLATION)
    client = as_(ada)
    return {
        "cases": {"id": case.pk},
        "work-items": {"id": open_item(case, "manager_review").pk},
        "flows": {"key": "small", "number": 1},
        "jobs": {"id": two_jobs(ada)[0].pk},
        "leave-requests": {"number": client.post("leave-requests/", leave()).json()["number"]},
        "expense-claims": {"number": client.post("expense-claims/", claim()).json()["number"]},
    }


@pytest.fixture
def nobody_waits() -> Iterator[None]:
    """Who would wait for a job is told to come again."""
    for _ in range(topics.MOST_WAITING):
        topics._waiting_places.acquire()
    yield
    topics._waiting_places.release(topics.MOST_WAITING)


@contextmanager
def connection_kept_open() -> Iterator[None]:
    """A whole WSGI application closes its connection, and with it the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def right_or_wrong(operation: Any) -> Any:
    """Return a strategy of calls as described, and of calls that are not."""
    right = operation.as_strategy()
    has_input = operation.body or operation.query or operation.path_parameters
    if not has_input:
        return right
    return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_as_described(operation, rows, nobody_waits, admin):
    _, token = AuthToken.objects.create(user=admin)
    parts = (part for part in rows if f"/{part}/" in operation.path)
    known = rows[next(parts)] if "{" in operation.path else {}

    @settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=right_or_wrong(operation), is_known=strategies.booleans())
    def check(case: Any, is_known: bool) -> None:
        if is_known:
            case.path_parameters = case.path_parameters | known
        # As it is written: the client without a network does not unpack what comes compressed.
        headers = {"Authorization": f"Token {token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    with connection_kept_open():
        check()
