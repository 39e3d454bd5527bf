"""What the markings that were looked at say about a net, whether or not it is a workflow net."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from . import problems
from .coverability import OMEGA, Coverability, coverability
from .faults import faults
from .invariants import is_covered
from .marking import Marking
from .net import Net
from .problems import Problem
from .reachability import Bounds, StateSpace
from .structure import sink, sinks, sources, within_reach
from .verdict import Answer

_SECONDS_BESIDE_THE_ANSWER = 0.02
"""Where the answer is certain, the rest is welcome, but not at any price."""
_SECONDS_FOR_INVARIANTS = 0.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known. A property that could not be decided is None."""

    answer: Answer
    option: bool | None
    proper: bool | None
    problems: tuple[Problem, ...]
    is_endless: bool = False
    """Tokens pile up, and the problem that shows it was not met in the search itself."""


class Search:
    """The markings looked at, what they leave open, and what the structure says of it.

    `dead` are transitions that are known never to fire.
    """

    def __init__(
        self,
        net: Net,
        initial: Marking,
        space: StateSpace,
        bounds: Bounds,
        dead: Sequence[str] = (),
    ) -> None:
        self.net = net
        self.initial = initial
        self.space = space
        self.cover: Coverability | None = None
        soon = bounds.sooner(max_states=bounds.max_states, seconds=_SECONDS_BESIDE_THE_ANSWER)
        if space.is_monotone and space.growth is not None:
            cover = coverability(net, initial, soon)
            self.cover = cover if cover.is_complete else None
        self.dead = list(dead) or self._dead()

    @property
    def method(self) -> str:
        method = "state space" if self.space.is_complete else "part of the state space"
        return method if self.cover is None else method + "+coverability"

    def unboundedness(self) -> list[Problem]:
        growth = self.space.growth
        return [] if growth is None else [problems.unbounded(self.space, growth)]

    def dead_transitions(self) -> list[Problem]:
        most = self._most_tokens() if self.dead else {}
        return problems.dead_transitions(self.net, self.dead, self.initial, most)

    def is_bounded(self, *, is_worth_time: bool) -> bool | None:
        """Tell whether there is a most that each place ever holds, where that is known.

        Where the search does not say, invariants may, but they take a while.
        """
        if self.space.growth is not None or self.space.is_complete:
            return self.space.growth is None
        if not is_worth_time:
            return None
        return is_covered(self.net, time.monotonic() + _SECONDS_FOR_INVARIANTS) or None

    def _dead(self) -> list[str]:
        """Return the transitions that are proved never to fire."""
        candidates = self.space.never_fired
        if self.space.is_complete or not candidates:
            return candidates
        if self.cover is not None:
            cover = self.cover
            return [t for t in candidates if not cover.can_cover(self.net.needs(t))]
        _, fireable = within_reach(self.net, self.initial)
        return [t for t in candidates if t not in fireable]

    def _most_tokens(self) -> dict[str, int]:
        """Return at least as many tokens as a place ever holds, for places next to dead ones."""
        places = {place for transition in self.dead for place in self.net.needs(transition)}
        if self.space.is_complete:
            return {place: self.space.most_tokens(place) for place in places}
        if self.cover is not None:
            tops = {place: self.cover.most_tokens(place) for place in places}
            return {p: sys.maxsize if top == OMEGA else int(top) for p, top in tops.items()}
        markable, _ = within_reach(self.net, self.initial)
        return {place: sys.maxsize if place in markable else 0 for place in places}

    def is_proper(self, improper: Sequence[int], end: str) -> bool | None:
        """Tell whether the sink never holds a token with others beside it."""
        if improper:
            return False
        if self.space.is_complete:
            return True
        if self.cover is None:
            return None
        rests = [{end: 2}, *({end: 1, p.key: 1} for p in self.net.places if p.key != end)]
        return not any(self.cover.can_cover(rest) for rest in rests)


def judge(search: Search, reasons: Sequence[str]) -> Judgement:
    """Return what the search says; `reasons` is what keeps the net from being a workflow net."""
    net, initial = search.net, search.initial
    starts, ends = sources(net), sinks(net)
    if len(starts) == len(ends) == 1 and initial == {starts[0]: 1}:
        return _judge_case(search, reasons)
    space = search.space
    # Tokens that all lie in sinks have arrived; that the net stops then is no fault.
    stuck = [state for state in space.dead if not set(ends).issuperset(space.marking(state))]
    found = problems.not_workflow_net(reasons, initial)
    found += problems.deadlocks(space, stuck)
    found += search.unboundedness() + search.dead_transitions()
    return Judgement("unsound", None, None, tuple(found))


def _judge_case(search: Search, reasons: Sequence[str]) -> Judgement:
    """Judge a net with one source, which holds the only token, and one sink."""
    space, end = search.space, sink(search.net)
    seen = faults(space, end)

    found = problems.not_workflow_net(reasons, search.initial)
    found += problems.deadlocks(space, seen.stuck)
    if seen.circling is not None:
        found.append(problems.livelock(space, seen.circling, end))
    found += problems.improper_completions(space, seen.improper, end)
    # A sound workflow net is bounded, unless it has reset or inhibitor arcs.
    is_faulty = bool(found or search.dead or (space.growth and space.is_monotone))
    found += search.unboundedness() + search.dead_transitions()

    option: bool | None = None
    if space.is_complete:
        option = seen.final is not None and all(space.leading_to([seen.final]))
    elif seen.stuck or seen.circling is not None:
        option = False
    elif space.is_monotone and not reasons and (seen.improper or space.growth):
        # Every transition of a workflow net puts a token somewhere: what is left over when a case
        # ends never vanishes.
        option = False
    answer: Answer = "unsound" if is_faulty else "sound" if space.is_complete else "undecided"
    return Judgement(answer, option, search.is_proper(seen.improper, end), tuple(found))
