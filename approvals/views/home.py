"""The first page: what waits for me, and what I wait for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.display import new_request_choices, request_rows, work_item_rows
from approvals.models import Request
from workflows.models import WorkItem

from .base import person

SHOWN = 5


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    items = WorkItem.objects.actionable_by(user).awaited().by_due()
    mine = Request.objects.of(user).order_by("-pk")
    context = {
        "waiting_for_me": work_item_rows(items[:SHOWN], viewer=user),
        "waiting_for_me_count": items.count(),
        "waiting_for_others": request_rows(mine.filter(state="running")[:SHOWN], viewer=user),
        "drafts": request_rows(mine.filter(state="draft")[:SHOWN], viewer=user),
        "new_request_choices": new_request_choices(),
    }
    return render(request, "approvals/home.html", context)
