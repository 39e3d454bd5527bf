"""Markings among those looked at from which there is no proper end, or that are none."""

from __future__ import annotations

from dataclasses import dataclass

from .marking import Marking
from .reachability import StateSpace


@dataclass(frozen=True, slots=True)
class Faults:
    """`final` is the marking with one token in the sink alone, None where it was not reached.

    In `improper` markings the sink holds a token, and is not all. In `stuck` ones it holds none,
    and nothing can fire. From `circling`, the nearest such, the net runs on and never ends.
    """

    final: int | None
    improper: tuple[int, ...]
    stuck: tuple[int, ...]
    circling: int | None

    @property
    def nearest(self) -> int | None:
        found = [*self.improper[:1], *self.stuck[:1]]
        if self.circling is not None:
            found.append(self.circling)
        return min(found, default=None)


def faults(space: StateSpace, end: str) -> Faults:
    """Return the faults among the markings found; `end` is the sink."""
    final = space.find(Marking({end: 1}))
    improper = tuple(state for state in space.marking_place(end) if state != final)
    stuck = tuple(s for s in space.dead if s != final and not space.tokens(s, end))
    return Faults(final, improper, stuck, _circling(space, improper, final))


def _circling(space: StateSpace, improper: tuple[int, ...], final: int | None) -> int | None:
    # What follows the markings that were not expanded is not known: they may lead out.
    ways_out = [*space.dead, *improper, *range(space.expanded, len(space.states))]
    if final is not None:
        ways_out.append(final)
    caught = space.leading_to(ways_out).find(0)
    return None if caught < 0 else caught
