"""What a person has written: the typed rows of a request, as a draft or in a correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from approvals import attachments
from approvals.attachments import NewFiles
from approvals.calendars import calendar_of
from approvals.models import (
    Attachment,
    ExpenseCategory,
    ExpenseClaim,
    ExpenseLine,
    LeaveRequest,
    LeaveType,
    Request,
)
from approvals.numbers import take_number
from workflows import data as case_data
from workflows.models import Flow


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line of a claim; `id` is the line that it changes, None for a new one."""

    date: date
    category: ExpenseCategory
    amount: Decimal
    description: str = ""
    id: int | None = None
    receipt: UploadedFile[bytes] | None = None


def new_request(*, by: User, flow: Flow, prefix: str, form_key: str = "") -> Request:
    """Return a new draft with its number; see `Request` for `form_key`."""
    number = take_number(prefix, timezone.localdate().year)
    return Request.objects.create(number=number, flow=flow, requester=by, form_key=form_key or None)


def write_leave(
    request: Request,
    *,
    leave_type: LeaveType,
    start: date,
    end: date,
    reason: str,
    days: Decimal | None = None,
) -> None:
    """Write the leave of a request; `days` are counted where they are not given."""
    if days is None:
        days = Decimal(calendar_of(request.requester_id).working_days(start, end))
    LeaveRequest.objects.update_or_create(
        request=request,
        defaults={
            "leave_type": leave_type,
            "start": start,
            "end": end,
            "days": days,
            "reason": reason,
        },
    )
    _touch(request)


def write_expense(
    request: Request,
    *,
    by: User,
    title: str,
    currency: str,
    lines: Sequence[LineDraft],
    files: NewFiles,
) -> list[ExpenseLine]:
    """Write a claim: lines with an `id` are changed, others added, the rest removed.

    Return the rows in the order of `lines`.
    """
    claim, _ = ExpenseClaim.objects.update_or_create(
        request=request, defaults={"title": title, "currency": currency}
    )
    present = {line.pk: line for line in claim.lines.all()}
    kept = {line.id for line in lines if line.id in present}
    _remove_lines([line for pk, line in present.items() if pk not in kept])
    rows = []
    for index, draft in enumerate(lines):
        row = present.get(draft.id or 0) or ExpenseLine(claim=claim)
        row.date, row.category = draft.date, draft.category
        row.amount, row.description = draft.amount, draft.description
        row.save()
        rows.append(row)
        if draft.receipt is not None:
            attachments.store(
                files,
                request=request,
                by=by,
                file=draft.receipt,
                line=row,
                path=f"lines.{index}.receipt",
            )
    _touch(request)
    return rows


def write_values(request: Request, *, values: Mapping[str, object]) -> None:
    """Keep the data of a request whose form comes from the flow's schema."""
    request.data = case_data.to_json(values)
    request.save(update_fields=["data", "changed_at"])


def _remove_lines(lines: list[ExpenseLine]) -> None:
    if lines:
        attachments.delete(list(Attachment.objects.filter(line__in=lines)))
        ExpenseLine.objects.filter(pk__in=[line.pk for line in lines]).delete()


def _touch(request: Request) -> None:
    request.save(update_fields=["changed_at"])
