"""The inbox: what I may decide, what my groups may take, what I have done, what I have started."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from approvals.display import with_what_rows_show, work_item_rows
from approvals.formatting import capped
from approvals.forms.inbox import SORTINGS, InboxFilter
from workflows.keyset import Order, Position
from workflows.models import WorkItem
from workflows.querysets import WorkItemQuerySet
from workflows.worklist import MOST_COUNTED, WorkList

from .base import person
from .cursors import page_of, position_in
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
    order = filters.order(is_open=tab != "done")
    inbox = Inbox(user, filters)
    found = inbox.page(tab, order, after=position_in(request, order), limit=PAGE_SIZE + 1)
    counts = {key: capped(inbox.count(key), most=MOST_COUNTED) for key in TITLES if key != "done"}
    context = {
        "tabs": _tabs(tab, counts),
        "tab_key": tab,
        "rows": work_item_rows(found[:PAGE_SIZE], viewer=user),
        "page": page_of(request, found, order, size=PAGE_SIZE),
        "filters": filters,
        "filters_active": filters.is_active,
        "sort_choices": _sort_choices(request, tab, filters.sort),
        "inbox_count": counts["todo"],
    }
    return render(request, "approvals/inbox.html", context)


class Inbox:
    """What stands in each tab of one person's inbox.

    To do is what is mine or offered to me, by name or by group; the pool is the part that others of
    my groups may take as well.
    """

    def __init__(self, user: User, filters: InboxFilter) -> None:
        self._user, self._filters = user, filters
        self._rows = filters.with_sort_key(with_what_rows_show(WorkItem.objects.all()))
        self._waiting = WorkList(user, is_awaited=True, load=self._rows)

    def page(
        self, tab: str, order: Order, *, after: Position | None, limit: int
    ) -> Sequence[WorkItem]:
        if tab in ("todo", "pool"):
            filters = self._filters
            is_whole = not filters.is_active and not filters.has_sort_key
            items = None if is_whole else filters.apply(WorkItem.objects.all())
            waiting = self._waiting.of(items, is_pool=tab == "pool", due_before=filters.due_before)
            return waiting.page(order, after=after, limit=limit)
        items = self._filters.apply(with_what_rows_show(self._items(tab)))
        if self._filters.due_before is not None:
            items = items.filter(due_at__lt=self._filters.due_before)
        items = items if after is None else items.filter(order.behind(after))
        return list(items.order_by(*order.terms())[:limit])

    def count(self, tab: str) -> int:
        """Count what the filters hide as well; at most `MOST_COUNTED`."""
        if tab in ("todo", "pool"):
            return self._waiting.of(None, is_pool=tab == "pool").count()
        return self._items(tab)[:MOST_COUNTED].count()

    def _items(self, tab: str) -> WorkItemQuerySet:
        if tab == "done":
            return WorkItem.objects.filter(completed_by=self._user, closed_at__isnull=False)
        mine = WorkItem.objects.filter(case__requester=self._user, case__state="running")
        return mine.open().awaited()


def _tabs(current: str, counts: dict[str, int | str]) -> list[Tab]:
    return [
        Tab(
            key=key,
            title=str(title),
            url=f"{reverse('inbox')}?{urlencode({'tab': key})}",
            count=counts.get(key),
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
