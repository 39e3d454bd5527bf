"""The company in the admin: people, what may be asked for, and requests to look at."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import Department, Employee, LeaveType, Request
from tests.admin.conftest import signed_in, staff
from tests.factories import leave_data, make_user
from workflows import engine


@pytest.fixture
def request_of_ada(leave_flow: Any, company: Any) -> Request:
    case = engine.start("leave", by=company.ada, data=leave_data(), business_key="LV-2026-0001")
    return Request.objects.get(case=case)


def employee_form(employee: Employee, **changes: Any) -> dict[str, Any]:
    return {
        "user": employee.user_id,
        "department": employee.department_id,
        "manager": employee.manager_id or "",
        "job_title": employee.job_title,
        "role": employee.role,
    } | changes


def test_an_employee_changes_manager(root: Client, company: Any) -> None:
    ada, dana = company.ada.employee, company.dana.employee

    root.post(
        reverse("admin:approvals_employee_change", args=[ada.pk]),
        employee_form(ada, manager=dana.pk),
    )

    assert Employee.objects.get(pk=ada.pk).manager == dana


def test_a_line_of_managers_does_not_come_back_to_its_beginning(root: Client, company: Any) -> None:
    dana, ada = company.dana.employee, company.ada.employee

    page = root.post(
        reverse("admin:approvals_employee_change", args=[dana.pk]),
        employee_form(dana, manager=ada.pk),
    )

    assert "already reports to Dana Diaz" in page.content.decode()
    assert Employee.objects.get(pk=dana.pk).manager is None


def test_the_page_of_a_user_has_their_place_in_the_company(root: Client, company: Any) -> None:
    page = root.get(reverse("admin:auth_user_change", args=[company.ada.pk])).content.decode()

    assert 'name="employee-0-job_title"' in page


def test_a_new_user_is_asked_for_name_and_password_first(root: Client) -> None:
    page = root.get(reverse("admin:auth_user_add")).content.decode()

    assert "employee-0-" not in page


def test_the_code_of_a_leave_type_stays(root: Client, company: Any) -> None:
    annual = LeaveType.objects.get(code="annual")
    address = reverse("admin:approvals_leavetype_change", args=[annual.pk])

    root.post(address, {"title": "Holiday", "code": "holiday", "is_paid": "on", "is_active": "on"})

    annual.refresh_from_db()
    assert (annual.code, annual.title) == ("annual", "Holiday")


def test_a_department_with_people_is_not_deleted(root: Client, company: Any) -> None:
    department = Department.objects.get(name="Engineering")

    root.post(reverse("admin:approvals_department_delete", args=[department.pk]), {"post": "yes"})

    assert Department.objects.filter(pk=department.pk).exists()


def test_a_request_is_looked_at_and_not_touched(root: Client, request_of_ada: Request) -> None:
    address = "admin:approvals_request_"
    page = root.get(reverse(address + "change", args=[request_of_ada.pk]))

    assert "LV-2026-0001" in page.content.decode()
    assert root.post(page.request["PATH_INFO"], {"number": "X"}).status_code == 403
    deleted = root.post(reverse(address + "delete", args=[request_of_ada.pk]), {"post": "yes"})
    assert deleted.status_code == 403


def test_nobody_else_s_draft_is_seen(root: Client, leave_flow: Any, company: Any) -> None:
    draft = Request.objects.create(
        number="LV-2026-0009", flow=leave_flow.flow, requester=company.ada
    )

    found = root.get(reverse("admin:approvals_request_changelist")).context["cl"].result_list
    page = root.get(reverse("admin:approvals_request_change", args=[draft.pk]))

    assert draft not in list(found)
    assert page.status_code == 302


def test_staff_without_rights_see_no_requests(clerk: Client, request_of_ada: Request) -> None:
    for name in ("request", "attachment", "employee", "department", "leavetype"):
        assert clerk.get(reverse(f"admin:approvals_{name}_changelist")).status_code == 403


def test_staff_see_the_requests_of_cases_they_may_see(
    company: Any, request_of_ada: Request
) -> None:
    address = reverse("admin:approvals_request_changelist")
    own = signed_in(staff("vera", "view_request"))
    every = signed_in(staff("otto", "view_request", "view_all_cases"))

    assert len(own.get(address).context["cl"].result_list) == 0
    assert len(every.get(address).context["cl"].result_list) == 1


@pytest.mark.parametrize("name", ["employee", "department"])
def test_lists_of_people_cost_the_same_for_few_and_for_many(
    root: Client, company: Any, django_assert_max_num_queries: Any, name: str
) -> None:
    for number in range(20):
        Employee.objects.create(
            user=make_user(f"new{number}"),
            department=Department.objects.create(name=f"New {number}"),
            manager=company.ben.employee,
        )
    address = reverse(f"admin:approvals_{name}_changelist")
    root.get(address)

    with django_assert_max_num_queries(8):
        root.get(address)


def test_what_was_asked_for_is_shown(root: Client, request_of_ada: Request) -> None:
    from approvals.models import LeaveRequest

    LeaveRequest.objects.filter(request=request_of_ada).delete()
    LeaveRequest.objects.create(
        request=request_of_ada,
        leave_type=LeaveType.objects.get(code="annual"),
        start=date(2026, 12, 7),
        end=date(2026, 12, 9),
        days=3,
        reason="<b>Rest</b>",
    )

    page = root.get(reverse("admin:approvals_request_change", args=[request_of_ada.pk]))

    assert "Annual leave 2026-12-07 - 2026-12-09" in page.content.decode()
    assert "&lt;b&gt;Rest&lt;/b&gt;" in page.content.decode()
