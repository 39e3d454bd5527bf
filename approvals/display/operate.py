"""What an operator may do to a request's case: the panel on its page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from approvals import formatting
from approvals.display.people import name_of
from approvals.display.waiting import group_title
from approvals.models import Request
from workflows.models import Case, Job, JobKind, WorkItem, WorkItemState
from workflows.operating import FORMS, JOBS, WHOLE

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
    """A work item, or a job that gave up; `state` reads `open, with Ben Baker`."""

    title: str
    state: str
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
    items = _items(request, case) if case.is_running else []
    return OperatePanel(links, [*_incidents(request, case), *items])


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


def job_links(number: str, job: Job, *, next_url: str = "") -> list[OperateLink]:
    """Return what can be done to a job that was given up."""
    query = {"job": str(job.pk)} | ({"next": next_url} if next_url else {})

    def link(what: str) -> OperateLink:
        url = reverse("request_operate", args=[number, what])
        return OperateLink(JOBS[what].title, f"{url}?{urlencode(query)}", JOBS[what].icon)

    links = [link("retry-job")]
    if job.work_item is not None and job.kind != JobKind.EFFECT:
        links.append(operate_link(number, "skip", job.work_item, next_url=next_url))
    return [*links, link("drop-job")]


def _incidents(request: Request, case: Case) -> list[OperateItem]:
    jobs = case.jobs.incidents().select_related("work_item__task").order_by("pk")[:MOST_ITEMS]
    return [
        OperateItem(
            title=str(job.work_item.task) if job.work_item else job.name,
            state=_("gave up: %(error)s") % {"error": Truncator(job.last_error).chars(120)},
            links=job_links(request.number, job),
        )
        for job in jobs
    ]


def _items(request: Request, case: Case) -> list[OperateItem]:
    """Return the open items, and of each other task the one that was done last."""
    rows = WorkItem.objects.filter(case=case, state__in=("offered", "claimed", "completed"))
    loaded = rows.select_related("task", "claimed_by", "completed_by")
    items = list(loaded.prefetch_related("candidates__user").order_by("-pk")[:MOST_ITEMS])
    # What is open comes first, and last of that what nobody waits for.
    items.sort(key=lambda item: (not item.is_open, item.is_open and item.task.is_optional))
    shown = {item.task_id for item in items if item.is_open}
    found = []
    for item in items:
        if item.is_open:
            kinds = ["skip"] if item.task.kind != "human" else ["transfer", "skip"]
        elif item.task_id not in shown:
            shown.add(item.task_id)
            kinds = ["repeat"]
        else:
            continue
        links = [operate_link(request.number, what, item) for what in kinds]
        told = _("open, with %(who)s") if item.is_open else _("done by %(who)s")
        found.append(OperateItem(str(item.task), told % {"who": _who(item)}, links))
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
