"""The page that tells whether somebody can always act: with the cures, for those who may know."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.conftest import signed_in, staff
from tests.factories import leave_data, publish_flow
from workflows import engine

ADDRESS = "/admin/workflows/flow/people/"
TOP = """
flow: top
title: To the top
data: {type: object, properties: {}}
places: [start, end]
tasks:
  agree: {title: Agree, assign: manager(requester)}
transitions:
  agreed: {task: agree, outcome: agreed, from: start, to: end}
"""


def page(client: Client, **query: str) -> str:
    response = client.get(ADDRESS, query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_is_content_where_somebody_can_always_act(root: Client, purchase_flow: Any):
    assert "Somebody can always act." in page(root)


def test_a_finding_has_its_cures_beside_it(root: Client, company: Any):
    version = publish_flow(TOP)

    told = page(root)

    assert "finds nobody for a request of Dana Diaz or admin: they have no manager." in told
    employee = reverse("admin:approvals_employee_change", args=[company.dana.employee.pk])
    assert f'<a href="{employee}">Set the manager of Dana Diaz</a>' in told
    assert f'<a href="{version.get_admin_url()}">Name somebody under “otherwise”' in told


def test_who_may_not_edit_people_reads_the_cure_without_the_way_there(company: Any):
    publish_flow(TOP)

    told = page(signed_in(staff("petra", "publish_flowversion")))

    assert "<span>Set the manager of Dana Diaz</span>" in told


def test_what_would_stand_empty_without_somebody_is_shown(
    root: Client, leave_flow: Any, ada: User, ben: User
):
    engine.start("leave", by=ada, data=leave_data())

    told = page(root, without="ben")

    assert "Head of Engineering" in told
    assert "“Decide on the leave”" in told
    assert "nobody else can do it" in told


def test_open_work_of_cases_that_the_reader_may_not_see_is_counted_alone(
    leave_flow: Any, ada: User, ben: User
):
    engine.start("leave", by=ada, data=leave_data())

    told = page(signed_in(staff("petra", "publish_flowversion")), without="ben")

    assert "1 open task of a case that you may not see." in told
    assert "“Decide on the leave”" not in told


def test_an_unknown_name_is_refused_at_the_field(root: Client, company: Any):
    response = root.get(ADDRESS, {"without": "zoe"})

    assert response.status_code == 422
    assert "There is no active account “zoe”." in response.content.decode()


@pytest.mark.parametrize("right", ["publish_flowversion", "intervene_case"])
def test_who_answers_for_flows_or_cases_may_look(company: Any, right: str):
    assert signed_in(staff("petra", right)).get(ADDRESS).status_code == 200


def test_others_may_not_look(clerk: Client, ada: User):
    assert clerk.get(ADDRESS).status_code == 403
    assert signed_in(ada).get(ADDRESS).status_code == 302


def test_the_page_changes_nothing(root: Client, company: Any):
    assert root.post(ADDRESS).status_code == 405


def test_the_list_of_flows_and_the_stuck_page_lead_there(root: Client, company: Any):
    for address in (reverse("admin:workflows_flow_changelist"), reverse("stuck")):
        assert ADDRESS in root.get(address).content.decode()


def test_the_page_costs_the_same_statements_for_few_people_and_for_many(
    root: Client, leave_flow: Any, purchase_flow: Any
):
    def statements() -> int:
        with CaptureQueriesContext(connection) as sent:
            page(root)
        return len(sent)

    page(root)
    few = statements()
    User.objects.bulk_create([User(username=f"u{n}") for n in range(50)])

    assert statements() == few
