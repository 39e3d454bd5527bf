"""One request: what was asked, what can be done, with whom it is, what happened, and the net."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from approvals import notifications, services
from approvals.display import people_for, request_page, task_actions, timeline
from approvals.display.operate import operate_panel
from approvals.forms import CommentForm, UploadForm
from approvals.models import Request
from workflows import drawings
from workflows.models import WorkItem

from .base import person, visible_request


@login_required
@require_safe
def page(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_request(request, number)
    if found.is_draft:
        return redirect("request_edit", number=number)
    if found.case_id:
        notifications.mark_case_read(person(request), found.case_id)
    return render(request, "approvals/request_detail.html", page_context(request, found))


def page_context(request: HttpRequest, found: Request) -> dict[str, Any]:
    """Return all that the page of a submitted request shows."""
    user = person(request)
    view = request_page(found, viewer=user)
    items = WorkItem.objects.actionable_by(user).filter(case=found.case)
    may_attach = services.may_attach(found, user)
    return {
        "request_view": view.head,
        "sections": [(section.title, section.fields) for section in view.sections],
        "lines": view.lines,
        "attachments": view.attachments,
        "actions": task_actions(items, viewer=user),
        "waiting": people_for([found.case_id]).entries(found.case_id) if found.case_id else [],
        "timeline": timeline(found, viewer=user),
        "comments": view.comments,
        "operate_panel": operate_panel(found, viewer=user),
        "comment_form": CommentForm(),
        "comment_url": reverse("request_comment", args=[found.number]),
        "upload_form": UploadForm() if may_attach else None,
        "upload_url": reverse("request_attach", args=[found.number]) if may_attach else "",
        **_drawing(found),
    }


def _drawing(found: Request) -> dict[str, Any]:
    if found.case is None:
        return {}
    # The drawing escapes every title itself; see workflows.net.drawing.
    return {
        "diagram": mark_safe(drawings.draw_case(found.case)),  # noqa: S308
        "diagram_text": drawings.describe_case(found.case),
    }
