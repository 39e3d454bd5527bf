"""The page of one request: its head, its fields and lines, comments and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from approvals import formatting
from approvals.display.facts import values_of
from approvals.display.people import PersonView, person_view
from approvals.display.status import StatusView, status_of
from approvals.kinds import kind_for, schema_of
from approvals.models import Attachment, Request
from approvals.services import correction_of, may_remove
from approvals.summary import Section
from workflows.visibility import hidden_fields


@dataclass(frozen=True, slots=True)
class FileView:
    name: str
    url: str
    size_text: str
    who: PersonView | None
    at_text: str
    remove_url: str = ""


@dataclass(frozen=True, slots=True)
class CommentView:
    who: PersonView
    text: str
    at: datetime
    at_text: str


@dataclass(frozen=True, slots=True)
class LineView:
    date: date
    category: str
    description: str
    amount_text: str
    receipts: list[FileView]


@dataclass(frozen=True, slots=True)
class LinesView:
    rows: list[LineView]
    total_text: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """The head of a request's page. `edit_url`: where the viewer may change the request."""

    number: str
    title: str
    icon: str
    status: StatusView
    requester: PersonView
    submitted_at: datetime | None
    edit_url: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """All of a request but its work items. `attachments` are the files that belong to no line."""

    head: RequestView
    sections: list[Section]
    lines: LinesView | None
    attachments: list[FileView]
    comments: list[CommentView]


def request_page(request: Request, *, viewer: User, now: datetime | None = None) -> RequestPage:
    """Return a request as `viewer` sees it; load it by `Request.objects.for_list()`."""
    at = now or timezone.now()
    schema = schema_of(request)
    kind = kind_for(request.flow.key, schema)
    values = values_of(request.case) if request.case else kind.case_data(request)
    hidden = hidden_fields(request.case, viewer) if request.case else frozenset()
    is_correcting = correction_of(request, by=viewer, kind=kind) is not None
    files = attachment_views(request, viewer=viewer, is_correcting=is_correcting, now=at)
    table = kind.lines(request, schema, values, hidden=hidden)
    lines = None
    beside_lines = [view for _line, view in files]
    if table is not None:
        keys = {row.key for row in table.rows if row.key is not None}
        beside_lines = [view for line, view in files if line not in keys]
        lines = LinesView(
            [
                LineView(
                    row.date,
                    row.category,
                    row.description,
                    row.amount_text,
                    [view for line, view in files if line is not None and line == row.key],
                )
                for row in table.rows
            ],
            table.total_text,
        )
    elif "lines" in hidden:
        # A receipt says what its line says.
        beside_lines = [view for line, view in files if line is None]
    title = (request.case.version.title if request.case else "") or str(request.flow)
    is_editable = is_correcting or (request.is_draft and request.requester_id == viewer.pk)
    return RequestPage(
        head=RequestView(
            number=request.number,
            title=title,
            icon=kind.icon,
            status=status_of(request),
            requester=person_view(request.requester),
            submitted_at=request.submitted_at,
            edit_url=reverse("request_edit", args=[request.number]) if is_editable else "",
        ),
        sections=kind.sections(schema, values, titles=kind.titles(), hidden=hidden),
        lines=lines,
        attachments=beside_lines,
        comments=comment_views(request, now=at),
    )


def attachment_views(
    request: Request, *, viewer: User, is_correcting: bool = False, now: datetime | None = None
) -> list[tuple[int | None, FileView]]:
    """Return the files of a request, each with the line that it is a receipt of, if it is one."""
    at = now or timezone.now()
    files = request.attachments.select_related("uploaded_by__employee__department")
    found = []
    for attachment in files:
        attachment.request = request
        is_removable = may_remove(attachment, viewer, is_correcting=is_correcting)
        found.append((attachment.line_id, _file_view(attachment, is_removable, at)))
    return found


def comment_views(request: Request, *, now: datetime | None = None) -> list[CommentView]:
    at = now or timezone.now()
    return [
        CommentView(
            person_view(comment.author),
            comment.text,
            comment.at,
            formatting.when(comment.at, now=at),
        )
        for comment in request.comments.select_related("author__employee__department")
    ]


def _file_view(attachment: Attachment, is_removable: bool, now: datetime) -> FileView:
    arguments = [attachment.request.number, attachment.pk]
    return FileView(
        name=attachment.name,
        url=attachment.get_absolute_url(),
        size_text=formatting.file_size(attachment.size_bytes),
        who=person_view(attachment.uploaded_by),
        at_text=formatting.when(attachment.at, now=now),
        remove_url=reverse("attachment_remove", args=arguments) if is_removable else "",
    )
