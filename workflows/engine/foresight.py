"""What would come of an intervention, told before anybody acts: by the very code that would act."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.contrib.auth.models import User
from django.utils import timezone

from workflows import store
from workflows.errors import CaseWouldStrand
from workflows.models import Case, CaseState, WorkItem, WorkItemState
from workflows.net import Marking
from workflows.net.completion import Answer, Completion, completion

from . import rights
from .advance import Advance, step_of
from .moves import Intervention, Scene
from .opening import Opened


@dataclass(frozen=True, slots=True)
class Item:
    """A work item that closes or opens; `work_item` is None for one that is not there yet.

    `people` are names, `usernames` the same people's accounts; `groups` those it is offered to.
    `is_completed`: it ends with an outcome, and is not just withdrawn.
    """

    work_item: int | None
    task: str
    title: str
    is_completed: bool
    people: tuple[str, ...]
    usernames: tuple[str, ...]
    groups: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "work_item": self.work_item,
            "task": self.task,
            "title": self.title,
            "candidates": list(self.usernames),
            "groups": list(self.groups),
        }


@dataclass(frozen=True, slots=True)
class Foresight:
    """The case after an intervention, and whether it can still end properly from there.

    `fires` are the automatic transitions that follow. Where it would fail at once (`fails`), no
    right is enough to do it. `step` is the `step_count` of the case that was looked at.
    """

    completion: Completion
    marking: Marking
    fires: tuple[str, ...]
    closes: tuple[Item, ...]
    opens: tuple[Item, ...]
    ends: bool
    fails: bool
    step: int

    @property
    def answer(self) -> Answer:
        return self.completion.answer

    @property
    def message(self) -> str:
        return self.completion.message

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.completion.as_dict(),
            "marking": self.marking.as_dict(),
            "marking_then": self.completion.marking.as_dict(),
            "fires": list(self.fires),
            "closes": [item.as_dict() for item in self.closes],
            "opens": [item.as_dict() for item in self.opens],
            "ends": self.ends,
            "fails": self.fails,
            "step": self.step,
        }


def scene_of(case: Case, items: Sequence[WorkItem], *, at: datetime) -> Scene:
    """Return a case with its open items, ready for an intervention; one that has failed runs."""
    if case.state == CaseState.FAILED:
        case.mend()
    flow = store.load_flow(case.version_id)
    return Scene(case, flow, step_of(case, flow, store.values_of(case, flow), at=at), items, at)


def rehearse(case: Case, items: Sequence[WorkItem], intervention: Intervention) -> Foresight:
    """Return what the intervention would do to a case and its open items; both stay as they are.

    Raises:
        workflows.errors.GoflowError: it cannot be done; whatever the command itself would raise.
    """
    copies = [copy.copy(item) for item in items]
    scene = scene_of(copy.copy(case), copies, at=timezone.now())
    intervention.apply(scene)
    fired = len(scene.step.firings)
    rehearsal = _Rehearsal(scene.case, scene.flow, scene.step, scene.items, scene.at)
    closed: Sequence[WorkItem] = ()
    opened: Sequence[Opened] = ()
    failure = ""
    try:
        rehearsal.run()
    except _Written as written:
        closed, opened = written.closed, written.opened
    except _Failed as failed:
        failure, closed = str(failed), copies
    _refuse_to_idle(scene, failure)
    net, marking = scene.flow.net, scene.step.marking
    answer = completion(net, marking) if not failure else _failed_completion(failure, marking)
    return Foresight(
        completion=answer,
        marking=marking,
        fires=tuple(firing.transition for firing in scene.step.firings[fired:]),
        closes=_closing(closed),
        opens=_opening(opened),
        ends=scene.step.is_ended and not failure,
        fails=bool(failure),
        step=case.step_count,
    )


def _refuse_to_idle(scene: Scene, failure: str) -> None:
    """Raise CaseWouldStrand where nothing would be open but what nobody waits for."""
    tasks, step = scene.flow.tasks, scene.step
    if failure or step.is_ended:
        return
    if all(tasks[key].definition.is_optional for key in step.open_tasks):
        open_ones = ", ".join(repr(tasks[key].title) for key in sorted(step.open_tasks))
        raise CaseWouldStrand(
            f"Nobody would have anything to do: only {open_ones} would be possible.",
            marking=step.marking.as_dict(),
            branches=[],
        )


class _Written(Exception):  # noqa: N818  the way out of a rehearsal, not an error
    def __init__(self, closed: Sequence[WorkItem], opened: Sequence[Opened]) -> None:
        self.closed, self.opened = closed, opened


class _Failed(Exception):  # noqa: N818  as above
    pass


class _Rehearsal(Advance):
    """A step that stops where it would be written."""

    def _write(self, *, closed: Sequence[WorkItem], opened: Sequence[Opened]) -> NoReturn:
        raise _Written(closed, opened)

    def _fail(self, reason: str) -> NoReturn:
        raise _Failed(reason)


def _failed_completion(reason: str, marking: Marking) -> Completion:
    return Completion("no", False, (), marking, f"The case would fail at once. {reason}", 0)


def _closing(closed: Sequence[WorkItem]) -> tuple[Item, ...]:
    rows = WorkItem.objects.filter(pk__in=[item.pk for item in closed]).order_by("pk")
    loaded = rows.select_related("task", "claimed_by").prefetch_related("candidates__user")
    completed = {item.pk for item in closed if item.state == WorkItemState.COMPLETED}
    found = []
    for row in loaded:
        offered = [c for c in row.candidates.all() if not c.is_excluded]
        holders = [row.claimed_by] if row.claimed_by else [c.user for c in offered if c.user]
        groups = [] if row.claimed_by else [c.group for c in offered if c.group]
        is_completed = row.pk in completed
        found.append(_item(row.pk, row.task.key, str(row.task), holders, groups, is_completed))
    return tuple(found)


def _opening(opened: Sequence[Opened]) -> tuple[Item, ...]:
    offered = {each.task.key: [c for c in each.candidates if not c.is_excluded] for each in opened}
    ids = [c.user_id for candidates in offered.values() for c in candidates if c.user_id]
    users = User.objects.in_bulk(ids) if ids else {}
    found = []
    for each in opened:
        candidates = offered[each.task.key]
        people = [users[c.user_id] for c in candidates if c.user_id]
        groups = [c.group for c in candidates if c.group]
        found.append(_item(None, each.task.key, each.task.title, people, groups, False))
    return tuple(found)


def _item(
    pk: int | None,
    task: str,
    title: str,
    people: Sequence[User],
    groups: Sequence[str],
    is_completed: bool,
) -> Item:
    return Item(
        work_item=pk,
        task=task,
        title=title,
        is_completed=is_completed,
        people=tuple(rights.person_name(user) for user in people),
        usernames=tuple(user.get_username() for user in people),
        groups=tuple(groups),
    )
