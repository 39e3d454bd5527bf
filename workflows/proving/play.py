"""One case played with example data: all that people can do with it, forms left as they are.

As in the engine, a step is whole: what somebody chooses, and all that fires by itself after it.
Where an expression on the way cannot be worked out, the step is refused and the case stays where it
was. Such a case is not called stuck: that the expression may fail is told by itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import data as case_data
from workflows.compiled import CompiledFlow, CompiledTask, CompiledTransition
from workflows.definition import TaskKind
from workflows.expressions import EvaluationError
from workflows.flowfile.rules import OUTCOMES
from workflows.net import Marking, Net, enabled_transitions, fire
from workflows.proving.samples import CONTEXT, AsksPeopleError

_MOST_STATES = 600
_UNSURE = "?"
"""Stands in a run for a firing that depends on people, or on what a service brings: what comes
after it refutes nothing."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A case that began with `data`, fired `run` and goes on no more from the places `waiting`.

    `is_circling`: it does go on, by itself and for ever, back to where it has been.
    """

    data: Mapping[str, Any]
    run: tuple[str, ...]
    waiting: tuple[str, ...]
    is_circling: bool = False


_Key = tuple[Marking, str]


@dataclass(frozen=True, slots=True)
class _State:
    marking: Marking
    values: Mapping[str, Any]
    run: tuple[str, ...]
    by_itself: frozenset[_Key] = frozenset()
    """Where it has been since somebody last chose."""

    @property
    def key(self) -> _Key:
        return self.marking, case_data.canonical(self.values)

    @property
    def is_sure(self) -> bool:
        return _UNSURE not in self.run


class _Refused(Exception):  # noqa: N818  what the engine answers too, not an error of the proof
    """The step is refused: an expression cannot be worked out on its way."""


class _Enough(Exception):  # noqa: N818  the bounds end the play
    pass


class Play:
    """`fired` and `stuck` are what was seen, as far as the bounds let it look."""

    def __init__(
        self, flow: CompiledFlow, net: Net, values: dict[str, Any], *, deadline: float
    ) -> None:
        self.flow, self.net, self.start, self.deadline = flow, net, values, deadline
        self.fired: set[str] = set()
        self.stuck: Stuck | None = None
        self._left = _MOST_STATES
        self._read = _names_read(flow)

    def run(self) -> None:
        try:
            # Where even the beginning is refused there is no such case.
            pending = self._settled(_State(self.flow.start, self.start, ()))
            seen: set[_Key] = set()
            for state in pending:
                if state.key not in seen:
                    seen.add(state.key)
                    pending += self._following(state)
        except (_Refused, _Enough):
            return

    def _settled(self, state: _State) -> list[_State]:
        """Return where the case comes to rest by itself: several where people are asked, none where
        it goes round for ever.

        Raises:
            _Refused: an expression cannot be worked out on the way.
        """
        rest = []
        fired: set[str] = set()
        pending = [state]
        while pending:
            self._left -= 1
            if self._left < 0 or time.monotonic() > self.deadline:
                raise _Enough
            state = pending.pop()
            fired |= set(state.run)
            if state.key in state.by_itself:
                self._note_stuck(state, list(state.marking), is_circling=True)
                continue
            try:
                after = self._by_itself(state)
            except _Refused:
                if state.is_sure:
                    raise
                continue
            if after is None:
                rest.append(state)
            else:
                pending += after
        self.fired |= fired - {_UNSURE}
        return rest

    def _by_itself(self, state: _State) -> list[_State] | None:
        """Return what comes next without anybody's choice, None where nothing does."""
        enabled = set(enabled_transitions(self.net, state.marking))
        been = state.by_itself | {state.key}
        for decision in self.flow.decisions:
            if decision[0].key not in enabled:
                continue
            try:
                chosen = next((t for t in decision if self._holds(t, state)), None)
            except AsksPeopleError:
                # It could go either way; each is tried, for what fires after it.
                return [self._fired(t, state, been, surely=False) for t in decision]
            except EvaluationError:
                raise _Refused from None
            if chosen is not None:
                return [self._fired(chosen, state, been)]
        return None

    def _following(self, state: _State) -> list[_State]:
        """Return where each choice leads, from where the case is at rest."""
        enabled = set(enabled_transitions(self.net, state.marking))
        found: list[_State] = []
        is_awaited = False
        for task in self.flow.tasks.values():
            if any(t.key in enabled for t in task.outcomes.values()):
                ends = {
                    outcome: self._after(task, transition, state)
                    for outcome, transition in task.outcomes.items()
                    if transition.key in enabled
                }
                found += [after for end in ends.values() for after in end or ()]
                is_awaited |= _can_end(task, ends) and not task.definition.is_optional
        if not state.marking[self.flow.end] and not is_awaited:
            waiting = [d[0].key for d in self.flow.decisions if d[0].key in enabled]
            places = [place for key in waiting for place in self.net.inputs(key)]
            self._note_stuck(state, places or list(state.marking))
        return found

    def _after(
        self, task: CompiledTask, transition: CompiledTransition, state: _State
    ) -> list[_State] | None:
        """Return where the case comes to rest after an outcome; None where its guard says no, and
        nowhere where the step is refused."""
        # A service may bring other data than those at hand before its outcome is looked at.
        surely = not _brought(task, self._read)
        try:
            holds = self._holds(transition, state)
        except AsksPeopleError:
            holds, surely = True, False
        except EvaluationError:
            return []
        if not holds and surely:
            return None
        try:
            return self._settled(self._fired(transition, state, surely=surely))
        except _Refused:
            return []

    def _note_stuck(
        self, state: _State, places: Sequence[str], *, is_circling: bool = False
    ) -> None:
        if self.stuck is None and state.is_sure:
            waiting = tuple(dict.fromkeys(places))
            self.stuck = Stuck(self.start, state.run, waiting, is_circling)

    def _holds(self, transition: CompiledTransition, state: _State) -> bool:
        if transition.guard is None:
            return True
        return transition.guard.evaluate(state.values, context=CONTEXT) is True

    def _fired(
        self,
        transition: CompiledTransition,
        state: _State,
        by_itself: frozenset[_Key] = frozenset(),
        *,
        surely: bool = True,
    ) -> _State:
        changes: dict[str, Any] = {}
        for name, expression in transition.assignments:
            try:
                changes[name] = expression.evaluate(state.values, context=CONTEXT)
            except AsksPeopleError:
                surely = False
            except EvaluationError:
                raise _Refused from None
        try:
            values = case_data.read(self.flow.schema, case_data.write({**state.values, **changes}))
        except TypeError:
            raise _Refused from None
        run = (*state.run, transition.key) if surely else (*state.run, _UNSURE, transition.key)
        return _State(fire(self.net, state.marking, transition.key), values, run, by_itself)


def _can_end(task: CompiledTask, ends: Mapping[str, list[_State] | None]) -> bool:
    """Say whether the task can be ended: by people as they like, by a machine with its result."""
    definition = task.definition
    if definition.kind is TaskKind.HUMAN:
        can_edit = "edit" in definition.form.values()
        return can_edit or any(end is not None for end in ends.values())
    return ends.get(OUTCOMES[definition.kind][0], ()) is not None


def _brought(task: CompiledTask, read: frozenset[str]) -> bool:
    """Say whether a service may bring a field that some guard or `set:` of the flow reads."""
    if task.definition.kind in (TaskKind.HUMAN, TaskKind.TIMER):
        return False
    outputs = task.definition.options.get("outputs")
    # Without `outputs` it may bring any field of the data.
    return bool(read & set(outputs)) if isinstance(outputs, Mapping) else bool(read)


def _names_read(flow: CompiledFlow) -> frozenset[str]:
    groups = [*flow.decisions, *(tuple(task.outcomes.values()) for task in flow.tasks.values())]
    guards = [t.guard for group in groups for t in group if t.guard is not None]
    values = [value for group in groups for t in group for _, value in t.assignments]
    names = {name for expression in (*guards, *values) for name in expression.names}
    return frozenset(names & set(_fields(flow)))


def _fields(flow: CompiledFlow) -> Mapping[str, object]:
    properties = flow.schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}
