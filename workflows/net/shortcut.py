"""Soundness by way of the residue: a net too large to look at whole is first made small."""

from __future__ import annotations

from dataclasses import dataclass

from . import problems
from .enabling import enabled_transitions
from .errors import TransitionNotEnabled
from .firing import fire_sequence
from .marking import Marking
from .net import Net
from .problems import Problem
from .reachability import Bounds, StateSpace, explore
from .reduction import Residue, reduce
from .structure import sink, source


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What the residue says. `is_sound` is None where its markings, too, are too many.

    If it is False, `problem` shows why, though not by a shortest run.
    """

    is_sound: bool | None
    states: int
    method: str
    problem: Problem | None = None


def shortcut(net: Net, bounds: Bounds) -> Shortcut:
    """Decide soundness of a workflow net for which `reduction.is_reducible` holds."""
    residue = reduce(net, bounds.deadline)
    if residue is None:
        return Shortcut(is_sound=None, states=0, method="reduction")
    if residue.is_atom:
        return Shortcut(is_sound=True, states=1, method="reduction")
    small = residue.net()
    space = explore(small, Marking({residue.source: 1}), bounds)
    method, states = "reduction+state space", len(space.states)
    if space.growth is None and not space.is_complete:
        return Shortcut(None, states, method)
    if space.growth is None and not space.never_fired and all(space.leading_to([0])):
        return Shortcut(True, states, method)
    problem = _problem(net, residue, space)
    # Without a run that can be checked on the net itself, nothing is claimed.
    return Shortcut(False if problem else None, states, method, problem)


def _problem(net: Net, residue: Residue, space: StateSpace) -> Problem | None:
    """Return the fault that makes the residue not live or not bounded, shown on the net itself."""
    again = [s for s in space.marking_place(residue.source) if s != 0]
    if again:
        return _shown(net, residue, space, again[0])
    if space.growth is not None:
        return _shown(net, residue, space, space.growth.last)
    if space.dead:
        return _shown(net, residue, space, space.dead[0])
    lost = space.leading_to([0]).find(0)
    if lost >= 0:
        return _shown(net, residue, space, lost)
    runs = [residue.expanded([transition]) for transition in space.never_fired]
    return problems.one_is_dead(net, min(runs, key=len))


def _shown(net: Net, residue: Residue, space: StateSpace, state: int) -> Problem | None:
    run = residue.expanded(space.trace(state))
    end = sink(net)
    final = Marking({end: 1})
    try:
        marking = fire_sequence(net, Marking({source(net): 1}), run)
    except TransitionNotEnabled:
        return None
    if marking[end] and marking != final:
        return problems.improper_completion(net, run, marking, end)
    if marking != final and not enabled_transitions(net, marking):
        return problems.deadlock(net, run, marking)
    if space.growth is not None and state == space.growth.last:
        growth = space.growth
        before = residue.expanded(space.trace(growth.first))
        earlier = fire_sequence(net, Marking({source(net): 1}), before)
        more = [p for p in marking if marking[p] > earlier[p]]
        if run[: len(before)] == before and marking.covers(earlier) and more:
            return problems.growth(net, before, run[len(before) :], marking, more)
        return None
    return problems.lost(net, run, marking, end) if marking != final else None
