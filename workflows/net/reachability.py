"""The reachable markings of a net, breadth first: the way found to a marking is a shortest."""

from __future__ import annotations

import sys
import time
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from .encoding import SAFE_WIDTH, Encoding, narrowest_width
from .growth import Growth, outgrown
from .marking import Marking
from .net import ArcKind, Net
from .stubborn import Chooser

_STATES_BETWEEN_LOOKS_AT_THE_BOUNDS = 64
_STATES_AFTER_GROWTH = 1_000
"""How much further an endless state space is searched for other problems."""
_BYTES_A_STATE = 190
"""Of its entries in the lists and the index, beside the integer itself; measured."""
_BYTES_AN_EDGE = 16


_Test = tuple[int, int, int, int, int, int]
"""A transition's bit, and its move's `lift`, `need`, `guard`, `inhibit_lift`, `inhibit_need`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far to search: `deadline` is a value of `time.monotonic()`, the memory an estimate."""

    max_states: int
    deadline: float
    max_bytes: int = 1 << 30

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.deadline

    def sooner(self, *, max_states: int, seconds: float) -> Bounds:
        """Return bounds that are at most these, counted from now."""
        return Bounds(
            min(self.max_states, max_states),
            min(self.deadline, time.monotonic() + seconds),
            self.max_bytes,
        )


class _TooManyTokens(Exception):
    """A place holds more tokens than its field can count."""


class StateSpace:
    """Markings reachable from `initial`, numbered in the order of their distance.

    `is_complete` tells whether all were found within the bounds. Those from `expanded` on were
    found, but what follows them was not looked at. `is_monotone` says that more tokens neither
    disable a transition nor vanish: there are no reset and no inhibitor arcs.

    With `end`, the sink, the search stops at the first marking without a proper end that shows by
    itself: `fault` is stuck, holds a token in the sink and others, or proves that tokens pile up.
    With `is_partial`, only a stubborn set of each state's transitions is followed (see there).
    """

    def __init__(
        self,
        net: Net,
        initial: Marking,
        bounds: Bounds,
        width: int,
        end: str | None = None,
        is_partial: bool = False,
    ) -> None:
        self.net = net
        self.end = end
        self.fault: int | None = None
        self.encoding = Encoding(net, width)
        self._chooser = Chooser(net, self.encoding) if is_partial else None
        self.states: list[int] = []
        self.dead: list[int] = []
        self.expanded = 0
        self.growth: Growth | None = None
        self._bounds = bounds
        self._index: dict[int, int] = {}
        self._parents = array("l")
        self._parent_transitions = array("l")
        self._edge_sources = array("l")
        self._edge_targets = array("l")
        self._fired = 0
        self.is_monotone = not net.has_kind(ArcKind.RESET, ArcKind.INHIBITOR)
        self._explore(self.encoding.encode(initial))

    @property
    def is_complete(self) -> bool:
        return self.expanded == len(self.states)

    @property
    def never_fired(self) -> list[str]:
        """The transitions that no marking found here enables, in the net's order."""
        transitions = enumerate(self.net.transitions)
        return [transition.key for n, transition in transitions if not self._fired >> n & 1]

    def find(self, marking: Marking) -> int | None:
        """Return the number of this marking, or None where it was not reached."""
        if any(count > self.encoding.capacity for count in marking.values()):
            return None
        return self._index.get(self.encoding.encode(marking))

    def marking(self, state: int) -> Marking:
        return self.encoding.decode(self.states[state])

    def tokens(self, state: int, place: str) -> int:
        return self.encoding.count(self.states[state], place)

    def most_tokens(self, place: str) -> int:
        """Return the most tokens that the place holds in any of the markings."""
        count = self.encoding.count
        return max(count(state, place) for state in self.states)

    def marking_place(self, place: str) -> list[int]:
        """Return the states in which the place holds a token."""
        field = self.encoding.field(place)
        return [number for number, state in enumerate(self.states) if state & field]

    def enabled(self, state: int) -> list[str]:
        encoded = self.states[state]
        moves = zip(self.net.transitions, self.encoding.moves, strict=True)
        return [transition.key for transition, move in moves if move.is_enabled(encoded)]

    def trace(self, state: int) -> tuple[str, ...]:
        """Return a shortest firing sequence from the initial marking to this one."""
        return self._path(0, state)

    def leading_to(self, targets: Iterable[int]) -> bytearray:
        """Return a flag for each state: 1 where a target can be reached from it."""
        predecessors = self._predecessors()
        flags = bytearray(len(self.states))
        waiting = []
        for target in targets:
            if not flags[target]:
                flags[target] = 1
                waiting.append(target)
        while waiting:
            for source in predecessors[waiting.pop()]:
                if not flags[source]:
                    flags[source] = 1
                    waiting.append(source)
        return flags

    def following(self, state: int) -> list[int]:
        """Return the states reachable from this one, itself included, nearest first."""
        successors: dict[int, list[int]] = {}
        for source, target in zip(self._edge_sources, self._edge_targets, strict=True):
            successors.setdefault(source, []).append(target)
        seen = {state: None}
        waiting = [state]
        for current in waiting:
            for target in successors.get(current, ()):
                if target not in seen:
                    seen[target] = None
                    waiting.append(target)
        return waiting

    def _explore(self, initial: int) -> None:
        """Find the states, breadth first.

        A state's enabled transitions are its parent's but for those next to places that changed.
        This loop is where all time goes, so it works on local names and plain integers.
        """
        encoding, states, index = self.encoding, self.states, self._index
        if initial & encoding.guards:
            raise _TooManyTokens
        guards, above_one = encoding.guards, encoding.above_one
        choose = None if self._chooser is None else self._chooser.chosen
        # Without an end no marking is at fault, so the search goes on.
        at_end = encoding.field(self.end) if self.end else 0
        final = encoding.encode({self.end: 1}) if self.end else 0
        fires = [(move.take, move.keep, move.put) for move in encoding.moves]
        tests, unaffected = self._affected()
        add_source, add_target = self._edge_sources.append, self._edge_targets.append
        enabled = [sum(1 << n for n, m in enumerate(encoding.moves) if m.is_enabled(initial))]
        self._add(initial, -1, -1, enabled[0])
        if at_end and (not enabled[0] or initial & at_end) and initial != final:
            self.fault = 0
            return
        limit = self._bounds.max_states
        for position, state in enumerate(states):
            self.expanded = position
            if not position % _STATES_BETWEEN_LOOKS_AT_THE_BOUNDS and self._is_too_much():
                return
            here = waiting = enabled[position]
            enabled[position] = 0
            if choose is not None:
                waiting = choose(state, here)
            while waiting:
                number = (waiting & -waiting).bit_length() - 1
                waiting &= waiting - 1
                take, keep, put = fires[number]
                after = ((state - take) & keep) + put
                if after & guards:
                    raise _TooManyTokens
                target = index.get(after)
                if target is None:
                    if len(states) >= limit:
                        return
                    then = here & unaffected[number]
                    for flag, lift, need, guard, inhibit, inhibit_need in tests[number]:
                        if ((after | lift) - need) & guard == guard and not (
                            inhibit and ((after | inhibit) - inhibit_need) & inhibit
                        ):
                            then |= flag
                    target = len(states)
                    enabled.append(then)
                    self._add(after, position, number, then)
                    if self.growth is None and after & above_one:
                        self._look_for_growth(target)
                        if self.growth is not None and self.is_monotone:
                            limit = min(limit, target + (0 if at_end else _STATES_AFTER_GROWTH))
                            self.fault = target if at_end else None
                    if at_end and (not then or after & at_end) and after != final:
                        self.fault = target
                    if self.fault is not None:
                        return
                add_source(position)
                add_target(target)
        self.expanded = len(states)

    def _is_too_much(self) -> bool:
        state_bytes = _BYTES_A_STATE + sys.getsizeof(self.encoding.guards)
        used = len(self.states) * state_bytes + len(self._edge_sources) * _BYTES_AN_EDGE
        return used > self._bounds.max_bytes or self._bounds.is_late

    def _add(self, state: int, parent: int, transition: int, enabled: int) -> None:
        number = len(self.states)
        self._index[state] = number
        self.states.append(state)
        self._parents.append(parent)
        self._parent_transitions.append(transition)
        self._fired |= enabled
        if not enabled:
            self.dead.append(number)

    def _affected(self) -> tuple[list[list[_Test]], list[int]]:
        """Return for each transition the tests of those it may enable or disable, and a mask of
        the others."""
        net, moves = self.net, self.encoding.moves
        number = {transition.key: n for n, transition in enumerate(net.transitions)}
        everything = (1 << len(number)) - 1
        tests, unaffected = [], []
        for transition in net.transitions:
            inputs, outputs = net.inputs(transition.key), net.outputs(transition.key)
            changed = {p for p in (*inputs, *outputs) if inputs.get(p) != outputs.get(p)}
            changed |= net.resets(transition.key)
            affected = sorted({number[key] for place in changed for key in net.observers(place)})
            tests.append(
                [
                    (1 << n, m.lift, m.need, m.guard, m.inhibit_lift, m.inhibit_need)
                    for n, m in ((n, moves[n]) for n in affected)
                ]
            )
            unaffected.append(everything & ~sum(1 << n for n in affected))
        return tests, unaffected

    def _look_for_growth(self, state: int) -> None:
        """Look for a marking on the way to `state` that `state` covers and can outgrow for ever."""
        encoding, states, parents = self.encoding, self.states, self._parents
        guards, lifted = encoding.guards, states[state] | encoding.guards
        ancestor = parents[state]
        while ancestor >= 0:
            if (lifted - states[ancestor]) & guards == guards:
                cycle = self._path(ancestor, state)
                more = encoding.exceeding(states[state], states[ancestor])
                places = outgrown(self.net, cycle, more)
                if places:
                    self.growth = Growth(ancestor, state, cycle, places)
                    return
            ancestor = parents[ancestor]

    def _path(self, first: int, last: int) -> tuple[str, ...]:
        steps = []
        while last != first:
            steps.append(self.net.transitions[self._parent_transitions[last]].key)
            last = self._parents[last]
        return tuple(reversed(steps))

    def _predecessors(self) -> list[list[int]]:
        predecessors: list[list[int]] = [[] for _ in self.states]
        for source, target in zip(self._edge_sources, self._edge_targets, strict=True):
            predecessors[target].append(source)
        return predecessors


def explore(
    net: Net,
    initial: Marking,
    bounds: Bounds,
    *,
    end: str | None = None,
    is_partial: bool = False,
) -> StateSpace:
    """Return the markings that can be reached from `initial`, as far as the bounds allow.

    See `StateSpace` for `end`, which stops at the first fault, and `is_partial`.
    """
    width = narrowest_width(net, initial)
    while True:
        try:
            return StateSpace(net, initial, bounds, width, end, is_partial)
        except _TooManyTokens:
            width = 8 if width == SAFE_WIDTH else 2 * width
