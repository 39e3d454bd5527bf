"""What an operator may do to a request's case: the panel on its page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from approvals import formatting
from approvals.display.people import name_of
from approvals.display.waiting import group_title
from approvals.models import Request
from workflows.models import Case, WorkItem, WorkItemState
from workflows.operating import FORMS, WHOLE

INTERVENE = "workflows.intervene_case"
MOST_ITEMS = 50

ICONS = {
    "move": "route",
    "set-data": "edit",
    "cancel-branch": "x",
    "skip": "arrow-right",
    "repeat": "arrow-back-up",
    "transfer": "user-share",
}


@dataclass(frozen=True, slots=True)
class OperateLink:
    label: str | Promise
    url: str
    icon: str
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class OperateItem:
    """A work item; `who` has it, or has done it."""

    title: str
    who: str
    is_open: bool
    links: list[OperateLink]


@dataclass(frozen=True, slots=True)
class OperatePanel:
    links: list[OperateLink]
    items: list[OperateItem]


def may_operate(user: User, case: Case) -> bool:
    """Tell whether pages offer interventions; nobody intervenes in their own request."""
    return user.has_perm(INTERVENE) and case.requester_id != user.pk


def operate_panel(request: Request, *, viewer: User) -> OperatePanel | None:
    """Return what `viewer` may do to the request's case; None where that is nothing."""
    case = request.case
    if case is None or case.is_closed or not may_operate(viewer, case):
        return None
    links = []
    if case.is_workable:
        kinds = ["move", "set-data"] + (["cancel-branch"] if len(case.marking) > 1 else [])
        links = [operate_link(request.number, what) for what in kinds]
    links += [
        operate_link(request.number, what)
        for what, whole in WHOLE.items()
        if case.state in whole.possible_in
    ]
    return OperatePanel(links, _items(request, case) if case.is_running else [])


def operate_link(
    number: str, what: str, item: WorkItem | None = None, *, next_url: str = ""
) -> OperateLink:
    """Return the way to the page of one intervention, and back to `next_url` from there."""
    url = reverse("request_operate", args=[number, what])
    query = {"item": str(item.pk)} if item is not None else {}
    query |= {"next": next_url} if next_url else {}
    address = f"{url}?{urlencode(query)}" if query else url
    if what in WHOLE:
        return OperateLink(WHOLE[what].title, address, WHOLE[what].icon, WHOLE[what].is_final)
    label = _("Hand on") if what == "transfer" else FORMS[what].title
    return OperateLink(label, address, ICONS[what])


def _items(request: Request, case: Case) -> list[OperateItem]:
    """Return the open items, and of each other task the one that was done last."""
    rows = WorkItem.objects.filter(case=case, state__in=("offered", "claimed", "completed"))
    loaded = rows.select_related("task", "claimed_by", "completed_by")
    items = list(loaded.prefetch_related("candidates__user").order_by("-pk")[:MOST_ITEMS])
    # What is open comes first, and last of that what nobody waits for.
    items.sort(key=lambda item: (not item.is_open, item.is_open and item.task.is_optional))
    told = {item.task_id for item in items if item.is_open}
    found = []
    for item in items:
        if item.is_open:
            kinds = ["skip"] if item.task.kind != "human" else ["transfer", "skip"]
        elif item.task_id not in told:
            told.add(item.task_id)
            kinds = ["repeat"]
        else:
            continue
        links = [operate_link(request.number, what, item) for what in kinds]
        found.append(OperateItem(str(item.task), _who(item), item.is_open, links))
    return found


def _who(item: WorkItem) -> str:
    if item.state == WorkItemState.COMPLETED:
        return name_of(item.completed_by) if item.completed_by else _("nobody")
    if item.claimed_by:
        return name_of(item.claimed_by)
    if item.task.kind != "human":
        return _("the system")
    offered = [c for c in item.candidates.all() if not c.is_excluded]
    names = [name_of(c.user) for c in offered if c.user]
    return formatting.joined([*names, *(group_title(c.group) for c in offered if c.group)])
