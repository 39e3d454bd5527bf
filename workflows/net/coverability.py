"""What can be covered in a net without reset and inhibitor arcs, even if it is unbounded.

The tree of Karp and Miller: a place that can be pumped up without end holds `OMEGA` tokens. A node
that an earlier one covers is not followed, since whatever it can do, the earlier can do too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .marking import Marking
from .net import Net
from .reachability import Bounds

OMEGA = float("inf")

_Counts = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Coverability:
    """Nodes of the tree. If it is complete, what can be covered is covered by one of them."""

    nodes: tuple[_Counts, ...]
    place_numbers: Mapping[str, int]
    is_complete: bool

    def can_cover(self, marking: Mapping[str, int]) -> bool:
        needed = [(self.place_numbers[place], count) for place, count in marking.items()]
        return any(all(node[n] >= count for n, count in needed) for node in self.nodes)

    def most_tokens(self, place: str) -> float:
        return max(node[self.place_numbers[place]] for node in self.nodes)


def coverability(net: Net, initial: Marking, bounds: Bounds) -> Coverability:
    """Return what can be covered from `initial`, as far as the bounds allow.

    The net must have no reset and no inhibitor arc.
    """
    numbers = {place.key: n for n, place in enumerate(net.places)}
    moves = [_move(net, transition.key, numbers) for transition in net.transitions]
    start: _Counts = tuple(initial[place.key] for place in net.places)
    nodes: list[_Counts] = [start]
    # Each with the nodes on its way from the root, nearest first: (counts, rest of the way).
    waiting: list[tuple[_Counts, _Way | None]] = [(start, None)]
    while waiting:
        if len(nodes) >= bounds.max_states or bounds.is_late:
            return Coverability(tuple(nodes), numbers, is_complete=False)
        counts, before = waiting.pop()
        way = _Way(counts, before)
        for needs, effect in moves:
            if any(counts[n] < weight for n, weight in needs):
                continue
            after = _accelerated(_after(counts, effect), way)
            if not any(_covers(node, after) for node in nodes):
                nodes.append(after)
                waiting.append((after, way))
    return Coverability(tuple(nodes), numbers, is_complete=True)


@dataclass(frozen=True, slots=True)
class _Way:
    counts: _Counts
    before: _Way | None


_Weights = list[tuple[int, int]]


def _move(net: Net, transition: str, numbers: Mapping[str, int]) -> tuple[_Weights, _Weights]:
    inputs, outputs = net.inputs(transition), net.outputs(transition)
    effect = {p: outputs.get(p, 0) - inputs.get(p, 0) for p in (*inputs, *outputs)}
    return (
        [(numbers[place], weight) for place, weight in net.needs(transition).items()],
        [(numbers[place], change) for place, change in effect.items() if change],
    )


def _after(counts: _Counts, effect: _Weights) -> _Counts:
    changed = list(counts)
    for n, change in effect:
        changed[n] += change
    return tuple(changed)


def _accelerated(counts: _Counts, way: _Way | None) -> _Counts:
    """Return `counts` with OMEGA where it outgrew a node on its way."""
    while way is not None:
        if way.counts != counts and _covers(counts, way.counts):
            counts = tuple(
                OMEGA if more > less else more
                for more, less in zip(counts, way.counts, strict=True)
            )
        way = way.before
    return counts


def _covers(larger: _Counts, smaller: _Counts) -> bool:
    return all(more >= less for more, less in zip(larger, smaller, strict=True))
