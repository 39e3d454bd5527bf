"""Workflow nets made small without changing whether they are sound.

The rules look at one place at a time and leave the three conditions of soundness as they are, in
either direction: option to complete, proper completion, no dead transition. They are used where
their conditions hold and nowhere else, so a net with weights, inhibitor or reset arcs shrinks
around them. Every transition that remains stands for a run of the net's own.

Where a single transition from source to sink is left, the net is sound. Free-choice workflow nets
that are sound nearly always end so (Esparza and Hoffmann, 2016); of others, what is left has few
markings.
"""

from __future__ import annotations

import time
from collections import deque

from workflows.net.net import Net

from .residue import Residue
from .rules import simplify

__all__ = ["Residue", "reduce"]

_ROUNDS_BETWEEN_LOOKS_AT_THE_CLOCK = 64


def reduce(net: Net, deadline: float) -> Residue | None:
    """Return the residue of a workflow net: no rule applies to it any more.

    None if it is not there by `deadline`, a value of `time.monotonic()`.
    """
    residue = Residue(net)
    waiting = deque(residue.consumers)
    queued = set(waiting)
    rounds = 0
    while waiting:
        if not rounds % _ROUNDS_BETWEEN_LOOKS_AT_THE_CLOCK and time.monotonic() > deadline:
            return None
        rounds += 1
        place = waiting.popleft()
        queued.discard(place)
        if place in residue.consumers:
            for near in simplify(residue, place):
                if near not in queued:
                    queued.add(near)
                    waiting.append(near)
    return residue
