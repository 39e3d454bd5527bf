"""Cases that will not go on by themselves: what holds each up, and since when.

Each question costs a fixed number of statements, whatever the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from workflows.clock import StatementNow
from workflows.engine.rights import person_name
from workflows.models import Candidate, Case, CaseState, FlowVersion, Job, Task, WorkItem
from workflows.querysets import CaseQuerySet, WorkItemQuerySet

MOST = 200
"""Of each trouble, the oldest so many are told."""

DAYS = 14

INCIDENT, FAILED, NOBODY, IDLE, LATE, SUSPENDED = (
    "incident",
    "failed",
    "nobody",
    "idle",
    "late",
    "suspended",
)
TITLES: dict[str, str | Promise] = {
    INCIDENT: gettext_lazy("A job gave up"),
    FAILED: gettext_lazy("It has failed"),
    NOBODY: gettext_lazy("Nobody can act"),
    IDLE: gettext_lazy("Nothing is open"),
    LATE: gettext_lazy("No progress"),
    SUSPENDED: gettext_lazy("Suspended for long"),
}


@dataclass(frozen=True, slots=True)
class Stuck:
    """One trouble of a case. `item` or `job` is what it is about, where it is about one."""

    case: Case
    trouble: str
    since: datetime
    reason: str
    item: WorkItem | None = None
    job: Job | None = None

    @property
    def title(self) -> str | Promise:
        return TITLES[self.trouble]


def stuck_days() -> int:
    """Return after how many days without progress a case counts as stuck."""
    return int(getattr(settings, "GOFLOW_STUCK_DAYS", DAYS))


def find_stuck(cases: CaseQuerySet, *, days: int | None = None, most: int = MOST) -> list[Stuck]:
    """Return the troubles of these cases, the oldest first; a case may have several. Of each
    trouble, the oldest `most`.

    What is optional does not count, and neither does waiting for a timer: nobody is late then.
    """
    patience = timedelta(days=stuck_days() if days is None else days)
    incidents = list(_incidents(cases, most))
    nobody = list(_without_anybody(cases, most))
    told = {stuck.item.pk for stuck in (*incidents, *nobody) if stuck.item}
    found = [
        *incidents,
        *nobody,
        *_failed(cases, most),
        *_idle(cases, most),
        *_late(cases, most, patience, told),
        *_suspended(cases, most, patience),
    ]
    return sorted(found, key=lambda stuck: (stuck.since, stuck.case.pk))


def without_anybody(items: WorkItemQuerySet, *, leaver: User | None = None) -> WorkItemQuerySet:
    """Return the open human items that nobody can do; with `leaver`, as if they had left.

    All candidates have left, their groups are empty, or whoever holds the item has left or is no
    candidate any more.
    """
    stays = ~Q(pk=leaver.pk) if leaver else Q()
    candidates = Candidate.objects.filter(is_excluded=False)
    there = User.objects.filter(stays, is_active=True)
    # One set for all items: asked of each in turn, it was most of the time of a page.
    by_name = candidates.filter(is_offered=True, user__in=there).values("work_item")
    named = candidates.filter(work_item=OuterRef("pk"), user__in=there)
    groups = candidates.filter(work_item=OuterRef(OuterRef("pk")), group__isnull=False)
    excluded = Candidate.objects.filter(
        work_item=OuterRef(OuterRef("pk")), is_excluded=True, user=OuterRef("pk")
    )
    members = there.filter(~Exists(excluded), groups__name__in=groups.values("group"))
    of_holder = Exists(named.filter(user=OuterRef("claimed_by"))) | Exists(
        members.filter(pk=OuterRef("claimed_by"))
    )
    offered = Q(state="offered") & (Q(pk__in=by_name) | Exists(members))
    held = Q(state="claimed") & of_holder
    # Not by a join, which comes after the questions about candidates.
    others = Task.objects.exclude(kind="human")
    waiting = items.open().filter(~Q(task__in=others), case__state="running")
    return waiting.filter(~(offered | held))


def _incidents(cases: CaseQuerySet, most: int) -> Iterator[Stuck]:
    jobs = Job.objects.incidents().filter(case__in=cases.values("pk"))
    loaded = jobs.select_related("case__version__flow", "case__requester", "work_item__task").defer(
        *(f"case__version__{name}" for name in FlowVersion.LARGE)
    )
    for job in loaded.order_by("due_at", "pk")[:most]:
        if job.case is None:
            continue
        error = Truncator(job.last_error).chars(200) or _("no reason was given")
        tries = ngettext("after %(n)d try", "after %(n)d tries", job.attempts) % {"n": job.attempts}
        reason = _("%(job)s gave up %(tries)s: %(error)s") % {
            "job": f"“{job.work_item.task}”" if job.work_item else job.name,
            "tries": tries,
            "error": error,
        }
        yield Stuck(job.case, INCIDENT, job.due_at, reason, job.work_item, job)


def _without_anybody(cases: CaseQuerySet, most: int) -> Iterator[Stuck]:
    for item in _loaded(without_anybody(_awaited(cases)), most):
        offered = [c for c in item.candidates.all() if not c.is_excluded]
        if item.claimed_by is not None:
            who = _("%(person)s holds it and cannot act any more") % {
                "person": person_name(item.claimed_by)
            }
        elif offered:
            names = [person_name(c.user) if c.user else f"{_('group')} {c.group}" for c in offered]
            who = _("nobody is left of %(names)s") % {"names": ", ".join(names)}
        else:
            who = _("it is offered to nobody")
        reason = _("“%(task)s”: %(who)s.") % {"task": item.task, "who": who}
        yield Stuck(item.case, NOBODY, item.opened_at, reason, item)


def _failed(cases: CaseQuerySet, most: int) -> Iterator[Stuck]:
    for case in _whole(cases.filter(state=CaseState.FAILED), most):
        yield Stuck(case, FAILED, case.changed_at, case.failure or _("No reason was given."))


def _idle(cases: CaseQuerySet, most: int) -> Iterator[Stuck]:
    work = WorkItem.objects.open().awaited().values("case")
    for case in _whole(cases.running().filter(~Q(pk__in=work)), most):
        reason = _("No work that anybody waits for is open.")
        yield Stuck(case, IDLE, case.changed_at, reason)


def _late(cases: CaseQuerySet, most: int, patience: timedelta, told: set[int]) -> Iterator[Stuck]:
    waiting = _awaited(cases).exclude(task__kind="timer").exclude(pk__in=told)
    late = waiting.filter(opened_at__lt=StatementNow() - patience)
    for item in _loaded(late, most):
        days = patience.days
        reason = ngettext(
            "“%(task)s” has been open for more than a day.",
            "“%(task)s” has been open for more than %(n)d days.",
            days,
        ) % {"task": item.task, "n": days}
        yield Stuck(item.case, LATE, item.opened_at, reason, item)


def _suspended(cases: CaseQuerySet, most: int, patience: timedelta) -> Iterator[Stuck]:
    suspended = cases.filter(state=CaseState.SUSPENDED)
    for case in _whole(suspended.filter(changed_at__lt=StatementNow() - patience), most):
        yield Stuck(case, SUSPENDED, case.changed_at, _("It stands still until it is resumed."))


def _awaited(cases: CaseQuerySet) -> WorkItemQuerySet:
    running = cases.running().values("pk")
    return WorkItem.objects.open().awaited().filter(case__in=running)


def _loaded(items: WorkItemQuerySet, most: int) -> Iterable[WorkItem]:
    rows = items.for_list().prefetch_related("candidates__user")
    return rows.order_by("opened_at", "pk")[:most]


def _whole(cases: CaseQuerySet, most: int) -> Iterable[Case]:
    loaded = cases.select_related("version__flow", "requester")
    lean = loaded.defer(*(f"version__{name}" for name in FlowVersion.LARGE))
    return lean.order_by("changed_at", "pk")[:most]
