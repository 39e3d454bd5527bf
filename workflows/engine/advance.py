"""From the step in memory to the rows: what closes, what opens, whether the case ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from workflows import data as case_data
from workflows import store
from workflows.compiled import CompiledFlow, CompiledTask, CompiledTransition
from workflows.definition import TaskKind
from workflows.directory import PersonId, get_directory
from workflows.errors import CaseWouldStrand, InvalidData
from workflows.expressions import Context
from workflows.history import NewEvent
from workflows.listeners import case_listeners
from workflows.models import Case, EventKind, Job, WorkItem, WorkItemState

from .opening import Opened, Opening, Rung
from .step import LivelockError, Step
from .writing import write_step


@dataclass
class Advance:
    """A locked case on its way through one step.

    `items` are the case's open items as read behind the lock; `lines` the history of the step so
    far; `job` what a worker ends by this step.
    """

    case: Case
    flow: CompiledFlow
    step: Step
    items: Sequence[WorkItem]
    at: datetime
    lines: list[NewEvent] = field(default_factory=list)
    job: Job | None = None
    _data: dict[str, Any] = field(default_factory=dict, init=False)

    def run(self) -> None:
        """Run to quiescence and write everything.

        A livelock puts the case to `failed` instead: what the caller did is not kept, the failure
        is.
        """
        fired_by_person = len(self.step.firings)
        try:
            self.step.run_to_quiescence()
        except LivelockError as livelock:
            self._fail(str(livelock))
            return
        for firing in self.step.firings[fired_by_person:]:
            changes = case_data.write(firing.changes)
            payload = {"data": changes} if changes else {}
            self.lines.append(
                NewEvent(EventKind.FIRED, transition=firing.transition, payload=payload)
            )
        self._data = self._checked_data()
        if self.step.is_ended:
            self._end()
        else:
            self._go_on()

    def _checked_data(self) -> dict[str, Any]:
        """Return the data to be stored; what the step leaves as it is was checked before."""
        stored: dict[str, Any] = self.case.data
        data = case_data.write(self.step.values)
        if data == stored:
            return stored
        refuse_bad_data(self.flow, self.step.values)
        return data

    def _end(self) -> None:
        left = {place: n for place, n in self.step.marking.items() if place != self.flow.end}
        if left or self.step.marking[self.flow.end] != 1:
            self._fail(f"The case reached its end with tokens left behind: {left}.")
            return
        self.case.complete(at=self.at)
        self.lines.append(NewEvent(EventKind.COMPLETED))
        self._write(closed=self._closed(stay_open=frozenset()), opened=[])
        for listener in case_listeners():
            listener.case_ended(self.case, self.step.values)

    def _go_on(self) -> None:
        open_tasks = self.step.open_tasks
        keys = {pk: key for key, pk in store.task_ids(self.case.version_id).items()}
        staying = frozenset(
            item.pk
            for item in self.items
            if item.is_open
            and keys[item.task_id] in open_tasks
            and keys[item.task_id] not in self.step.interrupted
        )
        standing = {keys[item.task_id] for item in self.items if item.pk in staying}
        to_open = [
            task
            for key, task in self.flow.tasks.items()
            if key in open_tasks and key not in standing
        ]
        self._refuse_to_strand(open_tasks)
        self._write(closed=self._closed(stay_open=staying), opened=self._opened(to_open))

    def _opened(self, tasks: Sequence[CompiledTask]) -> list[Opened]:
        rung = {
            self._task(item).key: Rung(item.due_at, self._payload_of(item).get("first_at"))
            for item in self.items
            if item.state == WorkItemState.COMPLETED and item.due_at is not None
        }
        opening = Opening(self.case, self.flow, self.step.values, self.step.context, self.at, rung)
        return [opening.open(task) for task in tasks]

    def _payload_of(self, item: WorkItem) -> Mapping[str, Any]:
        is_mine = self.job is not None and self.job.work_item_id == item.pk
        return self.job.payload if self.job is not None and is_mine else {}

    def _closed(self, *, stay_open: frozenset[int]) -> list[WorkItem]:
        """Return the items that this step ends, the others than the completed one as withdrawn."""
        closed = []
        for item in self.items:
            if item.pk in stay_open:
                continue
            if item.is_open:
                item.withdraw(at=self.at)
            closed.append(item)
        return closed

    def _write(self, *, closed: Sequence[WorkItem], opened: Sequence[Opened]) -> None:
        self.case.marking = self.step.marking
        self.case.data = self._data
        write_step(
            self.case,
            lines=self.lines,
            at=self.at,
            closed=closed,
            opened=opened,
            stopped=self._stopped(closed),
        )

    def _stopped(self, closed: Sequence[WorkItem]) -> list[WorkItem]:
        """Return the ended items with jobs that nobody wants any more."""
        mine = self.job.work_item_id if self.job else None
        return [
            item
            for item in closed
            if not item.is_open and item.pk != mine and self._has_jobs(self._task(item))
        ]

    @staticmethod
    def _has_jobs(task: CompiledTask) -> bool:
        return task.definition.kind is not TaskKind.HUMAN or "remind" in task.times

    def _task(self, item: WorkItem) -> CompiledTask:
        keys = {pk: key for key, pk in store.task_ids(self.case.version_id).items()}
        return self.flow.tasks[keys[item.task_id]]

    def _fail(self, reason: str) -> None:
        """Save the case as failed: nothing open, marking and data as they were before the step."""
        self.case.fail(reason=reason)
        still_open = store.open_work_items(self.case, by=None)
        for item in still_open:
            item.withdraw(at=self.at)
        cause = self.lines[0]
        payload = {**cause.payload, "reason": reason}
        line = replace(cause, kind=EventKind.FAILED, payload=payload)
        write_step(self.case, lines=[line], at=self.at, closed=still_open, stopped=still_open)

    def _refuse_to_strand(self, open_tasks: Collection[str]) -> None:
        """Raise CaseWouldStrand where nothing that people wait for is open.

        An optional task does not count where a decision holds tokens that no branch accepts.
        """
        if any(not self.flow.tasks[key].definition.is_optional for key in open_tasks):
            return
        waiting = self.step.waiting_decisions()
        if waiting or not open_tasks:
            raise self._stranded(waiting)

    def _stranded(self, waiting: Sequence[tuple[CompiledTransition, ...]]) -> CaseWouldStrand:
        branches = "; ".join(
            f"{t.title!r} wants {t.guard.source}" for d in waiting for t in d if t.guard is not None
        )
        told = branches or "no transition is enabled"
        return CaseWouldStrand(
            f"The case could not go on from here: {told}. "
            "An administrator can add a default branch to the flow.",
            marking=self.step.marking.as_dict(),
            branches=[t.key for d in waiting for t in d],
        )


def refuse_bad_data(flow: CompiledFlow, values: Mapping[str, object]) -> None:
    """Raise InvalidData where the flow's schema refuses the data."""
    problems = case_data.check(flow.schema, values)
    if problems:
        raise InvalidData([{"path": p.path, "message": p.message} for p in problems])


def context_for(case: Case, *, at: datetime) -> Context:
    """Return what expressions may ask beside the case's data."""

    def completed_by(task_key: str) -> PersonId | None:
        found = store.completed_by(case, task_key)
        return None if found is None else PersonId(found)

    return Context(
        requester=PersonId(case.requester_id),
        at=at,
        business_key=case.business_key,
        directory=get_directory(),
        completed_by=completed_by,
    )


def step_of(case: Case, flow: CompiledFlow, values: Mapping[str, object], *, at: datetime) -> Step:
    return Step(flow, case.marking, dict(values), context_for(case, at=at))
