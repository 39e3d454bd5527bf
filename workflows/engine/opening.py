"""What a task brings when it opens: a work item, its candidates, and the jobs behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workflows import store
from workflows.compiled import CompiledFlow, CompiledTask
from workflows.definition import TaskKind
from workflows.directory import PersonId
from workflows.errors import EvaluationRefused
from workflows.expressions import Context, Duration, EvaluationError, Expression
from workflows.jobs.inputs import service_inputs
from workflows.jobs.retrying import retry_policy, timeout_seconds
from workflows.models import Candidate, Case, Job, JobKind, WorkItem
from workflows.models.case import NEVER
from workflows.models.job import DEFAULT_QUEUE

from .assignment import candidates_for, counts_for

SMALLEST = timedelta(microseconds=1)
REMINDER = "workflows.remind"
"""The handler that reminds the candidates of an item."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new work item with its candidates and jobs, none of them saved yet."""

    item: WorkItem
    task: CompiledTask
    candidates: list[Candidate] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rung:
    """When a timer was due that has ended, and when one that repeats was due first."""

    due_at: datetime
    first_at: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens the tasks of one step. `rung` are the timers that have ended in this step, by task: one
    that repeats goes on from there."""

    case: Case
    flow: CompiledFlow
    values: Mapping[str, object]
    context: Context
    at: datetime
    rung: Mapping[str, Rung]

    def open(self, task: CompiledTask) -> Opened:
        """Return what opening `task` needs.

        Raises:
            NobodyCanAct: a human task finds nobody.
            EvaluationRefused: one of its expressions cannot be worked out on this data.
        """
        kind = task.definition.kind
        item = self.new_item(task)
        if kind is TaskKind.HUMAN:
            candidates = self.candidates(task)
            person = counts_for(candidates, self.context)
            item.due_at = self._due_at(task, person)
            for candidate in candidates:
                candidate.due_at = item.due_at or NEVER
            return Opened(item, task, candidates, self._reminders(task, item, person))
        if kind is TaskKind.TIMER:
            item.due_at = self._ring_at(task)
            return Opened(item, task, jobs=[self._timer(task, item)])
        item.due_at = self._due_at(task, self.context.requester)
        return Opened(item, task, jobs=[self._service(task, item)])

    def new_item(self, task: CompiledTask) -> WorkItem:
        task_id = store.task_ids(self.case.version_id)[task.key]
        case = self.case
        item = store.new(WorkItem, case_id=case.pk, task_id=task_id, opened_at=self.at)
        item._state.fields_cache["case"] = case
        return item

    def candidates(self, task: CompiledTask) -> list[Candidate]:
        return candidates_for(self.flow, task, self.values, self.context)

    def _timer(self, task: CompiledTask, item: WorkItem) -> Job:
        payload = {}
        if "every" in task.times:
            first_at = self._first_at(task) or item.due_at or self.at
            payload = {"first_at": first_at.isoformat()}
        return self._job(task, item, JobKind.TIMER, item.due_at, payload=payload)

    def _service(self, task: CompiledTask, item: WorkItem) -> Job:
        options = task.definition.options
        return self._job(
            task,
            item,
            JobKind.SERVICE,
            self.at,
            handler=str(options.get("handler", "")),
            topic=str(options.get("topic", "")),
            payload=service_inputs(task, self.values, self.context),
            queue=str(options.get("queue", DEFAULT_QUEUE)),
            max_attempts=retry_policy(options).max_attempts,
            timeout_seconds=timeout_seconds(options),
        )

    def _reminders(self, task: CompiledTask, item: WorkItem, person: PersonId) -> list[Job]:
        every = task.times.get("remind")
        if every is None:
            return []
        first = self._later(task, every, person)
        return [self._job(task, item, JobKind.EFFECT, first, handler=REMINDER)]

    def _job(
        self,
        task: CompiledTask,
        item: WorkItem,
        kind: JobKind,
        due_at: datetime | None,
        **more: Any,
    ) -> Job:
        return Job(
            case=self.case,
            work_item=item,
            kind=kind,
            # A task opens at most once a step, so this names the opening before any row is there.
            key=f"{self.case.pk}:{self.case.step_count + 1}:{task.key}",
            due_at=due_at or self.at,
            created_at=self.at,
            **more,
        )

    def _due_at(self, task: CompiledTask, person: PersonId) -> datetime | None:
        return None if task.due is None else self._later(task, task.due, person)

    def _ring_at(self, task: CompiledTask) -> datetime:
        """Return when a timer rings; one whose moment has passed rings at once."""
        at, after, every = (task.times.get(name) for name in ("at", "after", "every"))
        first_at = self._first_at(task)
        if every is not None and first_at is not None:
            return self._following(task, every, first_at, self.at)
        if at is not None:
            moment = self._evaluate(task, at)
            if not isinstance(moment, datetime):
                raise EvaluationRefused(
                    f"In {self.flow.title!r}, the moment of {task.title!r} is empty.",
                    expression=at.source,
                )
            return moment
        first = after or every
        assert first is not None  # noqa: S101  a timer has one of the three: the flow file's rule
        return self._later(task, first, self.context.requester)

    def _first_at(self, task: CompiledTask) -> datetime | None:
        """Return from when a repeat is counted, None where it has not rung yet.

        That is its first moment, so that a clock put forward shifts one moment and not the rest;
        or its last, where somebody has moved that, or the interval is another by now.
        """
        rung, every = self.rung.get(task.key), task.times.get("every")
        if rung is None or every is None:
            return None
        first_at = datetime.fromisoformat(rung.first_at) if rung.first_at else rung.due_at
        if first_at >= rung.due_at:
            return rung.due_at
        is_of_it = self._following(task, every, first_at, rung.due_at - SMALLEST) == rung.due_at
        return first_at if is_of_it else rung.due_at

    def _following(
        self, task: CompiledTask, every: Expression, first_at: datetime, after: datetime
    ) -> datetime:
        """Return the first moment of a repeat after `after`: what was missed stays missed."""
        try:
            interval = self._length(task, every)
            return self.context.calendar.following(first_at, interval, after)
        except EvaluationError as error:
            raise self._refused(task, every, error) from error

    def _later(self, task: CompiledTask, expression: Expression, person: PersonId) -> datetime:
        """Return the moment that lies the expression's duration later, where the person works."""
        length = self._length(task, expression)
        try:
            return self.context.directory.calendar(person).after(self.at, length)
        except EvaluationError as error:
            raise self._refused(task, expression, error) from error

    def _length(self, task: CompiledTask, expression: Expression) -> Duration:
        length = self._evaluate(task, expression)
        return length if isinstance(length, Duration) else Duration()

    def _evaluate(self, task: CompiledTask, expression: Expression) -> object:
        try:
            return expression.evaluate(self.values, context=self.context)
        except EvaluationError as error:
            raise self._refused(task, expression, error) from error

    def _refused(
        self, task: CompiledTask, expression: Expression, error: EvaluationError
    ) -> EvaluationRefused:
        return EvaluationRefused(
            f"In {self.flow.title!r}, the time of {task.title!r} could not be worked out: {error}",
            expression=expression.source,
        )
