"""My requests."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from approvals.display import request_rows
from approvals.models import Request
from approvals.models.request import DECIDED_STATES
from approvals.querysets import RequestQuerySet

from .base import person
from .tabs import Tab

PAGE_SIZE = 25


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    user = person(request)
    current = request.GET.get("show", "all")
    found = {
        "all": Request.objects.of(user),
        "drafts": Request.objects.of(user).filter(state="draft"),
        "running": Request.objects.of(user).filter(state="running"),
        "decided": Request.objects.of(user).filter(state__in=DECIDED_STATES),
    }
    titles = {
        "all": _("All"),
        "drafts": _("Drafts"),
        "running": _("In progress"),
        "decided": _("Decided"),
    }
    current = current if current in found else "all"
    tabs = [
        Tab(key, titles[key], f"{reverse('requests')}?show={key}", None, key == current)
        for key in found
    ]
    page = Paginator(found[current].order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = cast(RequestQuerySet, page.object_list)
    context = {"tabs": tabs, "rows": request_rows(shown, viewer=user), "page": page}
    return render(request, "approvals/requests.html", context)
