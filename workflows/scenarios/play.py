"""A case in memory: the engine's own steps, and no row, job or mail from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows import data as case_data
from workflows.compiled import CompiledFlow, CompiledTask
from workflows.definition import TaskKind
from workflows.directory import PersonId
from workflows.engine.advance import refuse_bad_data
from workflows.engine.assignment import people_for, rows_of
from workflows.engine.complete import with_given
from workflows.engine.opening import Opening
from workflows.engine.outcome import enabled_outcome, possible_transitions
from workflows.engine.resting import left_behind, refuse_to_strand
from workflows.engine.start import refuse_bad_start
from workflows.engine.step import LivelockError, Step
from workflows.errors import CaseFailed, NobodyCanAct, NotAllowed, OutcomeNotEnabled
from workflows.expressions import Candidates, Context
from workflows.models import Candidate, Case, WorkItem
from workflows.net import Marking

from .people import Cast


@dataclass
class Play:
    """A case between two steps. A step that is refused leaves it as it was.

    `data` is as the case would store it. `offered` are the open tasks, with who may do those that
    are for people. `fired` are the transitions of the last step, `path` all so far, in order.
    """

    flow: CompiledFlow
    cast: Cast
    at: datetime
    marking: Marking = field(init=False)
    data: dict[str, Any] = field(default_factory=dict)
    offered: dict[str, Candidates | None] = field(default_factory=dict)
    fired: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    is_ended: bool = False
    _completed: dict[str, PersonId] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.marking = self.flow.start

    def start(self, data: Mapping[str, Any]) -> None:
        """Start the case; raises what `engine.start` would for the flow's sake."""
        given = case_data.to_json(data)
        refuse_bad_start(self.flow, given)
        step = self._step(given)
        self._rest(step, stored=given, ended="")

    def end(
        self, task_key: str, outcome: str, *, data: Mapping[str, Any], by: PersonId | None = None
    ) -> None:
        """End an open task; raises what the engine would for the flow's sake.

        Without `by` one of those who may does it.
        """
        task = self.flow.tasks[task_key]
        if task_key not in self.offered:
            raise self._not_offered(task)
        given = case_data.to_json(data)
        is_human = task.definition.kind is TaskKind.HUMAN
        person = self._person(task, by) if is_human else None
        values = with_given(self.data, task, given) if is_human else {**self.data, **given}
        step = self._step(values)
        transition = enabled_outcome(step, task, outcome)
        if given:
            refuse_bad_data(self.flow, step.values)
        if is_human:
            step.complete(task_key, by=person)
        step.fire(transition)
        self._rest(step, stored=self.data, ended=task_key)
        if person is not None:
            self._completed[task_key] = person

    def possible(self, task_key: str) -> list[str]:
        """Return the outcomes of an open task that the net and the guards allow now."""
        return list(possible_transitions(self._step(self.data), self.flow.tasks[task_key]))

    def _step(self, data: Mapping[str, Any]) -> Step:
        context = Context(
            requester=self.cast.requester,
            at=self.at,
            business_key="",
            directory=self.cast.directory,
            completed_by=dict(self._completed).get,
        )
        return Step(self.flow, self.marking, case_data.read(self.flow.schema, data), context)

    def _rest(self, step: Step, *, stored: Mapping[str, Any], ended: str) -> None:
        """Run on as `Advance` does; keep what came of it, if nothing speaks against it."""
        try:
            step.run_to_quiescence()
        except LivelockError as livelock:
            raise CaseFailed(str(livelock)) from livelock
        data = case_data.write(step.values)
        if data != stored:
            refuse_bad_data(self.flow, step.values)
        offered: dict[str, Candidates | None] = {}
        if step.is_ended:
            if left := left_behind(step):
                raise CaseFailed(left)
        else:
            refuse_to_strand(step)
            stays = self.offered.keys() - step.interrupted - {ended}
            opening = _Opening(Case(), self.flow, step.values, step.context, self.at, {})
            offered = {
                key: self.offered[key] if key in stays else opening.offered_to(task)
                for key, task in self.flow.tasks.items()
                if key in step.open_tasks
            }
        self.marking, self.data, self.offered = step.marking, data, offered
        self.fired = tuple(firing.transition for firing in step.firings)
        self.path += self.fired
        self.is_ended = step.is_ended

    def _person(self, task: CompiledTask, by: PersonId | None) -> PersonId | None:
        offered = self.offered[task.key] or Candidates()
        asked = offered.present(self.cast.directory)
        if by is None:
            return min(asked, default=None)
        is_own = by == self.cast.requester and not task.admits_requester
        if is_own or self.cast.is_company and by not in asked:
            raise NotAllowed(f"{task.title!r} is not for them to do.")
        return by

    def _not_offered(self, task: CompiledTask) -> OutcomeNotEnabled:
        told = ", ".join(repr(self.flow.tasks[key].title) for key in self.offered)
        where = "The case has ended" if self.is_ended else f"On offer are: {told}"
        return OutcomeNotEnabled(f"{task.title!r} is not on offer here. {where}.")


class _Opening(Opening):
    """Opens tasks without rows: what is worked out at an opening is worked out, and then left."""

    def offered_to(self, task: CompiledTask) -> Candidates | None:
        """Return who may do a task of people; raises as `open`."""
        self.open(task)
        if task.definition.kind is not TaskKind.HUMAN:
            return None
        return people_for(self.flow, task, self.values, self.context)

    def new_item(self, task: CompiledTask) -> WorkItem:
        return WorkItem(opened_at=self.at)

    def candidates(self, task: CompiledTask) -> list[Candidate]:
        found = people_for(self.flow, task, self.values, self.context)
        if found is None:
            raise NobodyCanAct(
                f"{task.title!r} would open for nobody: {task.definition.assign} finds no active "
                "person. Name somebody under 'otherwise' in the flow, or set the manager."
            )
        return rows_of(found)
