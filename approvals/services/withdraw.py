"""Take a request back."""

from __future__ import annotations

from django.contrib.auth.models import User

from approvals.errors import CannotWithdraw
from approvals.models import Request, RequestState
from approvals.outcomes import WITHDRAWING
from workflows import engine
from workflows.models import WorkItem

from .access import require_own


def withdrawable_item(request: Request, *, by: User) -> WorkItem | None:
    """Return the open work item with which the requester can take the request back."""
    if request.case_id is None or request.requester_id != by.pk:
        return None
    items = WorkItem.objects.actionable_by(by).filter(case=request.case_id)
    return items.filter(task__transitions__outcome__in=WITHDRAWING).first()


def withdraw(request: Request, *, by: User, reason: str = "", idempotency_key: str = "") -> Request:
    """Withdraw a request that is not decided yet, and return it. Doing it again changes nothing.

    Raises:
        NotFound, NotAllowed: it is not theirs.
        CannotWithdraw: it is a draft or decided, or its flow offers no withdrawal now.
        workflows.errors.GoflowError: whatever `engine.complete` refuses.
    """
    require_own(request, by)
    request.refresh_from_db()
    if request.state == RequestState.WITHDRAWN:
        return request
    item = withdrawable_item(request, by=by)
    if item is None:
        raise CannotWithdraw(_why_not(request), state=request.state)
    outcomes = item.task.transitions.filter(outcome__in=WITHDRAWING)
    outcome = outcomes.values_list("outcome", flat=True)[0]
    engine.complete(
        item.pk, by=by, outcome=outcome, comment=reason, idempotency_key=idempotency_key
    )
    request.refresh_from_db()
    return request


def _why_not(request: Request) -> str:
    if request.is_draft:
        return f"{request.number} has not been submitted: delete the draft instead."
    if request.state != RequestState.RUNNING:
        return f"{request.number} is {request.get_state_display().lower()} already."
    return f"{request.number} is past the point where it can be withdrawn."
