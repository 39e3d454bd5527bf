"""How urgent something is, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import formatting
from approvals.models import Request, RequestState
from workflows.models import Case, CaseState

SOON_DAYS = 2


@dataclass(frozen=True, slots=True)
class DueView:
    """`level` is `overdue`, `today`, `soon` or `later`."""

    text: str
    level: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatusView:
    key: str
    text: str
    icon: str


_ICONS = {
    "draft": "circle-dashed",
    "running": "hourglass",
    "approved": "circle-check",
    "rejected": "circle-x",
    "withdrawn": "arrow-back-up",
    "cancelled": "ban",
    "completed": "circle-check",
    "suspended": "player-pause",
    "failed": "alert-triangle",
}


def due_view(due_at: datetime | None, *, now: datetime) -> DueView | None:
    """Return when something is due, in days by the reader's clock."""
    if due_at is None:
        return None
    due_on = timezone.localtime(due_at).date()
    days = (due_on - timezone.localtime(now).date()).days
    if due_at <= now:
        late = formatting.age(due_at, now=now)
        text = _("Overdue") if days == 0 else _("%(time)s overdue") % {"time": late}
        return DueView(text, "overdue", due_at)
    if days == 0:
        return DueView(_("Due today"), "today", due_at)
    if days <= SOON_DAYS:
        text = _("Due tomorrow") if days == 1 else _("Due in %(count)d days") % {"count": days}
        return DueView(text, "soon", due_at)
    return DueView(_("Due %(date)s") % {"date": formatting.day(due_on)}, "later", due_at)


def status_of(request: Request) -> StatusView:
    """Return how a request stands; a case on hold shows through. `case` should be loaded."""
    key, text = str(request.state), str(request.get_state_display())
    case = request.case
    if key == RequestState.RUNNING and case is not None:
        key, text = _of_case(case)
    if key == RequestState.CLOSED:
        key = "completed"
    return StatusView(key, text, _ICONS[key])


def _of_case(case: Case) -> tuple[str, str]:
    if case.state == CaseState.SUSPENDED:
        return "suspended", _("On hold")
    if case.state == CaseState.FAILED:
        return "failed", _("Stopped by an error")
    return "running", _("In progress")
