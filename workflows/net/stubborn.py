"""Partial order: of transitions that do not touch each other, one order stands for all.

A strong stubborn set of a marking (Valmari, 1989) is a set of transitions such that what lies
outside neither enables nor disables what lies in it:

* of an enabled transition, it holds all that compete with it for a token;
* of a disabled one, it holds all that put tokens to one place which it misses;
* it holds an enabled transition, if there is one.

Following only its enabled transitions reaches the same dead markings. And if from every marking
reached so a dead one can be reached, then from every marking at all (Valmari and Vogler, "Fair
testing and stubborn sets", 2018): let `run` lead anywhere from a marking reached. Either a
transition of the run is in the set, and may as well come first; or none is, and whatever the set
fires on the way to a dead marking can be fired after the run as well. Since the sink alone is the
one dead marking that a sound net has, that decides option to complete, both ways.

Only for nets without inhibitor and reset arcs: there, proper completion follows, as no tokens
vanish. Transitions that were not enabled on the way may still fire; that has to be asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from .encoding import Encoding
from .net import Net

_SEEDS = 4
"""Enabled transitions to begin with; the smallest set found counts."""


class Chooser:
    """Chooses what to follow from a marking, for one net in one encoding."""

    def __init__(self, net: Net, encoding: Encoding) -> None:
        number = {transition.key: n for n, transition in enumerate(net.transitions)}
        self._competing = [_mask(number, _competing(net, key)) for key in number]
        self._missing = [
            [
                (encoding.field(place), weight << encoding.shift(place), place)
                for place, weight in net.needs(key).items()
            ]
            for key in number
        ]
        self._filling = {place.key: _mask(number, _filling(net, place.key)) for place in net.places}

    def chosen(self, state: int, enabled: int) -> int:
        """Return the enabled transitions of a stubborn set, as bits by the net's order."""
        best, fewest = enabled, enabled.bit_count()
        seeds = enabled
        for _ in range(_SEEDS):
            if fewest <= 1 or not seeds:
                break
            found = self._closure(state, enabled, seeds & -seeds) & enabled
            if found.bit_count() < fewest:
                best, fewest = found, found.bit_count()
            seeds &= ~found
        return best

    def _closure(self, state: int, enabled: int, seed: int) -> int:
        stubborn = waiting = seed
        while waiting:
            bit = waiting & -waiting
            waiting ^= bit
            number = bit.bit_length() - 1
            more = self._competing[number] if enabled & bit else self._fillers(state, number)
            more &= ~stubborn
            stubborn |= more
            waiting |= more
        return stubborn

    def _fillers(self, state: int, number: int) -> int:
        """Return what puts tokens to a place that this transition misses."""
        return next(
            self._filling[place]
            for field, weight, place in self._missing[number]
            if state & field < weight
        )


def _competing(net: Net, transition: str) -> Iterable[str]:
    """Yield what takes a token that this transition needs, or needs one that it takes."""
    for place in net.needs(transition):
        yield from net.consumers(place)
    for place in net.inputs(transition):
        yield from net.needing(place)


def _filling(net: Net, place: str) -> Iterable[str]:
    for transition in net.producers(place):
        if net.outputs(transition)[place] > net.inputs(transition).get(place, 0):
            yield transition


def _mask(numbers: dict[str, int], transitions: Iterable[str]) -> int:
    bits = 0
    for transition in transitions:
        bits |= 1 << numbers[transition]
    return bits
