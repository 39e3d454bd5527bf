"""Write, change and delete drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from approvals import attachments, drafts
from approvals.attachments import new_files
from approvals.drafts import LineDraft
from approvals.errors import NotADraft
from approvals.forms import RequestForm
from approvals.kinds import RequestKind, kind_for, schema_for
from approvals.models import LeaveType, Request
from workflows import store
from workflows.models import Flow

from .access import lock_draft


def save_draft(
    *,
    by: User,
    flow: Flow,
    form: RequestForm,
    request: Request | None = None,
    form_key: str = "",
) -> Request:
    """Keep what a valid form says, in a new draft or in the draft `request`, and return it.

    A new draft keeps `form_key`: the same form sent again changes that draft, and changes nothing
    once it is submitted.

    Raises:
        UnknownFlow: the flow is not published.
        NotFound, NotAllowed, NotADraft: `request` is no draft of `by`.
        InvalidData, FileTooLarge, FileTypeRefused: a file is not accepted.
    """
    earlier = _made_by(form_key, by=by) if request is None else None
    if earlier is not None and not earlier.is_draft:
        return earlier
    try:
        return _save(by=by, flow=flow, form=form, request=request or earlier, form_key=form_key)
    except (IntegrityError, NotADraft):
        # The same form was sent twice at once, and the other one was faster.
        made = _made_by(form_key, by=by) if request is None else None
        if made is None:
            raise
        return made


@store.again_after_conflict
@transaction.atomic
def save_leave(
    *,
    by: User,
    flow: Flow,
    leave_type: LeaveType,
    start: date,
    end: date,
    reason: str = "",
    request: Request | None = None,
) -> Request:
    """Keep leave from `start` to `end`, which lies not before it, as a draft; as `save_draft`."""
    draft = _new_or_locked(by=by, flow=flow, request=request)
    drafts.write_leave(draft, leave_type=leave_type, start=start, end=end, reason=reason)
    return draft


def save_expense(
    *,
    by: User,
    flow: Flow,
    title: str,
    currency: str,
    lines: Sequence[LineDraft],
    request: Request | None = None,
) -> Request:
    """Keep a claim as a draft; as `save_draft`."""
    with new_files() as files:
        draft = _new_or_locked(by=by, flow=flow, request=request)
        drafts.write_expense(draft, by=by, title=title, currency=currency, lines=lines, files=files)
    return draft


@store.again_after_conflict
@transaction.atomic
def delete_draft(request: Request, *, by: User) -> None:
    """Delete a draft with its files.

    Raises:
        NotFound, NotAllowed, NotADraft: it is no draft of `by`.
    """
    draft = lock_draft(request, by)
    attachments.delete(list(draft.attachments.all()))
    draft.delete()


def _save(
    *, by: User, flow: Flow, form: RequestForm, request: Request | None, form_key: str
) -> Request:
    with new_files() as files:
        draft = _new_or_locked(by=by, flow=flow, request=request, form_key=form_key)
        _kind(flow).write(form, draft, by=by, files=files)
    return draft


def submitted_with(form_key: str, *, by: User) -> Request | None:
    """Return the request that the same form has led to already, where it is submitted."""
    made = _made_by(form_key, by=by)
    return None if made is None or made.is_draft else made


def _made_by(form_key: str, *, by: User) -> Request | None:
    if not form_key:
        return None
    return Request.objects.filter(requester=by, form_key=form_key).first()


def _new_or_locked(*, by: User, flow: Flow, request: Request | None, form_key: str = "") -> Request:
    if request is not None:
        return lock_draft(request, by)
    return drafts.new_request(by=by, flow=flow, prefix=_kind(flow).prefix, form_key=form_key)


def _kind(flow: Flow) -> RequestKind:
    return kind_for(flow.key, schema_for(flow))
