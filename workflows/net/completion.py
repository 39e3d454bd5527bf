"""Can a case still end properly from where it stands, whatever happens? Asked of any marking.

Of a sound net every reachable marking can. An operator who moves tokens by hand may make one that
no run leads to; then the net has to be asked again, from there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from . import problems
from .enabling import enabled_transitions
from .faults import faults
from .marking import Marking
from .net import Net
from .problems import Problem
from .reachability import Bounds, StateSpace, explore
from .structure import name, names, sink

Answer = Literal["yes", "no", "undecided"]


@dataclass(frozen=True, slots=True)
class Completion:
    """`answer` is "yes" where every run can still end, and ends with one token in the sink alone.

    Where it is "no", `run` can be fired from the marking that was asked about and leads to
    `marking`, from which there is no proper end, or at which tokens pile up; `message` tells it in
    words, and `can_end` whether another run ends properly (None: none was found within the bounds).
    Where it is "yes", `run` is a shortest one to the end.
    """

    answer: Answer
    can_end: bool | None
    run: tuple[str, ...]
    marking: Marking
    message: str
    states: int

    def as_dict(self) -> dict[str, object]:
        return {
            "answer": self.answer,
            "can_end": self.can_end,
            "run": list(self.run),
            "marking": self.marking.as_dict(),
            "message": self.message,
            "states": self.states,
        }


def completion(
    net: Net, marking: Marking, *, max_states: int = 20_000, seconds: float = 1.0
) -> Completion:
    """Say whether a case with this marking can end properly, whatever happens from there.

    At most `max_states` markings and about `seconds` are spent; where they do not suffice and no
    fault was met, the answer is "undecided". Guards are not known here: every branch of a decision
    counts as possible.

    Raises:
        NetError: the net has no place, or several, where a case ends.
    """
    end = sink(net)
    bounds = Bounds(max_states=max(1, max_states), deadline=time.monotonic() + seconds)
    space = explore(net, marking, bounds)
    final = space.find(Marking({end: 1}))
    can_end = True if final is not None else False if space.is_complete else None
    fault = _fault(space, end)
    if fault is not None:
        run, reached, message = fault.firing_sequence, fault.marking, fault.message
        return Completion("no", can_end, run, reached, message, len(space.states))
    if space.is_complete and final is not None:
        run = space.trace(final)
        told = f"Whatever happens, it can reach the end {name(net, end)} with nothing left over."
        return Completion("yes", True, run, Marking({end: 1}), told, len(space.states))
    told = (
        f"Not decided: {len(space.states):,} markings were looked at without a fault, and there "
        "are more."
    )
    return Completion("undecided", can_end, (), marking, told, len(space.states))


def _fault(space: StateSpace, end: str) -> Problem | None:
    """Return the nearest marking from which there is no proper end, if one was found."""
    nearest = faults(space, end).nearest
    if nearest is not None:
        return _problem(space, nearest, end)
    if space.growth is not None and space.is_monotone:
        # What piles up never vanishes again without reset arcs, so it is left over in the end.
        return problems.unbounded(space, space.growth)
    return None


def _problem(space: StateSpace, state: int, end: str) -> Problem:
    net, run, marking = space.net, space.trace(state), space.marking(state)
    if not run:
        return Problem("deadlock", _at_once(net, marking, end), run, marking)
    if marking[end]:
        return problems.improper_completion(net, run, marking, end)
    if not enabled_transitions(net, marking):
        return problems.deadlock(net, run, marking)
    return problems.lost(net, run, marking, end)


def _at_once(net: Net, marking: Marking, end: str) -> str:
    """Tell what is wrong with the marking that was asked about itself."""
    held = names(net, marking.without([end])) if marking.without([end]) else ""
    if marking[end]:
        left = f"tokens are left in {held}" if held else f"it holds {marking[end]} tokens"
        return f"The end {name(net, end)} is reached at once, but {left}."
    if not marking:
        return "No token is left: nothing can happen any more."
    possible = enabled_transitions(net, marking)
    if possible:
        return (
            f"Tokens are in {held}: {names(net, possible)} can fire, "
            f"but the end {name(net, end)} is out of reach."
        )
    return f"Tokens are in {held}, and nothing can fire from there."
