"""Workflow nets made small without changing whether they are sound.

A workflow net with plain arcs is sound exactly if its closure, in which a transition leads from
the sink back to the source, is live and bounded (van der Aalst). The rules below keep both
properties, in either direction (Berthelot, Murata):

* a place is left out if whatever puts a token there can be fired together with whatever takes it
  (post- and pre-agglomeration);
* of places with the same arcs one is enough, and so it is of transitions;
* a transition that only takes a token and puts it back is left out if another takes it too.

Every transition that remains stands for a run of the net's own.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from .marking import Marking
from .net import Arc, ArcKind, Net, Place, Transition
from .structure import sink, source

_CLOSURE = "\0again"
"""The key of the transition from sink to source; no key of a file or flow looks like it."""

_ROUNDS_BETWEEN_LOOKS_AT_THE_CLOCK = 64

Macro = tuple["Macro", "Macro"] | str
"""What a transition of the residue stands for: a transition, or one run after another."""


@dataclass(slots=True)
class Residue:
    """What is left of a net's closure. Places and transitions are known by the net's keys."""

    source: str
    inputs: dict[str, frozenset[str]]
    outputs: dict[str, frozenset[str]]
    macros: dict[str, Macro]
    """With `_CLOSURE` where a case ends."""
    consumers: dict[str, set[str]] = field(default_factory=dict)
    producers: dict[str, set[str]] = field(default_factory=dict)
    names: Iterator[str] = field(default_factory=lambda: map("\0{}".format, count()))
    """For new transitions."""

    @property
    def is_atom(self) -> bool:
        """Tell whether one transition is left that takes the source's token and puts it back.

        Exactly this is live and bounded. A second place, even one with the same arcs, is not: it
        holds no token to begin with.
        """
        only = frozenset([self.source])
        ends = [(self.inputs[t], self.outputs[t]) for t in self.inputs]
        return ends == [(only, only)] and set(self.consumers) == {self.source}

    def net(self) -> Net:
        """Return the residue as a net, with the case's token in the source."""
        arcs = [
            Arc(place, transition, kind)
            for kind, ends in ((ArcKind.INPUT, self.inputs), (ArcKind.OUTPUT, self.outputs))
            for transition, places in ends.items()
            for place in sorted(places)
        ]
        return Net(
            key="residue",
            places=tuple(map(Place, sorted(self.consumers))),
            transitions=tuple(map(Transition, self.inputs)),
            arcs=tuple(arcs),
            initial=Marking({self.source: 1}),
        )

    def expanded(self, run: Iterable[str]) -> tuple[str, ...]:
        """Return the net's own run behind a run of the residue, up to the end of the first case."""
        steps: list[str] = []
        waiting: list[Macro] = [self.macros[transition] for transition in run][::-1]
        while waiting:
            macro = waiting.pop()
            if macro == _CLOSURE:
                break
            if isinstance(macro, str):
                steps.append(macro)
            else:
                waiting += reversed(macro)
        return tuple(steps)


def is_reducible(net: Net) -> bool:
    """Tell whether the rules apply: all arcs weigh 1, and none resets or inhibits."""
    if net.has_kind(ArcKind.RESET, ArcKind.INHIBITOR):
        return False
    for transition in (t.key for t in net.transitions):
        inputs, outputs = net.inputs(transition), net.outputs(transition)
        weights = (*net.needs(transition).values(), *outputs.values())
        # To read a token and put another beside it comes to an output arc of weight 2.
        is_doubled = any(p in outputs and p not in inputs for p in net.reads(transition))
        if is_doubled or any(weight > 1 for weight in weights):
            return False
    return True


def reduce(net: Net, deadline: float) -> Residue | None:
    """Return the residue of a workflow net for which `is_reducible` holds.

    None if it is not there by `deadline`, a value of `time.monotonic()`.
    """
    residue = _closure(net)
    places = dict.fromkeys(place.key for place in net.places)
    for rounds in count():
        if not places:
            break
        if not rounds % _ROUNDS_BETWEEN_LOOKS_AT_THE_CLOCK and time.monotonic() > deadline:
            return None
        place = next(iter(places))
        del places[place]
        if place in residue.consumers:
            places |= dict.fromkeys(_simplify(residue, place))
    return residue


def _closure(net: Net) -> Residue:
    inputs = {t.key: frozenset(net.needs(t.key)) for t in net.transitions}
    # A read arc takes its token and puts it back.
    outputs = {
        t.key: frozenset(net.outputs(t.key)) | (net.reads(t.key).keys() - net.inputs(t.key).keys())
        for t in net.transitions
    }
    macros: dict[str, Macro] = {t.key: t.key for t in net.transitions}
    inputs[_CLOSURE], outputs[_CLOSURE] = frozenset([sink(net)]), frozenset([source(net)])
    macros[_CLOSURE] = _CLOSURE
    residue = Residue(source(net), inputs, outputs, macros)
    for ends, sides in ((inputs, residue.consumers), (outputs, residue.producers)):
        sides.update({place.key: set() for place in net.places})
        for transition, places in ends.items():
            for place in places:
                sides[place].add(transition)
    return residue


def _simplify(residue: Residue, place: str) -> Iterator[str]:
    """Apply rules at one place; yield the places around which others may apply now."""
    yield from _drop_twins_and_loops(residue, place)
    if place == residue.source:
        return
    twin = _twin_place(residue, place)
    if twin is not None:
        yield from _drop_place(residue, place)
        yield twin
    elif _fits_after(residue, place) or _fits_before(residue, place):
        yield from _agglomerate(residue, place)


def _drop_twins_and_loops(residue: Residue, place: str) -> Iterator[str]:
    """Drop transitions that repeat another, or that only put a token back."""
    seen: set[tuple[frozenset[str], frozenset[str]]] = set()
    only = frozenset([place])
    for transition in sorted(residue.consumers[place]):
        ends = (residue.inputs[transition], residue.outputs[transition])
        is_loop = ends == (only, only) and len(residue.consumers[place]) > 1
        if ends in seen or is_loop:
            yield from _drop_transition(residue, transition)
        seen.add(ends)


def _twin_place(residue: Residue, place: str) -> str | None:
    """Return another place with the same arcs; never the source, which is marked differently."""
    consumers, producers = residue.consumers[place], residue.producers[place]
    for transition in consumers:
        for other in residue.inputs[transition]:
            if (
                other not in (place, residue.source)
                and residue.consumers[other] == consumers
                and residue.producers[other] == producers
            ):
                return other
        break
    return None


def _fits_after(residue: Residue, place: str) -> bool:
    """Tell whether each consumer needs nothing else, so that it can fire right after a producer."""
    consumers, producers = residue.consumers[place], residue.producers[place]
    return (
        _may_join(residue, place)
        and all(residue.inputs[consumer] == {place} for consumer in consumers)
        and all(
            residue.outputs[producer].isdisjoint(residue.outputs[consumer])
            for producer in producers
            for consumer in consumers
        )
    )


def _fits_before(residue: Residue, place: str) -> bool:
    """Tell whether the one producer puts nothing else and robs nobody, so that it can wait."""
    producers = residue.producers[place]
    if len(producers) != 1 or not _may_join(residue, place):
        return False
    (producer,) = producers
    inputs = residue.inputs[producer]
    return (
        residue.outputs[producer] == {place}
        and residue.source not in inputs
        and all(residue.consumers[before] == producers for before in inputs)
        and all(
            residue.inputs[consumer].isdisjoint(inputs) for consumer in residue.consumers[place]
        )
    )


def _may_join(residue: Residue, place: str) -> bool:
    consumers, producers = residue.consumers[place], residue.producers[place]
    many, few = len(consumers) * len(producers), len(consumers) + len(producers)
    return (
        bool(consumers)
        and bool(producers)
        and consumers.isdisjoint(producers)
        and many <= few
        and all(residue.outputs[consumer] for consumer in consumers)
    )


def _agglomerate(residue: Residue, place: str) -> Iterator[str]:
    """Replace producers and consumers of a place by their pairs, and drop the place."""
    only = frozenset([place])
    consumers = sorted(residue.consumers[place])
    producers = sorted(residue.producers[place])
    pairs = [
        (
            next(residue.names),
            residue.inputs[first] | (residue.inputs[second] - only),
            (residue.outputs[first] - only) | residue.outputs[second],
            (residue.macros[first], residue.macros[second]),
        )
        for first in producers
        for second in consumers
    ]
    for transition in (*producers, *consumers):
        yield from _drop_transition(residue, transition)
    del residue.consumers[place], residue.producers[place]
    for key, inputs, outputs, macro in pairs:
        residue.inputs[key], residue.outputs[key] = inputs, outputs
        residue.macros[key] = macro
        for before in inputs:
            residue.consumers[before].add(key)
        for after in outputs:
            residue.producers[after].add(key)
        yield from inputs
        yield from outputs


def _drop_transition(residue: Residue, transition: str) -> Iterator[str]:
    inputs, outputs = residue.inputs.pop(transition), residue.outputs.pop(transition)
    del residue.macros[transition]
    for place in inputs:
        residue.consumers[place].discard(transition)
    for place in outputs:
        residue.producers[place].discard(transition)
    yield from inputs
    yield from outputs


def _drop_place(residue: Residue, place: str) -> Iterator[str]:
    only = frozenset([place])
    for transition in residue.consumers.pop(place):
        residue.inputs[transition] -= only
        yield from residue.inputs[transition]
    for transition in residue.producers.pop(place):
        residue.outputs[transition] -= only
        yield from residue.outputs[transition]
