"""Asking for leave in a form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User

from approvals import services
from approvals.forms import LeaveForm
from approvals.models import LeaveType, Request
from tests.approvals.conftest import make_leave, next_monday
from workflows.models import FlowVersion


def filled(**changes: Any) -> dict[str, Any]:
    monday = next_monday(weeks=4)
    data = {
        "leave_type": "annual",
        "start": monday.isoformat(),
        "end": (monday + timedelta(days=2)).isoformat(),
        "reason": "Rest",
    }
    return data | changes


def test_a_filled_form_is_valid(ada: User) -> None:
    form = LeaveForm(filled(), user=ada, is_submitting=True)
    assert form.is_valid(), form.errors


def test_every_field_but_the_reason_is_asked_for(ada: User) -> None:
    form = LeaveForm({}, user=ada)
    assert set(form.errors) == {"leave_type", "start", "end"}


def test_an_end_before_the_start_is_refused_in_a_draft_too(ada: User) -> None:
    form = LeaveForm(filled(end="2020-01-01"), user=ada, is_submitting=False)
    assert form.errors["end"] == ["The last day lies before the first day."]


def test_what_is_no_date_is_told_with_an_example(ada: User) -> None:
    form = LeaveForm(filled(start="soon"), user=ada)
    assert "2026-12-03" in form.errors["start"][0]


def test_an_unknown_kind_of_leave_is_refused(ada: User) -> None:
    form = LeaveForm(filled(leave_type="sabbatical"), user=ada)
    assert "no such kind" in form.errors["leave_type"][0]


def test_a_kind_that_is_no_longer_offered_is_refused(ada: User) -> None:
    LeaveType.objects.update(is_active=False)
    form = LeaveForm(filled(), user=ada)
    assert "leave_type" in form.errors


def test_a_draft_keeps_a_kind_that_is_no_longer_offered(ada: User, leave_flow: FlowVersion) -> None:
    draft = make_leave(ada, leave_flow)
    LeaveType.objects.update(is_active=False)
    form = LeaveForm(filled(), user=ada, request=draft)
    assert form.is_valid(), form.errors


def test_leave_on_days_already_asked_for_names_the_other_request(
    ada: User, submitted_leave: Request
) -> None:
    days = {
        "start": submitted_leave.leave.end.isoformat(),
        "end": submitted_leave.leave.end.isoformat(),
    }
    form = LeaveForm(filled(**days), user=ada, is_submitting=True)
    assert submitted_leave.number in form.errors["start"][0]


def test_a_draft_may_overlap(ada: User, submitted_leave: Request) -> None:
    days = {
        "start": submitted_leave.leave.start.isoformat(),
        "end": submitted_leave.leave.end.isoformat(),
    }
    form = LeaveForm(filled(**days), user=ada, is_submitting=False)
    assert form.is_valid(), form.errors


def test_withdrawn_leave_leaves_its_days_free(ada: User, submitted_leave: Request) -> None:
    services.withdraw(submitted_leave, by=ada)
    days = {
        "start": submitted_leave.leave.start.isoformat(),
        "end": submitted_leave.leave.end.isoformat(),
    }
    form = LeaveForm(filled(**days), user=ada, is_submitting=True)
    assert form.is_valid(), form.errors


def test_the_leave_of_others_is_no_overlap(abe: User, submitted_leave: Request) -> None:
    days = {
        "start": submitted_leave.leave.start.isoformat(),
        "end": submitted_leave.leave.end.isoformat(),
    }
    form = LeaveForm(filled(**days), user=abe, is_submitting=True)
    assert form.is_valid(), form.errors


def test_help_and_errors_are_tied_to_the_field(ada: User) -> None:
    html = str(LeaveForm(filled(end=""), user=ada)["end"])
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_end_helptext id_end_error"' in html
