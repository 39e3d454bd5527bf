"""Tokens that pile up: a marking that covers an earlier one on its way (Karp and Miller, 1969)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .net import Net


@dataclass(frozen=True, slots=True)
class Growth:
    """Proof that tokens pile up: the way to state `first`, then `cycle` again and again.

    Every round of `cycle` leaves more tokens in `places` and takes none away anywhere.
    """

    first: int
    last: int
    cycle: tuple[str, ...]
    places: tuple[str, ...]


def outgrown(net: Net, cycle: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Return the places of `more` that grow with every further round of `cycle`.

    One round has left more tokens in them, and fewer nowhere. It can be repeated if no inhibitor
    arc on it looks at a place that grew, and a place grows again if nothing on it empties it.
    """
    rounds, grown = tuple(cycle), tuple(more)
    hindering = {place for transition in rounds for place in net.inhibitors(transition)}
    if not hindering.isdisjoint(grown):
        return ()
    emptied = {place for transition in rounds for place in net.resets(transition)}
    return tuple(place for place in grown if place not in emptied)
