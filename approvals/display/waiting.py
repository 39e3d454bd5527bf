"""With whom a case is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from approvals import formatting
from approvals.display.people import name_of
from approvals.display.status import DueView, due_view
from workflows.models import Candidate, WorkItem

GROUP_NAMES = {"hr": "HR", "it": "IT"}
MAX_NAMES = 3


class WaitingEntry(NamedTuple):
    """One open work item. `people` reads `Carl Carter or Cleo Clark (Finance)`."""

    task_title: str
    people: str
    since: datetime
    due: DueView | None


@dataclass(frozen=True, slots=True)
class People:
    """The candidates of open work items of several cases, read in a fixed number of statements."""

    items_by_case: dict[int, list[WorkItem]]
    members: dict[str, list[User]]

    def entries(self, case_id: int, *, now: datetime | None = None) -> list[WaitingEntry]:
        at = now or timezone.now()
        return [
            WaitingEntry(
                str(item.task), self.text(item), item.opened_at, due_view(item.due_at, now=at)
            )
            for item in self.items_by_case.get(case_id, [])
        ]

    def waiting_on(self, case_id: int) -> str:
        """Return everybody for whom the case waits, in one line."""
        texts = [self.text(item) for item in self.items_by_case.get(case_id, [])]
        return formatting.joined(list(dict.fromkeys(filter(None, texts))), word=_("and"))

    def text(self, item: WorkItem) -> str:
        """Return who may do an open item: its holder, or its candidates."""
        if item.claimed_by is not None:
            return name_of(item.claimed_by)
        if item.task.kind != "human":
            return _("the system")
        candidates = list(item.candidates.all())
        excluded = {c.user_id for c in candidates if c.is_excluded}
        named = [name_of(c.user) for c in candidates if c.user is not None and not c.is_excluded]
        groups = [c.group for c in candidates if c.group]
        texts = [self._group_text(group, excluded) for group in groups]
        return formatting.joined([*named, *texts])

    def _group_text(self, group: str, excluded: Collection[int | None]) -> str:
        names = [name_of(user) for user in self.members.get(group, []) if user.pk not in excluded]
        title = group_title(group)
        if not names or len(names) > MAX_NAMES:
            return title
        return f"{formatting.joined(names)} ({title})"


def people_for(case_ids: Iterable[int]) -> People:
    """Return for whom the given cases wait: three statements, whatever their number."""
    candidates = Prefetch("candidates", Candidate.objects.select_related("user"))
    items = (
        WorkItem.objects.open()
        .awaited()
        .filter(case__in=list(case_ids))
        .select_related("task", "claimed_by")
        .prefetch_related(candidates)
        .order_by("pk")
    )
    by_case: dict[int, list[WorkItem]] = {}
    groups: set[str] = set()
    for item in items:
        by_case.setdefault(item.case_id, []).append(item)
        groups |= {c.group for c in item.candidates.all() if c.group}
    return People(by_case, members_of(groups))


def members_of(groups: Collection[str]) -> dict[str, list[User]]:
    """Return the active members of each group, by name."""
    if not groups:
        return {}
    pairs = (
        User.groups.through.objects.filter(group__name__in=groups, user__is_active=True)
        .select_related("user", "group")
        .order_by("user__first_name", "user__username")
    )
    members: dict[str, list[User]] = {}
    for pair in pairs:
        members.setdefault(pair.group.name, []).append(pair.user)
    return members


def group_title(group: str) -> str:
    """Return a group's name as people write it: `Finance`, `HR`."""
    return GROUP_NAMES.get(group, capfirst(group.replace("_", " ")))
