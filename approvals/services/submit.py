"""Submit a draft: from here on its case says what happens."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from approvals.errors import OverlappingLeave
from approvals.kinds import RequestKind, kind_of
from approvals.models import Employee, LeaveRequest, Request
from workflows import engine, store
from workflows.errors import InvalidData

from .access import lock_draft, require_own


@store.again_after_conflict
@transaction.atomic
def submit(request: Request, *, by: User, idempotency_key: str = "") -> Request:
    """Start the case of a draft and return the request. Submitting it again changes nothing.

    Raises:
        NotFound, NotAllowed: it is not theirs.
        InvalidData: the company's rules or the flow's schema refuse it.
        workflows.errors.GoflowError: whatever `engine.start` refuses.
    """
    _queue_up(by)
    current = Request.objects.select_for_update().filter(pk=request.pk).first()
    if current is not None and not current.is_draft:
        require_own(current, by)
        return current
    draft = lock_draft(request, by)
    kind = kind_of(draft)
    refuse_problems(kind, draft)
    engine.start(
        draft.flow.key,
        by=by,
        data=kind.case_data(draft),
        business_key=draft.number,
        idempotency_key=idempotency_key,
    )
    # The listener has linked the case to the row, and may have ended it already.
    return Request.objects.for_list().get(pk=draft.pk)


def _queue_up(by: User) -> None:
    """Check the requests of one person one after the other: neither overlooks the other's days.

    The lock is on the employee, since every row that names an account holds a share of the
    account's lock: two who both wanted the whole of it would wait for one another, a deadlock.
    """
    if Employee.objects.select_for_update().filter(user=by).order_by("pk").first() is None:
        User.objects.select_for_update().get(pk=by.pk)


def refuse_problems(kind: RequestKind, request: Request) -> None:
    """Raise InvalidData where the company's rules refuse the request as its rows are now."""
    problems = kind.problems(request, today=timezone.localdate())
    if not problems:
        return
    found = [problem.as_dict() for problem in problems]
    leave = getattr(request, "leave", None)
    if leave is not None and _overlaps(leave):
        raise OverlappingLeave(found)
    raise InvalidData(found)


def _overlaps(leave: LeaveRequest) -> bool:
    others = LeaveRequest.objects.overlapping(
        leave.request.requester, start=leave.start, end=leave.end
    )
    return others.exclude(pk=leave.pk).exists()
