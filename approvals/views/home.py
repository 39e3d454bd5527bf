"""The first page: what waits for me, and what I wait for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.display import (
    new_request_choices,
    request_rows,
    with_what_rows_show,
    work_item_rows,
)
from approvals.formatting import capped
from approvals.models import Request
from workflows.keyset import BY_DUE
from workflows.models import WorkItem
from workflows.worklist import MOST_COUNTED, WorkList

from .base import person

SHOWN = 5


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    rows = with_what_rows_show(WorkItem.objects.all())
    waiting = WorkList(user, is_awaited=True, load=rows)
    count = capped(waiting.count(), most=MOST_COUNTED)
    mine = Request.objects.of(user).order_by("-pk")
    context = {
        "waiting_for_me": work_item_rows(waiting.page(BY_DUE, limit=SHOWN), viewer=user),
        "waiting_for_me_count": count,
        "inbox_count": count,
        "waiting_for_others": request_rows(mine.filter(state="running")[:SHOWN], viewer=user),
        "drafts": request_rows(mine.filter(state="draft")[:SHOWN], viewer=user),
        "new_request_choices": new_request_choices(),
    }
    return render(request, "approvals/home.html", context)
