"""What a step meant to people: read by a worker, from what the step has written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from approvals.models import RequestState
from approvals.outcomes import RETURN, traits_of
from workflows.definition import TaskKind
from workflows.models import Case, Event, EventKind, WorkItem, WorkItemState

DECISIONS = (RequestState.APPROVED, RequestState.REJECTED, RequestState.WITHDRAWN)
LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Step:
    """One step of a case, whatever has become of the case since.

    `lines` are the step's part of the history, what caused it first; `items` those that it opened,
    ended or handed over, as they are now, with their candidates and tasks.
    """

    case: Case
    number: int
    lines: Sequence[Event]
    items: Sequence[WorkItem]

    @property
    def cause(self) -> Event:
        return self.lines[0]

    @cached_property
    def opened(self) -> list[WorkItem]:
        """The items that it opened for people; nobody waits for an optional one."""
        return [item for item in self.items if item.opened_at == self.cause.at and _is_work(item)]

    @property
    def offers(self) -> list[WorkItem]:
        """Those of them that are still to be done."""
        return [item for item in self.opened if item.is_open]

    @property
    def closed(self) -> list[WorkItem]:
        """The items that it ended."""
        return [item for item in self.items if item.closed_at == self.cause.at]

    @property
    def handed(self) -> WorkItem | None:
        """The item that was handed to one person, if that person still has it."""
        if not self._has(EventKind.TRANSFERRED):
            return None
        for item in self.items:
            holder = item.claimed_by
            if item.pk == self.cause.work_item_id and item.is_open and holder is not None:
                return item if holder.get_username() == self.cause.payload.get("to") else None
        return None

    @property
    def is_return(self) -> bool:
        return traits_of(str(self.cause.payload.get("outcome", ""))) is RETURN

    @property
    def failure(self) -> str:
        """Why the case failed by this step; "" where it did not."""
        return str(self.cause.payload.get("reason", "")) if self._has(EventKind.FAILED) else ""

    @property
    def has_ended(self) -> bool:
        return self._has(EventKind.COMPLETED)

    @property
    def decision(self) -> str:
        """How this step decided the request; "" where it did not.

        A request may be decided before its case ends: what is approved still has to be paid.
        """
        if self._has(EventKind.CANCELLED):
            return RequestState.CANCELLED
        changes = [line.payload.get("data", {}) for line in self.lines]
        decided = [each["decision"] for each in changes if each.get("decision") in DECISIONS]
        if decided:
            return str(decided[-1])
        if self.has_ended and self.case.data.get("decision") not in DECISIONS:
            return RequestState.CLOSED
        return ""

    @cached_property
    def overtaken(self) -> list[WorkItem]:
        """The items that a timer took away from people, to give work to others."""
        rang = any(
            item.pk == self.cause.work_item_id and item.task.kind == TaskKind.TIMER
            for item in self.closed
        )
        if not rang or not self.opened:
            return []
        withdrawn = (item for item in self.closed if item.state == WorkItemState.WITHDRAWN)
        return [item for item in withdrawn if _is_work(item)]

    @property
    def said(self) -> dict[str, Any]:
        """What the person who caused the step gave as comment or reason."""
        payload = self.cause.payload
        comment = str(payload.get("comment") or payload.get("reason") or "")
        return {"comment": comment[:LONGEST_COMMENT]} if comment else {}

    def _has(self, kind: EventKind) -> bool:
        return any(line.kind == kind for line in self.lines)


def read_step(case_id: int, *, number: int, first: int, last: int) -> Step:
    """Return a committed step by the numbers of its first and last line: five statements."""
    case = Case.objects.get(pk=case_id)
    lines = list(case.events.filter(sequence__range=(first, last)).order_by("sequence"))
    at = lines[0].at
    # The moment of a step is that of no other step of the case.
    its = Q(opened_at=at) | Q(closed_at=at) | Q(pk=lines[0].work_item_id)
    items = case.work_items.filter(its).select_related("task", "claimed_by")
    return Step(case, number, lines, list(items.prefetch_related("candidates").order_by("pk")))


def _is_work(item: WorkItem) -> bool:
    return item.task.kind == TaskKind.HUMAN and not item.task.is_optional
