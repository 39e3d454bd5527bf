"""What a step means to people: read off what it opened, closed and wrote, without a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from approvals.models import RequestState
from approvals.outcomes import RETURN, traits_of
from workflows import store
from workflows.compiled import CompiledFlow, CompiledTask
from workflows.definition import TaskKind
from workflows.history import NewEvent
from workflows.models import Candidate, Case, EventKind, WorkItem, WorkItemState

DECISIONS = (RequestState.APPROVED, RequestState.REJECTED, RequestState.WITHDRAWN)
LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Step:
    """One step of a case, as `CaseListener.case_stepped` tells it."""

    case: Case
    values: Mapping[str, object]
    opened: Sequence[tuple[WorkItem, Sequence[Candidate]]]
    closed: Sequence[WorkItem]
    lines: Sequence[NewEvent]

    @property
    def cause(self) -> NewEvent:
        return self.lines[0]

    @cached_property
    def flow(self) -> CompiledFlow:
        return store.load_flow(self.case.version_id)

    def task_of(self, item: WorkItem) -> CompiledTask:
        keys = {pk: key for key, pk in store.task_ids(self.case.version_id).items()}
        return self.flow.tasks[keys[item.task_id]]

    @cached_property
    def offers(self) -> list[tuple[WorkItem, CompiledTask, Sequence[Candidate]]]:
        """The items that now wait for people; nobody waits for an optional one."""
        told = ((item, self.task_of(item), candidates) for item, candidates in self.opened)
        return [
            (item, task, candidates)
            for item, task, candidates in told
            if task.definition.kind is TaskKind.HUMAN and not task.definition.is_optional
        ]

    @property
    def settled(self) -> list[WorkItem]:
        """The items that want nothing of anybody any more."""
        return [item for item in self.closed if not item.is_open]

    @property
    def transferred(self) -> WorkItem | None:
        """The item that was handed to one person."""
        return self.closed[0] if self.closed and self._has(EventKind.TRANSFERRED) else None

    @property
    def is_return(self) -> bool:
        return traits_of(self.outcome) is RETURN

    @property
    def outcome(self) -> str:
        return str(self.cause.payload.get("outcome", ""))

    @property
    def has_failed(self) -> bool:
        return self._has(EventKind.FAILED)

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
        if self.has_ended and self.values.get("decision") not in DECISIONS:
            return RequestState.CLOSED
        return ""

    @property
    def overtaken(self) -> list[CompiledTask]:
        """The tasks that a timer took away from people, to give work to others."""
        ringing = [item for item in self.closed if item.pk == self.cause.work_item_id]
        if not ringing or self.task_of(ringing[0]).definition.kind is not TaskKind.TIMER:
            return []
        if not self.offers:
            return []
        withdrawn = [item for item in self.closed if item.state == WorkItemState.WITHDRAWN]
        tasks = [self.task_of(item).definition for item in withdrawn]
        return [
            self.flow.tasks[task.key]
            for task in tasks
            if task.kind is TaskKind.HUMAN and not task.is_optional
        ]

    @property
    def said(self) -> dict[str, Any]:
        """What the person who caused the step gave as comment or reason."""
        payload = self.cause.payload
        comment = str(payload.get("comment") or payload.get("reason") or "")
        return {"comment": comment[:LONGEST_COMMENT]} if comment else {}

    def _has(self, kind: EventKind) -> bool:
        return any(line.kind == kind for line in self.lines)
