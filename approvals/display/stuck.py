"""Rows of the page that finds stuck cases: what is wrong, since when, and the cures beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.functional import Promise

from approvals import formatting
from approvals.display.operate import OperateLink, job_links, operate_link
from approvals.display.people import PersonView, person_view
from approvals.models import Request
from workflows import stuck
from workflows.stuck import Stuck

ICONS = {
    stuck.INCIDENT: "bolt",
    stuck.FAILED: "alert-triangle",
    stuck.NOBODY: "users",
    stuck.IDLE: "help-circle",
    stuck.LATE: "hourglass",
    stuck.SUSPENDED: "player-pause",
}


@dataclass(frozen=True, slots=True)
class StuckRow:
    """`trouble` is the kind, `trouble_text` its name. `cures` are ways to pages that ask first."""

    number: str
    url: str
    title: str
    requester: PersonView
    trouble: str
    trouble_text: str | Promise
    icon: str
    reason: str
    since: datetime
    since_text: str
    is_own: bool
    cures: list[OperateLink]


def stuck_rows(found: Iterable[Stuck], *, viewer: User, next_url: str) -> list[StuckRow]:
    """Return the rows; one statement, whatever their number."""
    troubles = list(found)
    requests = Request.objects.for_list().filter(case__in=[stuck.case.pk for stuck in troubles])
    by_case = {request.case_id: request for request in requests}
    now = timezone.now()
    return [_row(each, by_case.get(each.case.pk), viewer, next_url, now) for each in troubles]


def _row(
    found: Stuck, request: Request | None, viewer: User, next_url: str, now: datetime
) -> StuckRow:
    case = found.case
    is_own = case.requester_id == viewer.pk
    has_cures = request is not None and not is_own
    return StuckRow(
        number=request.number if request else str(case),
        url=request.get_absolute_url() if request else "",
        title=case.version.title or str(case.version.flow),
        requester=person_view(request.requester if request else case.requester),
        trouble=found.trouble,
        trouble_text=found.title,
        icon=ICONS[found.trouble],
        reason=found.reason,
        since=found.since,
        since_text=formatting.age(found.since, now=now),
        is_own=is_own,
        cures=_cures(found, request, next_url) if request and has_cures else [],
    )


def _cures(found: Stuck, request: Request, next_url: str) -> list[OperateLink]:
    def link(what: str) -> OperateLink:
        return operate_link(request.number, what, found.item, next_url=next_url)

    def whole(what: str) -> OperateLink:
        return operate_link(request.number, what, next_url=next_url)

    match found.trouble:
        case stuck.INCIDENT:
            assert found.job is not None  # noqa: S101  an incident is about one
            return job_links(request.number, found.job, next_url=next_url)
        case stuck.NOBODY | stuck.LATE if found.item is not None:
            is_human = found.item.task.kind == "human"
            return [*([link("transfer")] if is_human else []), link("skip"), whole("cancel")]
        case stuck.SUSPENDED:
            return [whole("resume"), whole("cancel")]
        case stuck.FAILED:
            return [whole("set-data"), whole("move"), whole("cancel")]
    return [whole("move"), whole("cancel")]
