"""From the step in memory to the rows: what closes, what opens, whether the case ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from workflows import data as case_data
from workflows import store
from workflows.compiled import CompiledFlow, CompiledTask
from workflows.definition import TaskKind
from workflows.directory import PersonId, get_directory
from workflows.errors import InvalidData
from workflows.expressions import Context
from workflows.history import NewEvent
from workflows.listeners import case_listeners
from workflows.models import Case, EventKind, Job, WorkItem, WorkItemState

from .opening import Opened, Opening, Rung
from .resting import left_behind, refuse_to_strand
from .step import LivelockError, Step
from .writing import write_step


@dataclass
class Advance:
    """A locked case on its way through one step.

    `items` are the case's open items as read behind the lock, `others` those of which only their
    tasks are known; `lines` the history of the step so far; `job` what a worker ends by this step.
    `given` are the fields of the data that the caller has changed; None: whoever knows.
    """

    case: Case
    flow: CompiledFlow
    step: Step
    items: Sequence[WorkItem]
    at: datetime
    lines: list[NewEvent] = field(default_factory=list)
    job: Job | None = None
    others: store.OtherItems = field(default_factory=lambda: store.OtherItems(0))
    given: Mapping[str, Any] | None = None
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
        if self.given == {} and not any(firing.changes for firing in self.step.firings):
            return stored
        data = case_data.write(self.step.values)
        if data == stored:
            return stored
        refuse_bad_data(self.flow, self.step.values)
        return data

    def _end(self) -> None:
        if left := left_behind(self.step):
            self._fail(left)
            return
        self.case.complete(at=self.at)
        self.lines.append(NewEvent(EventKind.COMPLETED))
        self._write(closed=self._closed(stay_open=set()), opened=[])
        for listener in case_listeners():
            listener.case_ended(self.case, self.step.values)

    def _go_on(self) -> None:
        open_tasks, interrupted = self.step.open_tasks, self.step.interrupted
        keys = store.task_keys(self.case.version_id)
        known = {item.pk: item.task_id for item in self.items if item.is_open}
        staying, standing = set(), set()
        for pk, task_id in {**known, **self.others.tasks}.items():
            key = keys[task_id]
            if key in open_tasks and key not in interrupted:
                staying.add(pk)
                standing.add(key)
        to_open = open_tasks - standing
        refuse_to_strand(self.step)
        closed = self._closed(stay_open=staying)
        self._write(closed=closed, opened=self._opened(self.flow.in_order(to_open)))

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

    def _closed(self, *, stay_open: Collection[int]) -> list[WorkItem]:
        """Return the items that this step ends, the others than the completed one as withdrawn."""
        closed = []
        is_any_other = any(pk not in stay_open for pk in self.others.tasks)
        for item in [*self.items, *(self.others.items() if is_any_other else ())]:
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
            # Behind the end of a case its listeners follow.
            is_last=not (self.case.is_closed and case_listeners()),
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
        return self.flow.tasks[store.task_keys(self.case.version_id)[item.task_id]]

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
    own = values.copy() if isinstance(values, case_data.TypedData) else dict(values)
    return Step(flow, case.marking, own, context_for(case, at=at))
