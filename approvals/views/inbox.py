"""The inbox: what I may decide, what my groups may take, what I have done, what I have started."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from approvals.display import work_item_rows
from approvals.forms.inbox import SORTINGS, InboxFilter
from workflows.models import WorkItem
from workflows.querysets import WorkItemQuerySet

from .base import person
from .tabs import Tab

PAGE_SIZE = 25
TITLES = {
    "todo": _("To do"),
    "pool": _("Group pool"),
    "done": _("Done"),
    "started": _("Started by me"),
}


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    user = person(request)
    tab = request.GET.get("tab", "todo")
    tab = tab if tab in TITLES else "todo"
    filters = InboxFilter(request.GET, user=user)
    items = filters.apply(items_of(tab, user), is_open=tab != "done")
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": _tabs(tab, user),
        "tab_key": tab,
        "rows": work_item_rows(cast(WorkItemQuerySet, page.object_list), viewer=user),
        "page": page,
        "filters": filters,
        "filters_active": filters.is_active,
        "sort_choices": _sort_choices(request, tab, filters.sort),
    }
    return render(request, "approvals/inbox.html", context)


def items_of(tab: str, user: User) -> WorkItemQuerySet:
    """Return what stands in one tab, unsorted.

    To do is what is mine or offered to me, by name or by group; the pool is the part that others of
    my groups may take as well.
    """
    if tab == "done":
        return WorkItem.objects.filter(completed_by=user)
    if tab == "started":
        return WorkItem.objects.open().awaited().filter(case__requester=user, case__state="running")
    waiting = WorkItem.objects.actionable_by(user).awaited()
    return waiting.pooled() if tab == "pool" else waiting


def _tabs(current: str, user: User) -> list[Tab]:
    counted = ("todo", "pool", "started")
    return [
        Tab(
            key=key,
            title=str(title),
            url=f"{reverse('inbox')}?{urlencode({'tab': key})}",
            count=items_of(key, user).count() if key in counted else None,
            is_current=key == current,
        )
        for key, title in TITLES.items()
    ]


def _sort_choices(request: HttpRequest, tab: str, current: str) -> list[tuple[str, str, bool]]:
    if tab == "done":
        return []
    kept = {k: v for k, v in request.GET.items() if k in ("tab", "q", "flow", "due") and v}
    return [
        (str(label), f"?{urlencode({**kept, 'sort': key})}", key == current)
        for key, label in SORTINGS.items()
    ]
