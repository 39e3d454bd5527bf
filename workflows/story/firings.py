"""The run of a fault, fired again: a story cannot disagree with the net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.net import Marking, Net, fire
from workflows.net.structure import sources


@dataclass(frozen=True, slots=True)
class Firing:
    """`taken`: by input arcs. `emptied`: what reset arcs clear away then. `put`: by output arcs."""

    transition: str
    before: Marking
    after: Marking
    taken: Mapping[str, int]
    emptied: Mapping[str, int]
    put: Mapping[str, int]


def beginning(net: Net) -> Marking:
    """Return the marking of a fresh case; an empty one where the net has no one beginning."""
    starts = sources(net)
    return Marking({starts[0]: 1}) if len(starts) == 1 else Marking()


def fired(net: Net, run: Iterable[str]) -> list[Firing]:
    """Return what each firing of a run takes and puts.

    Raises:
        workflows.net.errors.NetError: the run cannot be fired.
    """
    marking = beginning(net)
    found = []
    for transition in run:
        after = fire(net, marking, transition)
        taken = net.inputs(transition)
        rest = marking.remove(taken)
        emptied = {place: rest[place] for place in sorted(net.resets(transition)) if rest[place]}
        found.append(Firing(transition, marking, after, taken, emptied, net.outputs(transition)))
        marking = after
    return found


def producer(firings: Iterable[Firing], place: str) -> Firing | None:
    """Return the last firing that put a token there."""
    return next((f for f in reversed(list(firings)) if place in f.put), None)
