"""Markings as one integer each, so that a state space of a net fits in memory and goes fast.

Every place has a field of `width` bits whose highest bit, the guard, is 0 in a valid marking. Sums
and comparisons of all places at once are then single operations on integers: a guard that stays
set after a subtraction says "at least", one that an addition sets says "more than a field holds".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .marking import Marking
from .net import Net

SAFE_WIDTH = 2
"""The narrowest field: no place ever holds more than one token."""


@dataclass(frozen=True, slots=True)
class Move:
    """A transition, compiled: what to compare a state with, and what to make of it."""

    lift: int
    need: int
    guard: int
    inhibit_lift: int
    inhibit_need: int
    take: int
    keep: int
    put: int

    def is_enabled(self, state: int) -> bool:
        return ((state | self.lift) - self.need) & self.guard == self.guard and not (
            (state | self.inhibit_lift) - self.inhibit_need
        ) & self.inhibit_lift

    def fire(self, state: int) -> int:
        return ((state - self.take) & self.keep) + self.put


class Encoding:
    """How the markings of one net are written as integers, with `width` bits a place."""

    def __init__(self, net: Net, width: int) -> None:
        self.net = net
        self.width = width
        self.capacity = (1 << (width - 1)) - 1
        self._shift = {place.key: n * width for n, place in enumerate(net.places)}
        self.guards = self.fields(self._shift, 1 << (width - 1))
        self.above_one = self.fields(self._shift, self.capacity - 1)
        self.moves = tuple(self._compile(transition.key) for transition in net.transitions)

    def fields(self, places: Iterable[str], value: int) -> int:
        """Return an integer with `value` in the fields of these places and 0 elsewhere."""
        encoded = 0
        for place in places:
            encoded |= value << self._shift[place]
        return encoded

    def field(self, place: str) -> int:
        """Return the mask of all bits of one place."""
        return ((1 << self.width) - 1) << self._shift[place]

    def shift(self, place: str) -> int:
        """Return how many bits lie below the field of a place."""
        return self._shift[place]

    def count(self, state: int, place: str) -> int:
        return state >> self._shift[place] & self.capacity

    def encode(self, marking: Mapping[str, int]) -> int:
        encoded = 0
        for place, count in marking.items():
            encoded |= count << self._shift[place]
        return encoded

    def decode(self, state: int) -> Marking:
        mask = self.capacity
        return Marking({p: state >> shift & mask for p, shift in self._shift.items()})

    def covers(self, larger: int, smaller: int) -> bool:
        """Tell whether every place holds at least as many tokens in `larger`."""
        return ((larger | self.guards) - smaller) & self.guards == self.guards

    def exceeding(self, larger: int, smaller: int) -> list[str]:
        """Return the places that hold more tokens in `larger`."""
        return [
            place for place in self._shift if self.count(larger, place) > self.count(smaller, place)
        ]

    def _compile(self, transition: str) -> Move:
        net, width = self.net, self.width
        inputs = net.inputs(transition)
        needed = net.needs(transition)
        need = self.encode(needed)
        # A weight that no field can hold is never reached before the fields are widened.
        limits = {p: w for p, w in net.inhibitors(transition).items() if w <= self.capacity}
        is_safe = width == SAFE_WIDTH
        guard = self.fields(needed, 1 << (width - 1))
        return Move(
            # With one token at most in a place, "has every needed token" is a plain mask.
            lift=0 if is_safe else guard,
            need=0 if is_safe else need,
            guard=need if is_safe else guard,
            inhibit_lift=self.fields(limits, 1 << (width - 1)),
            inhibit_need=self.encode(limits),
            take=self.encode(inputs),
            keep=~self._all_bits(net.resets(transition)),
            put=self.encode(net.outputs(transition)),
        )

    def _all_bits(self, places: Iterable[str]) -> int:
        return self.fields(places, (1 << self.width) - 1)


def narrowest_width(net: Net, initial: Mapping[str, int]) -> int:
    """Return the least width whose fields hold the initial marking and every weight."""
    largest = max(initial.values(), default=1)
    for transition in net.transitions:
        key = transition.key
        for weights in (net.needs(key), net.outputs(key)):
            largest = max(largest, *weights.values(), 1)
    return max(SAFE_WIDTH, largest.bit_length() + 1)
