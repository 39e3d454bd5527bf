"""Soundness of workflow nets (van der Aalst): every case can end, ends cleanly, no step is dead.

A workflow net with source i and sink o is sound if

* option to complete: from every marking reachable from [i], [o] can be reached;
* proper completion: a reachable marking with a token in o is [o] itself;
* no dead transitions: every transition fires in some run from [i].

The three are checked directly on the reachable markings, so the answer is exact for weights, read,
inhibitor and reset arcs alike. Nets with very many markings but plain arcs are first made small by
rules that keep soundness (`reduction`). With reset or inhibitor arcs the question is undecidable in
general: where the bounds end the search first, the answer is "undecided" and never "sound".
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import problems
from .coverability import OMEGA, Coverability, coverability
from .marking import Marking
from .net import Net
from .problems import Problem
from .reachability import Bounds, StateSpace, explore
from .reduction import is_reducible
from .shortcut import Shortcut, shortcut
from .structure import name, sink, sinks, sources, within_reach, workflow_net_problems
from .verdict import Answer, Verdict

_FIRST_LOOK = 2_000
"""Markings. Most nets have fewer; for others the reduction may answer at once."""
_SECONDS_FOR_COVERABILITY = 1.0


def verify(net: Net, *, max_states: int = 200_000, seconds: float = 10.0) -> Verdict:
    """Decide whether a case that begins with one token in the source always ends well.

    At most `max_states` markings and about `seconds` are spent; see the module for what follows
    when they do not suffice. A net that is no workflow net, or that brings an initial marking of
    its own, is never sound; it is then told what its initial marking leads to.
    """
    began = time.monotonic()
    bounds = Bounds(max_states=max(1, max_states), deadline=began + seconds)
    initial, reasons = _beginning(net)
    space = explore(net, initial, replace(bounds, max_states=min(max_states, _FIRST_LOOK)))
    quick: Shortcut | None = None
    if _is_worth_more(space):
        if not reasons and is_reducible(net):
            quick = shortcut(net, bounds)
            if quick.is_sound:
                return _sound(quick, time.monotonic() - began)
        if max_states > _FIRST_LOOK and not bounds.is_late:
            space = explore(net, initial, bounds)
    search = _Search(net, initial, space, bounds)
    judgement = _judge(search, reasons)
    if judgement.answer == "undecided" and quick is not None and quick.problem is not None:
        judgement = _judge_by(quick.problem, judgement)
    return Verdict(
        verdict=judgement.answer,
        workflow_net=not reasons,
        bounded=search.is_bounded,
        option_to_complete=judgement.option,
        proper_completion=judgement.proper,
        dead_transitions=tuple(search.dead),
        states=len(space.states),
        seconds=round(time.monotonic() - began, 6),
        method=search.method,
        problems=judgement.problems,
    )


def _is_worth_more(space: StateSpace) -> bool:
    """Tell whether a longer search could say more than the first look."""
    is_endless = space.growth is not None and space.is_monotone
    return not space.is_complete and not is_endless


def _sound(quick: Shortcut, seconds: float) -> Verdict:
    return Verdict(
        verdict="sound",
        workflow_net=True,
        bounded=True,
        option_to_complete=True,
        proper_completion=True,
        dead_transitions=(),
        states=quick.states,
        seconds=round(seconds, 6),
        method=quick.method,
        problems=(),
    )


def _beginning(net: Net) -> tuple[Marking, tuple[str, ...]]:
    """Return the initial marking, and in words what makes this no workflow net with one case."""
    reasons = workflow_net_problems(net)
    starts = sources(net)
    usual = Marking({starts[0]: 1}) if len(starts) == 1 else Marking()
    if not net.initial or net.initial == usual:
        return usual, reasons
    own = f"The net brings an initial marking of its own ({net.initial})"
    if len(starts) == 1:
        own += f"; a case begins with one token in {name(net, starts[0])} and nowhere else"
    return net.initial, (*reasons, own + ".")


class _Search:
    """The explored markings of one net, and what they say whether or not it is a workflow net."""

    def __init__(self, net: Net, initial: Marking, space: StateSpace, bounds: Bounds) -> None:
        self.net = net
        self.initial = initial
        self.space = space
        self.cover: Coverability | None = None
        if space.is_monotone and space.growth is not None:
            # Beside the certain answer "unbounded" the rest is welcome, but not at any price.
            soon = min(bounds.deadline, time.monotonic() + _SECONDS_FOR_COVERABILITY)
            cover = coverability(net, initial, replace(bounds, deadline=soon))
            self.cover = cover if cover.is_complete else None
        self.dead: list[str] = self._dead()

    @property
    def is_bounded(self) -> bool | None:
        if self.space.growth is not None:
            return False
        return True if self.space.is_complete else None

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

    def _dead(self) -> list[str]:
        """Return the transitions that are proved never to fire."""
        candidates = self.space.never_fired
        if self.space.is_complete:
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


@dataclass(frozen=True, slots=True)
class _Judgement:
    answer: Answer
    option: bool | None
    proper: bool | None
    problems: tuple[Problem, ...]


def _judge(search: _Search, reasons: Sequence[str]) -> _Judgement:
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
    return _Judgement("unsound", None, None, tuple(found))


def _judge_case(search: _Search, reasons: Sequence[str]) -> _Judgement:
    """Judge a net with one source, which holds the only token, and one sink."""
    space, end = search.space, sink(search.net)
    final = space.find(Marking({end: 1}))
    improper = [state for state in space.marking_place(end) if state != final]
    stuck = [state for state in space.dead if state != final and not space.tokens(state, end)]
    circling = _circling(space, improper, final)

    found = problems.not_workflow_net(reasons, search.initial)
    found += problems.deadlocks(space, stuck)
    if circling is not None:
        found.append(problems.livelock(space, circling, end))
    found += problems.improper_completions(space, improper, end)
    # A sound workflow net is bounded, unless it has reset or inhibitor arcs.
    is_faulty = bool(found or search.dead or (space.growth and space.is_monotone))
    found += search.unboundedness() + search.dead_transitions()

    option: bool | None = None
    if space.is_complete:
        option = final is not None and all(space.leading_to([final]))
    elif stuck or circling is not None:
        option = False
    elif space.is_monotone and not reasons and (improper or space.growth):
        # Every transition of a workflow net puts a token somewhere: what is left over when a case
        # ends never vanishes.
        option = False
    answer: Answer = "unsound" if is_faulty else "sound" if space.is_complete else "undecided"
    return _Judgement(answer, option, _is_proper(search, improper, end), tuple(found))


def _judge_by(problem: Problem, undecided: _Judgement) -> _Judgement:
    """Judge a net by the fault that its residue has shown."""
    return _Judgement(
        answer="unsound",
        option=None if problem.kind == "dead_transition" else False,
        proper=False if problem.kind == "improper_completion" else undecided.proper,
        problems=(problem,),
    )


def _circling(space: StateSpace, improper: Sequence[int], final: int | None) -> int | None:
    """Return the nearest marking from which the net runs on for ever without an end, if any."""
    ways_out = [*space.dead, *improper, *range(space.expanded, len(space.states))]
    if final is not None:
        ways_out.append(final)
    has_way_out = space.leading_to(ways_out)
    caught = has_way_out.find(0)
    return None if caught < 0 else caught


def _is_proper(search: _Search, improper: Sequence[int], end: str) -> bool | None:
    if improper:
        return False
    if search.space.is_complete:
        return True
    if search.cover is None:
        return None
    rests = [{end: 2}, *({end: 1, p.key: 1} for p in search.net.places if p.key != end)]
    return not any(search.cover.can_cover(rest) for rest in rests)
