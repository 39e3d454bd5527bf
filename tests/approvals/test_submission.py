"""From draft to case."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from approvals import services
from approvals.errors import NotADraft, OverlappingLeave
from approvals.forms import RequestForm, SchemaForm
from approvals.kinds import kind_for
from approvals.models import Employee, Request, RequestState
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, make_leave, next_monday, upload
from workflows.errors import (
    CyclicManagerChain,
    IdempotencyKeyReused,
    InvalidData,
    NobodyCanAct,
    NotAllowed,
    NotFound,
    OwnRequest,
)
from workflows.models import Case, FlowVersion


def test_numbers_count_up_by_prefix_and_year(db: Any) -> None:
    taken = [services.take_number("LV", 2026), services.take_number("LV", 2026)]
    others = [services.take_number("EX", 2026), services.take_number("LV", 2027)]
    assert taken == ["LV-2026-0001", "LV-2026-0002"]
    assert others == ["EX-2026-0001", "LV-2027-0001"]


def test_a_leave_draft_counts_its_working_days(ada: User, leave_flow: FlowVersion) -> None:
    draft = make_leave(ada, leave_flow, days=10)
    assert draft.leave.days == Decimal(8)
    assert draft.state == RequestState.DRAFT


def test_submitting_starts_the_case_with_the_number_as_its_key(
    ada: User, ben: User, leave_flow: FlowVersion
) -> None:
    draft = make_leave(ada, leave_flow)
    submitted = services.submit(draft, by=ada)
    assert submitted.state == RequestState.RUNNING
    assert submitted.case is not None
    assert submitted.case.business_key == draft.number
    assert factories.open_item(submitted.case, "manager_review").candidates.get().user == ben


def test_submitting_twice_gives_the_first_result(ada: User, leave_flow: FlowVersion) -> None:
    draft = make_leave(ada, leave_flow)
    first = services.submit(draft, by=ada, idempotency_key="a")
    second = services.submit(draft, by=ada, idempotency_key="b")
    assert second.case == first.case
    assert Case.objects.count() == 1


def test_an_idempotency_key_belongs_to_one_submission(ada: User, leave_flow: FlowVersion) -> None:
    services.submit(make_leave(ada, leave_flow), by=ada, idempotency_key="a")
    other = make_leave(ada, leave_flow, start=next_monday(weeks=3))
    with pytest.raises(IdempotencyKeyReused):
        services.submit(other, by=ada, idempotency_key="a")


def test_a_claim_goes_on_with_its_total_and_lines(ada: User, expense_flow: FlowVersion) -> None:
    draft = make_claim(ada, expense_flow, line("1000.10"), line("0.05", description="Bus"))
    case = services.submit(draft, by=ada).case
    assert case is not None
    assert Decimal(str(case.data["total"])) == Decimal("1000.15")
    assert [entry.get("description") for entry in case.data["lines"]] == [None, "Bus"]


def test_a_request_from_a_schema_goes_on_with_its_draft(
    ada: User, purchase_flow: FlowVersion
) -> None:
    data = {
        "item": "Desk",
        "category": "furniture",
        "amount": "1180.00",
        "currency": "EUR",
        "needed_by": next_monday().isoformat(),
        "justification": "It wobbles.",
    }
    form = SchemaForm(data, schema=purchase_flow.data_schema, is_submitting=True)
    assert form.is_valid(), form.errors
    draft = services.save_draft(by=ada, flow=purchase_flow.flow, form=RequestForm(form))
    case = services.submit(draft, by=ada).case
    assert case is not None
    assert draft.number.startswith("PUR-")
    assert case.data["item"] == "Desk"


def test_overlapping_leave_is_refused_and_stays_a_draft(
    ada: User, leave_flow: FlowVersion, submitted_leave: Request
) -> None:
    draft = make_leave(ada, leave_flow, start=submitted_leave.leave.end)
    with pytest.raises(OverlappingLeave, match=submitted_leave.number):
        services.submit(draft, by=ada)
    draft.refresh_from_db()
    assert draft.is_draft
    assert Case.objects.count() == 1


def test_leave_on_the_day_after_is_no_overlap(
    ada: User, leave_flow: FlowVersion, submitted_leave: Request
) -> None:
    next_day = submitted_leave.leave.end + timedelta(days=1)
    draft = make_leave(ada, leave_flow, start=next_day, days=1)
    assert services.submit(draft, by=ada).state == RequestState.RUNNING


def test_a_claim_without_lines_is_refused(ada: User, expense_flow: FlowVersion) -> None:
    draft = services.save_expense(
        by=ada, flow=expense_flow.flow, title="Trip", currency="EUR", lines=[]
    )
    with pytest.raises(InvalidData, match="at least one line"):
        services.submit(draft, by=ada)


def test_a_cyclic_line_of_managers_is_told_and_nothing_is_written(
    ada: User, ben: User, leave_flow: FlowVersion
) -> None:
    Employee.objects.filter(user=ben).update(manager=Employee.objects.get(user=ada))
    draft = make_leave(ada, leave_flow)
    with pytest.raises(CyclicManagerChain, match="Ada Archer reports to Ben Baker"):
        services.submit(draft, by=ada)
    draft.refresh_from_db()
    assert draft.is_draft
    assert not Case.objects.exists()


def test_a_request_that_nobody_could_decide_stays_a_draft(
    ada: User, ben: User, eve: User, leave_flow: FlowVersion
) -> None:
    User.objects.filter(pk__in=[ben.pk, eve.pk]).update(is_active=False)
    draft = make_leave(ada, leave_flow)
    with pytest.raises(NobodyCanAct):
        services.submit(draft, by=ada)
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_draft_of_somebody_else_does_not_exist(
    ada: User, abe: User, leave_flow: FlowVersion
) -> None:
    draft = make_leave(ada, leave_flow)
    with pytest.raises(NotFound):
        services.submit(draft, by=abe)


def test_whoever_decides_cannot_submit_again(submitted_leave: Request, ben: User) -> None:
    with pytest.raises(NotAllowed):
        services.submit(submitted_leave, by=ben)


def test_what_is_submitted_is_no_draft_any_more(
    submitted_leave: Request, ada: User, leave_flow: FlowVersion
) -> None:
    with pytest.raises(NotADraft):
        services.save_leave(
            by=ada,
            flow=leave_flow.flow,
            leave_type=submitted_leave.leave.leave_type,
            start=next_monday(),
            end=next_monday(),
            request=submitted_leave,
        )
    with pytest.raises(NotADraft):
        services.delete_draft(submitted_leave, by=ada)


def test_a_deleted_draft_takes_its_files_along(
    ada: User,
    expense_flow: FlowVersion,
    stored_files: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    draft = make_claim(ada, expense_flow, line(receipt=upload()))
    assert len(stored_files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_draft(draft, by=ada)
    assert not Request.objects.exists()
    assert stored_files() == []


def test_nobody_decides_on_their_own_request_even_as_their_own_manager(
    ben: User, leave_flow: FlowVersion
) -> None:
    request = services.submit(make_leave(ben, leave_flow), by=ben)
    item = factories.open_item(request.case, "manager_review")
    item.candidates.create(user=ben)
    with pytest.raises(OwnRequest):
        services.decide(item.pk, by=ben, outcome="approve")


def test_a_refusal_needs_a_reason(submitted_leave: Request, ben: User) -> None:
    item = factories.open_item(submitted_leave.case, "manager_review")
    with pytest.raises(InvalidData) as refusal:
        services.decide(item.pk, by=ben, outcome="reject", comment="  ")
    assert refusal.value.facts["problems"][0]["path"] == "comment"


def test_leave_goes_through_manager_and_hr_to_its_decision(
    submitted_leave: Request, ben: User, eve: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    assert submitted_leave.state == RequestState.RUNNING
    decide(submitted_leave, eve, "record", "record")
    assert submitted_leave.state == RequestState.APPROVED
    assert submitted_leave.decided_at is not None


def test_a_rejected_request_is_rejected(submitted_leave: Request, ben: User) -> None:
    decide(submitted_leave, ben, "manager_review", "reject", "The release is due.")
    assert submitted_leave.state == RequestState.REJECTED


def leave_form(by: User, version: FlowVersion) -> RequestForm:
    monday = next_monday().isoformat()
    data = {"leave_type": "annual", "start": monday, "end": monday, "reason": ""}
    form = kind_for("leave", version.data_schema).form(
        user=by, schema=version.data_schema, data=data, is_submitting=True
    )
    assert form.is_valid(), form.form.errors
    return form


def test_a_form_that_is_sent_twice_makes_one_draft(ada: User, leave_flow: FlowVersion) -> None:
    first, second = (
        services.save_draft(
            by=ada, flow=leave_flow.flow, form=leave_form(ada, leave_flow), form_key="page-1"
        )
        for _ in range(2)
    )
    assert first == second


def test_a_form_that_is_sent_again_after_its_submission_changes_nothing(
    ada: User, leave_flow: FlowVersion
) -> None:
    form = leave_form(ada, leave_flow)
    draft = services.save_draft(by=ada, flow=leave_flow.flow, form=form, form_key="page-1")
    submitted = services.submit(draft, by=ada)
    again = services.save_draft(by=ada, flow=leave_flow.flow, form=form, form_key="page-1")
    assert services.submit(again, by=ada).case == submitted.case


def test_the_key_of_a_form_is_its_own_for_each_person(
    ada: User, abe: User, leave_flow: FlowVersion
) -> None:
    drafts = {
        services.save_draft(
            by=person, flow=leave_flow.flow, form=leave_form(person, leave_flow), form_key="page-1"
        ).pk
        for person in (ada, abe)
    }
    assert len(drafts) == 2
