"""What each page of the admin costs, in statements: the same beside few rows and beside many."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.urls import reverse

from approvals.models import Attachment, Employee
from tests.crowd import FEW, MANY, Crowd, costs
from tests.factories import open_item
from workflows.models import Event, Job, WorkerBeat

MOST = {
    "auth.group list": 5,
    "knox.authtoken list": 5,
    "workflows.case list": 5,
    "workflows.flow list": 5,
    "workflows.workitem list": 4,
    "workflows.event list": 4,
    "workflows.job list": 6,
    "workflows.workerbeat list": 5,
    "workflows.flowversion list": 6,
    "approvals.department list": 5,
    "approvals.office list": 5,
    "approvals.employee list": 7,
    "auth.user list": 6,
    "approvals.leavetype list": 5,
    "approvals.expensecategory list": 5,
    "approvals.request list": 5,
    "approvals.attachment list": 5,
    "approvals.department": 5,
    "approvals.office": 3,
    "approvals.employee": 8,
    "auth.user": 12,
    "auth.group": 5,
    "approvals.request": 7,
    "approvals.attachment": 5,
    "workflows.case": 13,
    "workflows.workitem": 3,
    "workflows.event": 3,
    "workflows.job": 3,
    "workflows.workerbeat": 3,
    "workflows.flow": 4,
    "workflows.flowversion": 22,
    "index": 3,
    "scenarios": 7,
    "try": 7,
}


def pages(crowd: Crowd) -> dict[str, tuple[str, str]]:
    employee = Employee.objects.get(user=crowd.company.ben)
    case = crowd.leave.case
    assert case is not None
    details = {
        "approvals.department": employee.department_id,
        "approvals.office": Employee.objects.exclude(office=None).latest("pk").office_id,
        "approvals.employee": employee.pk,
        "auth.user": employee.user_id,
        "auth.group": employee.user.groups.latest("pk").pk,
        "approvals.request": crowd.claim.pk,
        "approvals.attachment": Attachment.objects.latest("pk").pk,
        "workflows.case": case.pk,
        "workflows.workitem": open_item(case, "manager_review").pk,
        "workflows.event": Event.objects.filter(case=case).latest("pk").pk,
        "workflows.job": Job.objects.latest("pk").pk,
        "workflows.workerbeat": WorkerBeat.objects.latest("pk").pk,
        "workflows.flow": crowd.chain.flow_id,
        "workflows.flowversion": crowd.chain.pk,
    }
    lists = {
        f"{meta.app_label}.{meta.model_name} list": reverse(
            f"admin:{meta.app_label}_{meta.model_name}_changelist"
        )
        for meta in (model._meta for model in admin.site._registry)
    }
    changes = {
        name: reverse(f"admin:{name.replace('.', '_')}_change", args=[pk])
        for name, pk in details.items()
    }
    others = {
        "index": "/admin/",
        "scenarios": reverse("admin:workflows_flowversion_scenarios", args=[crowd.chain.pk]),
        "try": reverse("admin:workflows_flowversion_try", args=[crowd.chain.pk]),
    }
    return {name: ("admin", url) for name, url in (lists | changes | others).items()}


@pytest.mark.slow
def test_a_page_costs_the_same_beside_few_rows_and_beside_many(company: SimpleNamespace) -> None:
    crowd = Crowd(company)
    few = costs(crowd, pages, FEW)
    many = costs(crowd, pages, MANY)

    assert many == few
    assert {name: cost for name, cost in few.items() if cost > MOST[name]} == {}
    assert set(few) == set(MOST)
