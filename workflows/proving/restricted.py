"""Soundness with guards: the second verdict, beside the classical one that lets guards fall freely.

Proved is what holds whatever the data are at every moment, so no matter what forms and `set:` make
of them on the way. Refuted is what a run shows that begins with data of its own. What is neither is
undecided.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workflows import data as case_data
from workflows.compiled import decisions_of
from workflows.definition import FlowDefinition
from workflows.net import Marking, Net, enabled_transitions, fire
from workflows.net.structure import sink, source
from workflows.proving.analysis import ClusterAnalysis
from workflows.proving.findings import FindingKind
from workflows.proving.play import Stuck
from workflows.proving.rehearsal import rehearse

Answer = Literal["proved", "refuted", "undecided"]
MAX_MARKINGS = 5_000
_MOST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class GuardProblem:
    """`kind`: `stuck`, `circling`, `never_taken`, `may_stop` or `not_shown`. `firing_sequence` is a
    run with the data of `example`, `places` where it ends; all three are empty where the problem
    needs no run."""

    kind: str
    message: str
    transitions: tuple[str, ...] = ()
    firing_sequence: tuple[str, ...] = ()
    example: Mapping[str, Any] | None = None
    places: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "message": self.message,
            "places": list(self.places),
            "transitions": list(self.transitions),
            "firing_sequence": list(self.firing_sequence),
            "example": None if self.example is None else case_data.write(self.example),
        }


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    verdict: Answer
    problems: tuple[GuardProblem, ...]

    def as_dict(self) -> dict[str, object]:
        return {"verdict": self.verdict, "problems": [p.as_dict() for p in self.problems]}


def soundness_with_guards(
    definition: FlowDefinition,
    analyses: Sequence[ClusterAnalysis],
    *,
    deadline: float = math.inf,
) -> GuardVerdict:
    """Return whether every case ends cleanly when guards are obeyed, and no branch is dead.

    What is not known by the `deadline`, of the monotonic clock, is undecided.

    Raises:
        workflows.net.errors.NetError: the net is no workflow net.
    """
    net = definition.net()
    dead = frozenset(key for found in analyses for key in found.never_taken)
    defaults = {t.key for t in definition.transitions if t.is_default}
    refuted = [
        GuardProblem("never_taken", finding.message, finding.transitions[:1])
        for found in analyses
        for finding in found.findings
        if finding.kind is FindingKind.NEVER_TAKEN and finding.is_warning
    ]
    runs = rehearse(definition, net, analyses, deadline=deadline)
    if runs.stuck is not None:
        refuted.insert(0, _stuck(net, runs.stuck))
    choices = _Choices(definition, analyses)
    space = _explored(net, dead, choices, min(deadline, time.monotonic() + _MOST_SECONDS))
    undecided = _doubts(net, analyses, choices, space)
    shown = runs.fired | (dead & defaults)
    missing = [t.key for t in net.transitions if t.key not in shown and t.key not in dead]
    if missing:
        names = ", ".join(repr(net.title(key)) for key in missing)
        message = f"No data were found with which {names} is reached."
        undecided.append(GuardProblem("not_shown", message, tuple(missing)))
    if refuted:
        return GuardVerdict("refuted", (*refuted, *undecided))
    return GuardVerdict("undecided" if undecided else "proved", tuple(undecided))


def _stuck(net: Net, stuck: Stuck) -> GuardProblem:
    steps = " → ".join(f"“{net.title(key)}”" for key in stuck.run)
    after = f"After {steps}, " if stuck.run else "At the very beginning "
    places = ", ".join(repr(net.title(place)) for place in stuck.waiting)
    message = f"A case can get stuck with these data. {after}no guard lets it go on from {places}."
    if stuck.is_circling:
        message = f"A case can go round for ever with these data. {after}it is back in {places}."
    kind = "circling" if stuck.is_circling else "stuck"
    return GuardProblem(kind, message, (), stuck.run, stuck.data, stuck.waiting)


@dataclass(frozen=True, slots=True)
class _Space:
    """The markings that can be reached, and what each firing leads to."""

    markings: Sequence[Marking]
    edges: Sequence[Mapping[str, int]]
    is_complete: bool


def _explored(net: Net, dead: frozenset[str], choices: _Choices, deadline: float) -> _Space:
    markings = [Marking({source(net): 1})]
    index = {markings[0]: 0}
    edges: list[dict[str, int]] = []
    while len(edges) < len(markings):
        if len(markings) > MAX_MARKINGS or time.monotonic() > deadline:
            return _Space(markings, edges, is_complete=False)
        marking = markings[len(edges)]
        following = {}
        live = [key for key in enabled_transitions(net, marking) if key not in dead]
        for key in choices.next_of(live):
            after = fire(net, marking, key)
            if after not in index:
                index[after] = len(markings)
                markings.append(after)
            following[key] = index[after]
        edges.append(following)
    return _Space(markings, edges, is_complete=True)


def _doubts(
    net: Net, analyses: Sequence[ClusterAnalysis], choices: _Choices, space: _Space
) -> list[GuardProblem]:
    """Return why it is not proved that every case ends cleanly; nothing if it is."""
    if not space.is_complete:
        message = f"The flow has more than {len(space.edges):,} markings, too many to look at."
        return [GuardProblem("may_stop", message)]
    end = sink(net)
    ends = {n for n, marking in enumerate(space.markings) if marking[end]}
    improper = [n for n in ends if space.markings[n].as_dict() != {end: 1}]
    if improper:
        return [GuardProblem("may_stop", "The net itself can end with tokens left behind.")]
    sure = _sure_to_end(choices, space, ends)
    doubtful = [n for n in range(len(space.markings)) if n not in sure]
    if not doubtful:
        return []
    stops = [found for found in analyses if not found.always_goes_on]
    near = {place for found in stops for place in found.cluster.transitions[0].inputs}
    names = ", ".join(sorted(repr(net.title(place)) for place in near))
    message = f"Whether a case always gets on from {names} depends on the data it has there."
    if not near:
        message = "It may depend on the data whether a case ever leaves a circle of decisions."
    return [GuardProblem("may_stop", message, tuple(k for f in stops for k in f.cluster.keys))]


def _sure_to_end(choices: _Choices, space: _Space, ends: set[int]) -> set[int]:
    """Return the markings from which the end can be reached whatever the data decide.

    The data are taken for an opponent who lets each guard fall as they please; people and machines,
    who choose where there is no guard, for friends. Every round brings in those from which one
    choice, or every branch of the decision that is due, leads to those already in: so there is no
    going in circles.
    """
    sure = set(ends)
    grows = True
    while grows:
        grows = False
        for n, following in enumerate(space.edges):
            if n not in sure and choices.lead_on(following, sure):
                sure.add(n)
                grows = True
    return sure


class _Choices:
    """Who decides about each transition: data, or people and machines."""

    def __init__(self, definition: FlowDefinition, analyses: Sequence[ClusterAnalysis]) -> None:
        by_keys = {found.cluster.keys: found for found in analyses}
        self._decisions = []
        for group in decisions_of(definition):
            keys = tuple(t.key for t in group)
            found = by_keys.get(keys)
            self._decisions.append((keys, found is None or found.always_goes_on))
        # A machine that may bring a result that leads nowhere has no free choice of the others.
        astray = {
            found.cluster.task.key
            for found in analyses
            if found.cluster.task and found.cluster.is_of_machine and not found.always_goes_on
        }
        self._free = {
            t.key for t in definition.transitions if t.task and not t.guard and t.task not in astray
        }
        self._guarded = [f for f in analyses if f.cluster.task is not None and f.always_goes_on]

    def next_of(self, live: Sequence[str]) -> Sequence[str]:
        """Return which of the enabled transitions may fire next.

        Nobody is asked before the automatic transitions have come to rest, the first first. What is
        left out fires later all the same, or is disabled by what fires before it.
        """
        found: list[str] = []
        for keys, goes_on in self._decisions:
            due = [key for key in keys if key in live]
            found += due
            if due and goes_on:
                return found
        return live

    def lead_on(self, following: Mapping[str, int], sure: set[int]) -> bool:
        """Say whether the case gets into `sure` by its next step, if friends want it to."""
        due = []
        for keys, goes_on in self._decisions:
            live = [key for key in keys if key in following]
            if live and not goes_on:
                return False
            if live:
                due.append(live)
        if due:
            # Nobody is asked before the automatic transitions have come to rest, the first first.
            return all(following[key] in sure for key in due[0])
        if any(to in sure for key, to in following.items() if key in self._free):
            return True
        return any(self._all_lead(found, following, sure) for found in self._guarded)

    @staticmethod
    def _all_lead(found: ClusterAnalysis, following: Mapping[str, int], sure: set[int]) -> bool:
        branches = [key for key in found.cluster.keys if key not in found.never_taken]
        return bool(branches) and all(following.get(key) in sure for key in branches)
