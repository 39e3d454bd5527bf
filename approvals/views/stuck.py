"""The page that finds the cases which will not go on by themselves."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from approvals.display.operate import INTERVENE
from approvals.display.stuck import stuck_rows
from workflows.models import Case
from workflows.stuck import find_stuck, stuck_days

from .base import person

SHOWN = 50
"""The oldest so many: more than anybody mends at a sitting."""


@login_required
@require_safe
def stuck(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not user.has_perm(INTERVENE):
        raise PermissionDenied
    found = find_stuck(Case.objects.visible_to(user), most=SHOWN + 1)
    rows = stuck_rows(found[:SHOWN], viewer=user, next_url=reverse("stuck"))
    context = {"rows": rows, "days": stuck_days(), "is_more": len(found) > SHOWN}
    return render(request, "approvals/stuck.html", context)
