"""A request that comes back, and one that is taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from approvals import services
from approvals.errors import CannotWithdraw, NotToCorrect, OverlappingLeave
from approvals.forms import RequestForm
from approvals.kinds import kind_of
from approvals.models import Request, RequestState
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, make_leave, next_monday, upload
from workflows.errors import InvalidData, NotAllowed, NotFound, StalePage
from workflows.models import FlowVersion, WorkItem


def form_for(request: Request, by: User, **data: Any) -> RequestForm:
    kind = kind_of(request)
    schema = request.case.version.data_schema if request.case else {}
    form = kind.form(user=by, schema=schema, request=request, data=data, is_submitting=True)
    assert form.is_valid(), form.form.errors
    return form


def corrected(request: Request, by: User, **changes: Any) -> RequestForm:
    leave = request.leave
    data = {
        "leave_type": "annual",
        "start": leave.start.isoformat(),
        "end": leave.end.isoformat(),
        "reason": leave.reason,
    }
    return form_for(request, by, **(data | changes))


def test_a_corrected_request_goes_back_with_its_new_data(
    returned_leave: Request, ada: User
) -> None:
    start = returned_leave.leave.start.isoformat()
    form = corrected(returned_leave, ada, end=start, reason="")
    again = services.resubmit(returned_leave, by=ada, form=form)
    assert again.case is not None
    assert again.leave.days == 1
    assert again.case.data["days"] == 1
    assert again.case.data["reason"] == ""
    assert factories.open_item(again.case, "manager_review")


def test_a_correction_may_stay_on_its_own_days(returned_leave: Request, ada: User) -> None:
    form = corrected(returned_leave, ada)
    assert services.resubmit(returned_leave, by=ada, form=form).leave.days == 3


def test_a_correction_onto_other_leave_changes_nothing(
    returned_leave: Request, ada: User, leave_flow: FlowVersion
) -> None:
    other = services.submit(make_leave(ada, leave_flow, start=next_monday(weeks=5)), by=ada)
    form = corrected(returned_leave, ada)
    form.form.cleaned_data |= {"start": other.leave.start, "end": other.leave.end}
    with pytest.raises(OverlappingLeave):
        services.resubmit(returned_leave, by=ada, form=form)
    fresh = Request.objects.get(pk=returned_leave.pk)
    assert fresh.leave.start == returned_leave.leave.start
    assert factories.open_item(returned_leave.case, "correct")


def test_a_stale_correction_changes_nothing(returned_leave: Request, ada: User) -> None:
    with pytest.raises(StalePage):
        services.resubmit(
            returned_leave, by=ada, form=corrected(returned_leave, ada), expected_version=0
        )


def test_a_request_that_is_not_back_cannot_be_corrected(
    submitted_leave: Request, ada: User
) -> None:
    form = corrected(submitted_leave, ada)
    with pytest.raises(NotToCorrect):
        services.resubmit(submitted_leave, by=ada, form=form)


def test_whoever_returned_it_cannot_correct_it(
    returned_leave: Request, ada: User, ben: User
) -> None:
    form = corrected(returned_leave, ada)
    with pytest.raises(NotAllowed):
        services.resubmit(returned_leave, by=ben, form=form)


def test_a_corrected_claim_keeps_the_receipts_of_its_lines(
    ada: User, ben: User, expense_flow: FlowVersion
) -> None:
    draft = make_claim(ada, expense_flow, line("20.00", receipt=upload()), line("30.00"))
    claim = services.submit(draft, by=ada)
    decide(claim, ben, "manager_review", "return", "The second line is too much.")
    first, second = claim.expense.lines.all()
    data = {"title": "Trip", "currency": "EUR", "lines-TOTAL_FORMS": 2, "lines-INITIAL_FORMS": 2}
    for index, (row, amount) in enumerate([(first, "20.00"), (second, "25.00")]):
        fields = {
            "id": row.pk,
            "date": row.date.isoformat(),
            "category": "travel",
            "amount": amount,
        }
        data |= {f"lines-{index}-{name}": value for name, value in fields.items()}
    again = services.resubmit(claim, by=ada, form=form_for(claim, ada, **data))
    assert again.case is not None
    assert Decimal(str(again.case.data["total"])) == Decimal("45.00")
    assert first.receipts.count() == 1


def test_the_requester_withdraws_while_it_is_not_decided(
    submitted_leave: Request, ada: User
) -> None:
    withdrawn = services.withdraw(submitted_leave, by=ada, reason="Plans have changed")
    assert withdrawn.state == RequestState.WITHDRAWN
    assert not WorkItem.objects.open().filter(case=withdrawn.case).exists()


def test_withdrawing_twice_changes_nothing(submitted_leave: Request, ada: User) -> None:
    services.withdraw(submitted_leave, by=ada)
    events = submitted_leave.case.events.count()  # type: ignore[union-attr]
    services.withdraw(submitted_leave, by=ada)
    assert submitted_leave.case.events.count() == events  # type: ignore[union-attr]


def test_what_is_approved_can_no_longer_be_withdrawn(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    with pytest.raises(CannotWithdraw, match="past the point"):
        services.withdraw(submitted_leave, by=ada)


def test_a_rejected_request_cannot_be_withdrawn(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "reject", "No.")
    with pytest.raises(CannotWithdraw, match="rejected already"):
        services.withdraw(submitted_leave, by=ada)


def test_a_draft_is_deleted_rather_than_withdrawn(ada: User, leave_flow: FlowVersion) -> None:
    with pytest.raises(CannotWithdraw, match="delete the draft"):
        services.withdraw(make_leave(ada, leave_flow), by=ada)


def test_only_the_requester_withdraws(submitted_leave: Request, ben: User, finn: User) -> None:
    with pytest.raises(NotAllowed):
        services.withdraw(submitted_leave, by=ben)
    with pytest.raises(NotFound):
        services.withdraw(submitted_leave, by=finn)


def test_a_comment_is_read_by_all_who_see_the_request(submitted_leave: Request, ben: User) -> None:
    services.comment(submitted_leave, by=ben, text="  Who covers for you? ")
    assert submitted_leave.comments.get().text == "Who covers for you?"


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_a_comment_says_something_and_not_too_much(
    submitted_leave: Request, ada: User, text: str
) -> None:
    with pytest.raises(InvalidData):
        services.comment(submitted_leave, by=ada, text=text)


def test_a_stranger_cannot_comment(submitted_leave: Request, finn: User) -> None:
    with pytest.raises(NotFound):
        services.comment(submitted_leave, by=finn, text="Hello?")
