"""Nets whose soundness is known by how they are made, for measuring and for testing the proof.

Each begins as one transition from (i) to (o) and grows by putting small sound nets in the place of
transitions, which keeps soundness.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from workflows.net import Arc, ArcKind, Net, Place, Transition

BRANCH_LENGTH = 5


class Builder:
    """A net under construction: transition -> its input and output places, heavy ones repeated."""

    def __init__(self) -> None:
        self.flow: dict[str, tuple[list[str], list[str]]] = {}
        self.reads: dict[str, list[str]] = {}
        self.inhibitors: dict[str, list[str]] = {}
        self.resets: dict[str, list[str]] = {}
        self.places = ["i", "o"]

    def place(self) -> str:
        self.places.append(f"p{len(self.places)}")
        return self.places[-1]

    def transition(self, inputs: list[str], outputs: list[str]) -> str:
        key = f"t{len(self.flow)}"
        self.flow[key] = (list(inputs), list(outputs))
        return key

    def sequence(self, first: str, last: str, length: int) -> None:
        """Lead from one place to another by `length` transitions in a row."""
        for step in range(length):
            following = last if step == length - 1 else self.place()
            self.transition([first], [following])
            first = following

    def net(self) -> Net:
        ends = (
            (ArcKind.INPUT, {key: inputs for key, (inputs, _) in self.flow.items()}),
            (ArcKind.OUTPUT, {key: outputs for key, (_, outputs) in self.flow.items()}),
            (ArcKind.READ, self.reads),
            (ArcKind.INHIBITOR, self.inhibitors),
            (ArcKind.RESET, self.resets),
        )
        arcs = [
            Arc(place, key, kind)
            for kind, places_of in ends
            for key, places in places_of.items()
            for place in places
        ]
        return Net(
            key="made",
            places=tuple(map(Place, self.places)),
            transitions=tuple(map(Transition, self.flow)),
            arcs=tuple(arcs),
        )


def nested(size: int, seed: int = 0) -> Net:
    """About `size` transitions: sequences, parallel branches, choices and loops, nested freely."""
    return grown(size, random.Random(seed)).net()  # noqa: S311 (no secret)


PLAIN = ("sequence", "parallel", "parallel", "choice", "loop")


def grown(size: int, dice: random.Random, kinds: Sequence[str] = PLAIN) -> Builder:
    """Return what `nested` makes, of blocks of these kinds, to be built on."""
    building = Builder()
    keys = [building.transition(["i"], ["o"])]
    while len(keys) < size:
        kind = dice.choice(kinds)
        if kind == "parallel" and len(keys) + 3 > size:
            kind = "sequence"
        keys += _grow(building, dice.choice(keys), kind)
    return building


def _grow(building: Builder, key: str, kind: str) -> list[str]:
    """Put a small sound net in the place of a transition; return the new transitions."""
    inputs, outputs = building.flow[key]
    if kind == "choice":
        return [building.transition(inputs, outputs)]
    if kind == "parallel":
        a, b, c, d = (building.place() for _ in range(4))
        building.flow[key] = ([a], [c])
        fork = building.transition(inputs, [a, b])
        return [fork, building.transition([b], [d]), building.transition([c, d], outputs)]
    middle = building.place()
    building.flow[key] = (inputs, [middle])
    new = [building.transition([middle], outputs)]
    if kind == "loop":
        new.append(building.transition([middle], [middle]))
    return new


def parallel(branches: int) -> Net:
    """`branches` branches of five transitions each, between one fork and one join."""
    building = Builder()
    begins = [building.place() for _ in range(branches)]
    ends = [building.place() for _ in range(branches)]
    building.transition(["i"], begins)
    for begin, end in zip(begins, ends, strict=True):
        building.sequence(begin, end, BRANCH_LENGTH)
    building.transition(ends, ["o"])
    return building.net()


def loops(depth: int) -> Net:
    """`depth` loops, each around the next: every one may be gone round again."""
    building = Builder()
    begin, end = building.place(), building.place()
    building.transition(["i"], [begin])
    building.transition([end], ["o"])
    for _ in range(depth):
        building.transition([end], [begin])
        inner_begin, inner_end = building.place(), building.place()
        building.transition([begin], [inner_begin])
        building.transition([inner_end], [end])
        begin, end = inner_begin, inner_end
    building.transition([begin], [end])
    return building.net()


def choice(width: int) -> Net:
    """One choice among `width` branches of five transitions."""
    building = Builder()
    for _ in range(width):
        building.sequence("i", "o", BRANCH_LENGTH)
    return building.net()


def cancelling(depth: int) -> Net:
    """`depth` regions, each inside the last, of two branches; each can be cancelled as a whole."""
    building = Builder()
    _region(building, "i", "o", depth)
    return building.net()


def _region(building: Builder, begin: str, end: str, depth: int) -> None:
    inside = len(building.places)
    one, other = building.place(), building.place()
    one_done, other_done = building.place(), building.place()
    building.transition([begin], [one, other])
    building.sequence(one, one_done, 2)
    if depth > 1:
        _region(building, other, other_done, depth - 1)
    else:
        building.sequence(other, other_done, 2)
    region = building.places[inside:]
    running = building.place()
    building.flow[next(k for k, (ins, _) in building.flow.items() if ins == [begin])][1].append(
        running
    )
    building.transition([one_done, other_done, running], [end])
    cancel = building.transition([running], [end])
    building.resets[cancel] = region
