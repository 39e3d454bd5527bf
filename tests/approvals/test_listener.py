"""Requests follow their cases, by whatever door these are started and changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from approvals.models import LeaveRequest, Request, RequestState
from tests import factories
from tests.approvals.conftest import decide, make_leave
from workflows import engine
from workflows.errors import InvalidData
from workflows.models import Case, FlowVersion


def start_leave(by: User, **changes: Any) -> Case:
    return engine.start("leave", by=by, data=factories.leave_data(**changes))


def test_a_case_started_elsewhere_gets_a_request(ada: User, leave_flow: FlowVersion) -> None:
    case = start_leave(ada)
    request = Request.objects.get(case=case)
    assert request.number == case.business_key
    assert request.requester == ada
    assert request.leave.start == date(2026, 12, 7)


def test_a_case_started_with_the_number_of_a_draft_takes_it_over(
    ada: User, leave_flow: FlowVersion
) -> None:
    draft = make_leave(ada, leave_flow)
    case = engine.start("leave", by=ada, data=factories.leave_data(), business_key=draft.number)
    request = Request.objects.get()
    assert request.case == case
    assert request.leave.start == date(2026, 12, 7)


def test_the_draft_of_somebody_else_is_not_taken_over(
    ada: User, abe: User, leave_flow: FlowVersion
) -> None:
    draft = make_leave(ada, leave_flow)
    case = engine.start("leave", by=abe, data=factories.leave_data(), business_key=draft.number)
    draft.refresh_from_db()
    assert draft.is_draft
    assert Request.objects.get(case=case).requester == abe


def test_a_business_key_from_elsewhere_stays_on_the_case(
    ada: User, leave_flow: FlowVersion
) -> None:
    case = engine.start("leave", by=ada, data=factories.leave_data(), business_key="ORDER-77")
    assert case.business_key == "ORDER-77"
    assert Request.objects.get(case=case).number.startswith("LV-")


def test_leave_that_claims_fewer_days_than_it_has_is_refused(
    ada: User, leave_flow: FlowVersion
) -> None:
    with pytest.raises(InvalidData, match="8 working days"):
        start_leave(ada, end="2026-12-16", days=1)
    assert not Case.objects.exists()
    assert not Request.objects.exists()


def test_an_unknown_kind_of_leave_is_refused_with_the_known_ones(
    ada: User, leave_flow: FlowVersion
) -> None:
    with pytest.raises(InvalidData, match="Known: annual"):
        start_leave(ada, leave_type="sabbatical")


def test_a_claim_whose_total_is_not_that_of_its_lines_is_refused(
    ada: User, expense_flow: FlowVersion
) -> None:
    data = factories.expense_data(12_000) | {"total": 900}
    with pytest.raises(InvalidData, match="12,000, not 900"):
        engine.start("expense", by=ada, data=data)


def test_a_claim_in_an_unknown_category_is_refused(ada: User, expense_flow: FlowVersion) -> None:
    data = factories.expense_data()
    data["lines"][0]["category"] = "yachts"
    with pytest.raises(InvalidData) as refusal:
        engine.start("expense", by=ada, data=data)
    assert refusal.value.facts["problems"][0]["path"] == "lines.0.category"


def test_data_changed_in_a_task_reaches_the_rows(
    ada: User, ben: User, leave_flow: FlowVersion
) -> None:
    case = start_leave(ada)
    review = factories.open_item(case, "manager_review")
    engine.complete(review.pk, by=ben, outcome="return")
    correction = factories.open_item(case, "correct")
    engine.complete(
        correction.pk, by=ada, outcome="resubmit", data={"end": "2026-12-08", "days": 2}
    )
    assert LeaveRequest.objects.get(request__case=case).days == 2


def test_contradicting_data_takes_the_step_back(
    ada: User, ben: User, leave_flow: FlowVersion
) -> None:
    case = start_leave(ada)
    review = factories.open_item(case, "manager_review")
    engine.complete(review.pk, by=ben, outcome="return")
    correction = factories.open_item(case, "correct")
    with pytest.raises(InvalidData):
        engine.complete(correction.pk, by=ada, outcome="resubmit", data={"end": "2026-12-18"})
    correction.refresh_from_db()
    assert correction.is_open


def test_a_cancelled_case_cancels_its_request(
    ada: User, admin: User, submitted_leave: Request
) -> None:
    engine.cancel(submitted_leave.case_id, by=admin, reason="Entered twice")
    submitted_leave.refresh_from_db()
    assert submitted_leave.state == RequestState.CANCELLED


def test_an_end_without_a_decision_closes_the_request(ada: User, ben: User) -> None:
    version = factories.publish_flow(
        """
        flow: visit
        title: Visit
        data: {type: object, properties: {guest: {type: string}}, required: [guest]}
        places: [start, here, end]
        tasks: {welcome: {kind: human, assign: manager(requester)}}
        transitions:
          come: {from: start, to: here}
          done: {task: welcome, outcome: done, from: here, to: end}
        """
    )
    case = engine.start(version.flow.key, by=ada, data={"guest": "Mia"})
    request = Request.objects.get(case=case)
    decide(request, ben, "welcome", "done")
    assert request.state == RequestState.CLOSED


def test_a_flow_that_only_shares_the_key_is_told_by_its_schema_alone(ada: User) -> None:
    factories.publish_flow(
        """
        flow: expense
        data:
          type: object
          properties: {amount: {type: number, x-type: decimal}}
          required: [amount]
        places: [start, here, end]
        tasks: {review: {kind: human, assign: manager(requester)}}
        transitions:
          come: {from: start, to: here}
          approve: {task: review, outcome: approve, from: here, to: end}
        """
    )
    case = engine.start("expense", by=ada, data={"amount": "12.50"})
    request = Request.objects.get(case=case)
    assert not hasattr(request, "expense")
    assert request.state == RequestState.RUNNING


@pytest.mark.parametrize(
    ("field", "value"), [("reason", "null\x00"), ("days", 100_000), ("days", "3.25")]
)
def test_leave_that_no_row_could_hold_is_refused(
    ada: User, leave_flow: FlowVersion, field: str, value: Any
) -> None:
    with pytest.raises(InvalidData) as refusal:
        start_leave(ada, **{field: value})
    assert refusal.value.facts["problems"][0]["path"] == field
