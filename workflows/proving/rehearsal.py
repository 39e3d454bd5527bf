"""Whole cases played with example data, guards obeyed: what fires, and where one gets stuck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflows import data as case_data
from workflows.compiled import CompiledFlow, CompiledTransition, compile_flow
from workflows.definition import FlowDefinition
from workflows.expressions import EvaluationError
from workflows.net import Marking, Net, enabled_transitions, fire
from workflows.proving.analysis import ClusterAnalysis
from workflows.proving.samples import CONTEXT, AsksPeopleError, base_data

_MOST_STATES = 600
_MOST_STARTS = 24


@dataclass(frozen=True, slots=True)
class Stuck:
    """A case that began with `data`, fired `run` and goes on no more from the places `waiting`.

    `is_circling`: it does go on, by itself and for ever, back to where it has been.
    """

    data: Mapping[str, Any]
    run: tuple[str, ...]
    waiting: tuple[str, ...]
    is_circling: bool = False


@dataclass(frozen=True, slots=True)
class Runs:
    fired: frozenset[str]
    stuck: Stuck | None


def rehearse(definition: FlowDefinition, net: Net, analyses: Sequence[ClusterAnalysis]) -> Runs:
    """Play a case with each example of the analyses, and with the plainest data there are."""
    flow = compile_flow(definition, version_id=0)
    gaps = [f.example for found in analyses for f in found.findings if f.example is not None]
    branches = [example for found in analyses for example in found.examples]
    fired: set[str] = set()
    stuck: Stuck | None = None
    starts = [*gaps, *branches, base_data(definition.data)][:_MOST_STARTS]
    played: set[str] = set()
    for start in starts:
        values = _given_at_start(definition, start)
        told = case_data.canonical(values)
        if told in played or case_data.check(definition.data, values):
            continue
        played.add(told)
        play = _Play(flow, net, values)
        play.run()
        fired |= play.fired
        stuck = stuck or play.stuck
    return Runs(frozenset(fired), stuck)


def _given_at_start(definition: FlowDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data without what only the flow itself sets."""
    properties = definition.data.get("properties")
    schemas = properties if isinstance(properties, Mapping) else {}
    own = {name for t in definition.transitions for name in t.assignments}
    own |= {
        name for name, part in schemas.items() if isinstance(part, Mapping) and part.get("readOnly")
    }
    kept = {name: value for name, value in values.items() if name not in own}
    return case_data.read(definition.data, kept)


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


class _Play:
    """All that people can do with one case, forms left as they are."""

    def __init__(self, flow: CompiledFlow, net: Net, values: dict[str, Any]) -> None:
        self.flow, self.net, self.start = flow, net, values
        self.fired: set[str] = set()
        self.stuck: Stuck | None = None

    def run(self) -> None:
        pending = [_State(self.flow.start, self.start, ())]
        seen: set[_Key] = set()
        for state in pending:
            if len(seen) >= _MOST_STATES:
                return
            if state.key in state.by_itself:
                self._note_stuck(state, list(state.marking), is_circling=True)
            if state.key not in seen:
                seen.add(state.key)
                pending += self._following(state)

    def _following(self, state: _State) -> list[_State]:
        enabled = set(enabled_transitions(self.net, state.marking))
        waiting = []
        for decision in self.flow.decisions:
            if decision[0].key not in enabled:
                continue
            try:
                chosen = next((t for t in decision if self._holds(t, state)), None)
            except AsksPeopleError:
                # It could go either way; each is tried, for what fires after it.
                branches = [self._fired(t, state, surely=False) for t in decision]
                return [after for after in branches if after is not None]
            except EvaluationError:
                chosen = None
            if chosen is not None:
                after = self._fired(chosen, state)
                if after is None:
                    return []
                return [replace(after, by_itself=state.by_itself | {state.key})]
            waiting.append(decision)
        found, is_awaited = self._choices(state, enabled)
        if not state.marking[self.flow.end] and not is_awaited:
            places = [p for decision in waiting for p in self.net.inputs(decision[0].key)]
            self._note_stuck(state, places or list(state.marking))
        return found

    def _choices(self, state: _State, enabled: set[str]) -> tuple[list[_State], bool]:
        """Return what can be chosen, and whether a task is open that somebody waits for."""
        found = []
        is_awaited = False
        for task in self.flow.tasks.values():
            can_edit = "edit" in task.definition.form.values()
            for transition in task.outcomes.values():
                if transition.key not in enabled:
                    continue
                surely = True
                try:
                    holds = self._holds(transition, state)
                except AsksPeopleError:
                    holds, surely = True, False
                except EvaluationError:
                    holds = False
                is_awaited |= (holds or can_edit) and not task.definition.is_optional
                after = self._fired(transition, state, surely=surely) if holds else None
                if after is not None:
                    found.append(after)
        return found, is_awaited

    def _note_stuck(
        self, state: _State, places: Sequence[str], *, is_circling: bool = False
    ) -> None:
        if self.stuck is None and _UNSURE not in state.run:
            waiting = tuple(dict.fromkeys(places))
            self.stuck = Stuck(self.start, state.run, waiting, is_circling)

    def _holds(self, transition: CompiledTransition, state: _State) -> bool:
        if transition.guard is None:
            return True
        return transition.guard.evaluate(state.values, context=CONTEXT) is True

    def _fired(
        self, transition: CompiledTransition, state: _State, *, surely: bool = True
    ) -> _State | None:
        try:
            changes = {
                name: expression.evaluate(state.values, context=CONTEXT)
                for name, expression in transition.assignments
            }
            values = case_data.read(self.flow.schema, case_data.write({**state.values, **changes}))
        except (AsksPeopleError, EvaluationError, TypeError):
            return None
        self.fired.add(transition.key)
        run = (*state.run, transition.key) if surely else (*state.run, _UNSURE)
        return _State(fire(self.net, state.marking, transition.key), values, run)


_UNSURE = "?"
"""Stands in a run for a firing that depends on people: what comes after it refutes nothing."""
