"""What would stand empty if somebody left: tasks of the flows in force, and work that is open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import User

from workflows.directory import PersonId, Snapshot
from workflows.models import FlowVersion, WorkItem
from workflows.stuck import MOST, without_anybody

from .company import FlowPeople, check_published
from .report import Answer, PeopleReport, TaskPeople


@dataclass(frozen=True)
class Leaving:
    """`flows` tell what is new, and only that. `items` are open, and nobody else can do them; past
    200 of them the oldest. `duties` are what lies with this person alone."""

    person: User
    flows: Sequence[FlowPeople]
    items: Sequence[WorkItem]
    duties: Sequence[str]

    @property
    def is_missed(self) -> bool:
        return bool(self.items) or any(each.report.findings for each in self.flows)


def if_left(
    person: User, versions: Sequence[FlowVersion], people: Snapshot, *, seconds: float = math.inf
) -> Leaving:
    """Return what would have nobody if `person` left today; nothing is changed."""
    without = people.without(PersonId(person.pk))
    now = check_published(versions, people, seconds=seconds)
    then = check_published(versions, without, seconds=seconds)
    return Leaving(
        person=person,
        flows=[
            FlowPeople(after.version, _new(before.report, after.report))
            for before, after in zip(now, then, strict=True)
        ],
        items=open_for_them_alone(person),
        duties=people.duties(PersonId(person.pk)),
    )


def open_for_them_alone(person: User) -> list[WorkItem]:
    """Return the open work that people wait for and nobody but `person` can do, oldest first."""
    awaited = WorkItem.objects.awaited()
    held_up = without_anybody(awaited).values("pk")
    found = without_anybody(awaited, leaver=person).exclude(pk__in=held_up)
    return list(found.for_list().order_by("opened_at", "pk")[:MOST])


def _new(before: PeopleReport, after: PeopleReport) -> PeopleReport:
    """Return what is found after and not before, by task and requester."""
    known = {
        (task.key, person)
        for task in before.findings
        for gap in task.certain_gaps
        for person in gap.requesters
    }
    return replace(after, tasks=tuple(_without_known(task, known) for task in after.tasks))


def _without_known(task: TaskPeople, known: set[tuple[str, PersonId]]) -> TaskPeople:
    gaps = []
    for gap in task.certain_gaps:
        new = tuple(person for person in gap.requesters if (task.key, person) not in known)
        if new:
            gaps.append(replace(gap, requesters=new))
    if not gaps:
        return replace(task, gaps=(), answer=Answer.EVERYBODY, is_open="")
    return replace(task, gaps=tuple(gaps))
