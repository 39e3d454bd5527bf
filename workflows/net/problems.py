"""What is wrong with a net, in words, each with a run that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from .enabling import blockers, enabled_transitions
from .growth import Growth
from .marking import Marking
from .net import ArcKind, Net
from .reachability import StateSpace
from .structure import name, names

Kind = Literal[
    "not_workflow_net",
    "deadlock",
    "livelock",
    "improper_completion",
    "unbounded",
    "dead_transition",
]

Run = tuple[str, ...]

_STEPS_TOLD = 6
_STATES_LOOKED_AT = 1_000
_MOST_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `firing_sequence` can be fired from the initial marking and leads to `marking`."""

    kind: Kind
    message: str
    firing_sequence: Run
    marking: Marking

    def as_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "message": self.message,
            "firing_sequence": list(self.firing_sequence),
            "marking": self.marking.as_dict(),
        }


def not_workflow_net(reasons: Iterable[str], initial: Marking) -> list[Problem]:
    return [Problem("not_workflow_net", reason, (), initial) for reason in reasons]


def deadlocks(space: StateSpace, states: Iterable[int]) -> list[Problem]:
    """Return a problem for each marking that is stuck, the nearest and smallest."""
    return [
        deadlock(space.net, space.trace(state), space.marking(state))
        for state in _different(space, states)
    ]


def deadlock(net: Net, run: Run, marking: Marking) -> Problem:
    message = f"A case can get stuck. {_after(net, run)}{_holds(net, marking)}."
    return Problem("deadlock", message + _waiting(net, marking), run, marking)


def livelock(space: StateSpace, state: int, end: str) -> Problem:
    """Return the problem of a marking from which the net runs for ever and never ends."""
    net = space.net
    nearby = islice(space.following(state), _STATES_LOOKED_AT)
    going_on = {transition for near in nearby for transition in space.enabled(near)}
    circle = [transition.key for transition in net.transitions if transition.key in going_on]
    return _livelock(net, space.trace(state), space.marking(state), circle, end)


def lost(net: Net, run: Run, marking: Marking, end: str) -> Problem:
    """Return the problem of a marking from which the end is known to be out of reach."""
    return _livelock(net, run, marking, enabled_transitions(net, marking), end)


def _livelock(net: Net, run: Run, marking: Marking, circle: Iterable[str], end: str) -> Problem:
    message = (
        f"A case can go round for ever. {_after(net, run)}{_holds(net, marking)}: "
        f"{names(net, circle)} can still fire, but the end {name(net, end)} is out of reach."
    )
    return Problem("livelock", message, run, marking)


def improper_completions(space: StateSpace, states: Iterable[int], end: str) -> list[Problem]:
    """Return a problem for each different rest that can be left behind when a case ends."""
    return [
        improper_completion(space.net, space.trace(state), space.marking(state), end)
        for state in _different(space, states)
    ]


def improper_completion(net: Net, run: Run, marking: Marking, end: str) -> Problem:
    rest = marking.without([end])
    left = [f"{_tokens(count)} in {name(net, p)}" for p, count in rest.as_dict().items()]
    if marking[end] > 1:
        left.insert(0, f"{marking[end]} tokens in the end instead of one")
    message = (
        f"A case can end while work is left. {_after(net, run)}"
        f"the end {name(net, end)} is reached, with {_and(left)}."
    )
    return Problem("improper_completion", message, run, marking)


def unbounded(space: StateSpace, found: Growth) -> Problem:
    """Return the problem of a round that can be repeated for ever."""
    before, marking = space.trace(found.first), space.marking(found.last)
    return growth(space.net, before, found.cycle, marking, found.places)


def growth(net: Net, before: Run, cycle: Run, marking: Marking, places: Iterable[str]) -> Problem:
    """Return the problem that firing `cycle` again and again, after `before`, fills `places`."""
    every = f"After {_steps(net, before)}, every" if before else "Every"
    message = (
        f"Tokens can pile up without end. {every} round of {_steps(net, cycle)} "
        f"leaves more in {names(net, places)}."
    )
    return Problem("unbounded", message, before + cycle, marking)


def one_is_dead(net: Net, run: Run, initial: Marking) -> Problem:
    """Return the problem that some transition of `run` never fires, it is not known which."""
    message = f"No case can ever go {_steps(net, run)}: at least one transition can never fire."
    return Problem("dead_transition", message, (), initial)


def dead_transitions(
    net: Net, dead: Iterable[str], initial: Marking, most: Mapping[str, int]
) -> list[Problem]:
    """Return a problem for each transition that never fires.

    `most` tells of each place around them how many tokens it holds at most, over all markings.
    """
    return [
        Problem(
            "dead_transition",
            f"{name(net, key)} can never fire: {_why_dead(net, key, most)}.",
            (),
            initial,
        )
        for key in dead
    ]


def _why_dead(net: Net, transition: str, most: Mapping[str, int]) -> str:
    missing = [
        f"{name(net, place)} never holds {'a token' if weight == 1 else f'{weight} tokens'}"
        for place, weight in net.needs(transition).items()
        if most.get(place, 0) < weight
    ]
    if missing:
        return _and(missing)
    needed, hindering = net.needs(transition), net.inhibitors(transition)
    if hindering:
        when = f"whenever {names(net, needed)} would let it" if needed else "always"
        return f"{when}, tokens in {names(net, hindering)} hold it back"
    together = _and(name(net, place) for place in needed)
    return f"{together} never hold what it needs at the same time"


def _waiting(net: Net, marking: Marking) -> str:
    """Tell what the transitions next to the tokens still wait for."""
    near = {key for place in marking for key in net.observers(place) if net.has_place(place)}
    told = []
    for transition in net.transitions:
        if transition.key not in near:
            continue
        reasons = []
        for blocker in blockers(net, marking, transition.key):
            if blocker.kind is ArcKind.INHIBITOR:
                reasons.append(f"{name(net, blocker.place)} to be left")
            else:
                more = "a token" if blocker.short_by == 1 else f"{blocker.short_by} tokens"
                reasons.append(f"{more} in {name(net, blocker.place)}")
        told.append(f"{name(net, transition.key)} waits for {_and(reasons)}")
    if not told:
        return " Nothing leads on from there."
    shown = "; ".join(told[:_MOST_OF_A_KIND])
    return f" {shown[0].upper()}{shown[1:]}."


def _different(space: StateSpace, states: Iterable[int]) -> list[int]:
    """Return the nearest states, leaving out those that only mark more places than an earlier."""
    kept: list[int] = []
    marked: list[frozenset[str]] = []
    for state in states:
        places = frozenset(space.marking(state))
        if not any(earlier <= places for earlier in marked):
            kept.append(state)
            marked.append(places)
            if len(kept) == _MOST_OF_A_KIND:
                break
    return kept


def _after(net: Net, run: Sequence[str]) -> str:
    return f"After {_steps(net, run)}, " if run else "At the very beginning "


def _steps(net: Net, run: Sequence[str]) -> str:
    if len(run) > _STEPS_TOLD + 1:
        left_out = len(run) - _STEPS_TOLD
        head, tail = run[: _STEPS_TOLD // 2], run[-(_STEPS_TOLD // 2) :]
        shown = [*(_quoted(net, key) for key in head), f"… {left_out} more …"]
        return " → ".join([*shown, *(_quoted(net, key) for key in tail)])
    return " → ".join(_quoted(net, key) for key in run)


def _quoted(net: Net, key: str) -> str:
    return f"“{net.title(key)}”"


def _holds(net: Net, marking: Marking) -> str:
    if not marking:
        return "no token is left"
    held = [f"{_tokens(count)} in {name(net, p)}" for p, count in marking.as_dict().items()]
    return f"there is {_and(held)}"


def _tokens(count: int) -> str:
    return "a token" if count == 1 else f"{count} tokens"


def _and(parts: Iterable[str]) -> str:
    listed = list(parts)
    if len(listed) > 1:
        return ", ".join(listed[:-1]) + " and " + listed[-1]
    return listed[0] if listed else "nothing"
