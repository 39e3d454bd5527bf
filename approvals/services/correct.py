"""Correct a request that was returned, and submit it again."""

from __future__ import annotations

from django.contrib.auth.models import User

from approvals.attachments import new_files
from approvals.errors import NotToCorrect
from approvals.forms import RequestForm
from approvals.kinds import RequestKind, kind_of
from approvals.models import Request
from approvals.outcomes import WITHDRAWING
from workflows import engine, store
from workflows.definition import FieldRight
from workflows.errors import StalePage
from workflows.models import WorkItem

from .access import require_own
from .submit import refuse_problems


def correction_of(
    request: Request, *, by: User, kind: RequestKind | None = None
) -> WorkItem | None:
    """Return the open work item in which the requester may change what the request's form fills.

    A request whose form comes from the schema has none: its fields stand in the work item's form.
    """
    if request.case_id is None or request.requester_id != by.pk:
        return None
    own_fields = (kind or kind_of(request)).own_fields
    items = WorkItem.objects.actionable_by(by).filter(case=request.case_id).select_related("task")
    for item in items:
        if any(item.task.form.get(name) == FieldRight.EDIT for name in own_fields):
            return item
    return None


def resubmit(
    request: Request,
    *,
    by: User,
    form: RequestForm,
    comment: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Request:
    """Write what a valid form says to the request and end its correction, in one transaction.

    Raises:
        NotFound, NotAllowed: it is not theirs.
        NotToCorrect: it is not back with them.
        InvalidData: the company's rules or the flow's schema refuse it.
        StalePage: the case has moved on from `expected_version`.
        workflows.errors.GoflowError: whatever `engine.complete` refuses.
    """
    # A large file is moved to its place, and cannot be stored a second time.
    run = _resubmit if form.has_files else store.again_after_conflict(_resubmit)
    return run(request, by, form, comment, expected_version, idempotency_key)


def _resubmit(
    request: Request,
    by: User,
    form: RequestForm,
    comment: str,
    expected_version: int | None,
    idempotency_key: str,
) -> Request:
    require_own(request, by)
    if request.case_id is None:
        raise NotToCorrect(f"{request.number} is a draft: submit it instead.")
    with new_files() as files:
        # The case is locked before the request's rows, as in every step of the engine.
        case = store.lock_case(request.case_id)
        if expected_version is not None and expected_version != case.step_count:
            raise StalePage(
                "The request has changed since this page was loaded. Look at it again first.",
                expected_version=expected_version,
                version=case.step_count,
            )
        current = Request.objects.for_list().get(pk=request.pk)
        kind = kind_of(current)
        item = correction_of(current, by=by, kind=kind)
        if item is None:
            raise NotToCorrect(f"{current.number} is not with you for correction now.")
        kind.write(form, current, by=by, files=files)
        current = Request.objects.for_list().get(pk=request.pk)
        refuse_problems(kind, current)
        editable = {name for name, right in item.task.form.items() if right == FieldRight.EDIT}
        given = {name: v for name, v in kind.case_data(current).items() if name in editable}
        engine.complete(
            item.pk,
            by=by,
            outcome=_outcome(item),
            data=given,
            comment=comment,
            idempotency_key=idempotency_key,
        )
    return Request.objects.for_list().get(pk=request.pk)


def _outcome(item: WorkItem) -> str:
    """Return the outcome that goes on: the task's first that does not give up."""
    outcomes = item.task.transitions.values_list("outcome", flat=True)
    return next(outcome for outcome in outcomes if outcome not in WITHDRAWING)
