"""Lists and pages cost the same number of statements, however much there is to show."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.conftest import SOUND, address, draft
from tests.factories import leave_data
from workflows import engine, publishing, store
from workflows.models import Case, FlowVersion


def statements(client: Client, url: str) -> int:
    client.get(url)  # What is asked once a process, such as content types, is known after this.
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def start_cases(company: Any, count: int) -> list[Case]:
    return [engine.start("leave", by=company.ada, data=leave_data()) for _ in range(count)]


@pytest.mark.parametrize("name", ["case", "workitem", "job", "event"])
def test_a_list_of_what_happened_costs_the_same_for_one_case_and_for_many(
    root: Client, company: Any, leave_flow: Any, name: str
) -> None:
    url = reverse(f"admin:workflows_{name}_changelist")
    start_cases(company, 1)
    few = statements(root, url)

    start_cases(company, 8)

    assert statements(root, url) == few <= 12


@pytest.mark.parametrize("name", ["flow", "flowversion"])
def test_a_list_of_flows_costs_the_same_for_one_and_for_many(
    root: Client, company: Any, leave_flow: Any, name: str
) -> None:
    url = reverse(f"admin:workflows_{name}_changelist")
    few = statements(root, url)

    for number in range(6):
        version = draft(SOUND.replace("flow: training", f"flow: training_{number}"))
        publishing.publish(version, by=None)
        store.save_draft(store.definition_of(version), by=company.admin)

    assert statements(root, url) == few <= 10


def test_the_page_of_a_case_costs_the_same_for_a_long_history(
    root: Client, company: Any, leave_flow: Any
) -> None:
    case = start_cases(company, 1)[0]
    url = reverse("admin:workflows_case_change", args=[case.pk])
    few = statements(root, url)

    for _ in range(10):
        engine.suspend(case.pk, by=company.admin, reason="Wait")
        engine.resume(case.pk, by=company.admin, reason="Go on")

    assert statements(root, url) == few <= 22


def test_the_page_of_a_version_costs_the_same_for_a_large_net(root: Client, company: Any) -> None:
    small = draft(SOUND)
    steps = range(20)
    lines = [f"  step_{i}: {{from: place_{i}, to: place_{i + 1}}}" for i in steps]
    places = ", ".join(f"place_{i}" for i in range(21))
    large = draft(f"flow: long\nplaces: [{places}]\ntransitions:\n" + "\n".join(lines))

    few = statements(root, address(small))

    assert statements(root, address(large)) == few <= 26


def test_saving_a_version_costs_the_same_for_a_large_net(root: Client, company: Any) -> None:
    from tests.admin.conftest import page_form

    steps = range(20)
    lines = [f"  step_{i}: {{from: place_{i}, to: place_{i + 1}}}" for i in steps]
    places = ", ".join(f"place_{i}" for i in range(21))
    large = draft(f"flow: long\nplaces: [{places}]\ntransitions:\n" + "\n".join(lines))
    small = draft(SOUND)

    def saving(version: FlowVersion) -> int:
        fields = page_form(root, address(version)) | {"title": "Anew"}
        with CaptureQueriesContext(connection) as queries:
            assert root.post(address(version), fields).status_code == 302
        return len(queries)

    assert saving(large) <= saving(small) + 3
