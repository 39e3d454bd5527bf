"""Soundness by way of the residue: a net that is too large to look at whole is first made small."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .faults import faults
from .marking import Marking
from .net import Net
from .reachability import Bounds, StateSpace, explore
from .reduction import Residue, reduce
from .structure import source, within_reach

Run = tuple[str, ...]

_STATES_BEFORE_PARTIAL_ORDER = 2_000


@dataclass(frozen=True, slots=True)
class Decision:
    """`is_sound` is None where the markings of the residue, too, are too many.

    Where it is False, `run` leads, on the net itself, to a marking from which there is no proper
    end; with `cycle`, what the run ends in can be repeated and piles up tokens. Without a run, some
    transition of `never`, which would be a run, never fires; those that are known are in `dead`.
    """

    is_sound: bool | None
    states: int
    method: str
    run: Run = ()
    cycle: Run = ()
    never: Run = ()
    dead: Run = ()

    @property
    def is_unsound(self) -> bool:
        return self.is_sound is False


def decide(net: Net, bounds: Bounds) -> Decision:
    """Decide the soundness of a workflow net.

    First by a siphon that begins empty: what no run can mark, no run can mark later either, so what
    needs it is dead, whatever else there is.
    """
    _, fireable = within_reach(net, [source(net)])
    if len(fireable) < len(net.transitions):
        dead = tuple(t.key for t in net.transitions if t.key not in fireable)
        return Decision(is_sound=False, states=0, method="siphon", never=dead[:1], dead=dead)
    residue = reduce(net, bounds.deadline)
    if residue is None:
        return Decision(is_sound=None, states=0, method="reduction")
    if residue.is_atom:
        return Decision(is_sound=True, states=1, method="reduction")
    return _by_markings(residue, bounds)


def _by_markings(residue: Residue, bounds: Bounds) -> Decision:
    small, end = residue.small_net(), f"p{residue.sink}"
    initial = Marking({f"p{residue.source}": 1})
    first = replace(bounds, max_states=min(bounds.max_states, _STATES_BEFORE_PARTIAL_ORDER))
    space, method = explore(small, initial, first, end=end), "reduction+state space"
    if not space.is_complete and space.fault is None and bounds.max_states > first.max_states:
        space = explore(small, initial, bounds, end=end, is_partial=space.is_monotone)
        if space.is_monotone:
            method = "reduction+partial order"
    return _judged(residue, space, end, method)


def _judged(residue: Residue, space: StateSpace, end: str, method: str) -> Decision:
    states = len(space.states)
    if space.fault is not None:
        run = residue.expanded(space.trace(space.fault))
        growth = space.growth if space.is_monotone else None
        cycle = residue.expanded(growth.cycle) if growth else ()
        return Decision(False, states, method, run, cycle)
    if not space.is_complete:
        return Decision(None, states, method)
    fault = faults(space, end).nearest
    if fault is not None:
        return Decision(False, states, method, residue.expanded(space.trace(fault)))
    if space.never_fired:
        # What the partial order left out may still fire.
        if "partial" in method:
            return Decision(None, states, method)
        never = min((residue.expanded([t]) for t in space.never_fired), key=len)
        return Decision(False, states, method, never=never, dead=_dead(residue, space))
    return Decision(True, states, method)


def _dead(residue: Residue, space: StateSpace) -> Run:
    """Return the transitions of which only what never fires in the residue is made.

    May be none: what a rule has left out may be alive. And what only waited for the last of a run
    may fire without it, where a reset then takes its token away.
    """
    never = space.never_fired
    others = [t.key for t in space.net.transitions if t.key not in set(never)]
    maybe_alive = {*residue.expanded(others), *residue.steps(residue.spare)}
    runs = [residue.expanded([t]) for t in never]
    dead = {t for run in runs for t in (run[-1:] if residue.regions else run)} - maybe_alive
    return tuple(t.key for t in residue.net.transitions if t.key in dead)
