"""A net under reduction: places and transitions by number, arcs as sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.net.marking import Marking
from workflows.net.net import Arc, ArcKind, Net, Place, Transition
from workflows.net.structure import sink, source

Macro = tuple["Macro", "Macro"] | int
"""What a transition of the residue stands for: one of the net, or one run after another."""

_WEIGHTED = (ArcKind.INPUT, ArcKind.OUTPUT, ArcKind.READ, ArcKind.INHIBITOR)


class Residue:
    """What is left of a workflow net.

    `inputs` and `outputs` hold the places of each transition that is left, `consumers` and
    `producers` the transitions of each place. A read arc is an input and an output.

    `fixed` transitions have arcs that sets cannot tell (heavier than 1, inhibitor, a read beside
    another arc of the same place): no rule changes them. `kept` places stay: the source, the sink,
    and those at such arcs. A token in a place at an inhibitor arc, in `tested`, disables something,
    so it matters when it comes.

    `regions` numbers the places that are emptied, by the transitions that do it: equal numbers,
    equal transitions. `emptied` has the regions that a transition empties.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        self._numbers = {place.key: n for n, place in enumerate(net.places)}
        self.source, self.sink = self._numbers[source(net)], self._numbers[sink(net)]
        self.kept = {self.source, self.sink}
        self.tested: set[int] = set()
        self.fixed: set[int] = set()
        self.inputs: dict[int, set[int]] = {}
        self.outputs: dict[int, set[int]] = {}
        self.consumers: dict[int, set[int]] = {n: set() for n in range(len(net.places))}
        self.producers: dict[int, set[int]] = {n: set() for n in range(len(net.places))}
        self.macros: dict[int, Macro] = {}
        self.spare: list[Macro] = []
        """What was left out because another stands for it."""
        for n, transition in enumerate(net.transitions):
            self._add(n, *self._ends(n, transition.key))
            self.macros[n] = n
        self.regions, self.emptied = _regions(net, self._numbers)
        self._next = len(net.transitions)

    @property
    def is_atom(self) -> bool:
        """Tell whether one transition is left, which takes the source's token to the sink.

        Exactly this net is sound. With a second place, even one with the same arcs, it is not: that
        place holds no token to begin with.
        """
        ends = [(self.inputs[t], self.outputs[t]) for t in self.inputs]
        is_one = ends == [({self.source}, {self.sink})] and len(self.consumers) == 2
        return is_one and not self.fixed

    def merge(self, first: int, second: int, place: int) -> None:
        """Add the transition that is `first` and at once `second`, by way of `place`."""
        n = self._next
        self._next += 1
        inputs = self.inputs[first] | self.inputs[second]
        outputs = self.outputs[first] | self.outputs[second]
        inputs.discard(place)
        outputs.discard(place)
        self._add(n, inputs, outputs)
        self.macros[n] = (self.macros[first], self.macros[second])
        if self.emptied:
            emptied = self.emptied.get(first, frozenset()) | self.emptied.get(second, frozenset())
            if emptied:
                self.emptied[n] = emptied

    def leave_out(self, transition: int) -> set[int]:
        """Take out a transition for which another stands; return the places around it."""
        self.spare.append(self.macros[transition])
        return self.drop_transition(transition)

    def drop_transition(self, transition: int) -> set[int]:
        """Take a transition out; return the places around it."""
        inputs, outputs = self.inputs.pop(transition), self.outputs.pop(transition)
        del self.macros[transition]
        for place in inputs:
            self.consumers[place].discard(transition)
        for place in outputs:
            self.producers[place].discard(transition)
        return inputs | outputs

    def drop_place(self, place: int) -> set[int]:
        """Take a place out; return the places beside it."""
        beside: set[int] = set()
        for transition in self.consumers.pop(place):
            self.inputs[transition].discard(place)
            beside |= self.inputs[transition]
        for transition in self.producers.pop(place):
            self.outputs[transition].discard(place)
            beside |= self.outputs[transition]
        return beside

    def small_net(self) -> Net:
        """Return the residue as a net, with the case's token in the source."""
        members: dict[int, list[int]] = {}
        for place in self.consumers:
            if place in self.regions:
                members.setdefault(self.regions[place], []).append(place)
        arcs = [arc for t in self.inputs for arc in self._arcs(t)]
        arcs += [
            Arc(f"p{place}", f"t{t}", ArcKind.RESET)
            for t in self.inputs
            for region in self.emptied.get(t, ())
            for place in members.get(region, ())
        ]
        return Net(
            key="residue",
            places=tuple(Place(f"p{place}") for place in self.consumers),
            transitions=tuple(Transition(f"t{t}") for t in self.inputs),
            arcs=tuple(arcs),
            initial=Marking({f"p{self.source}": 1}),
        )

    def expanded(self, run: Iterable[str]) -> tuple[str, ...]:
        """Return the net's own run behind a run of `small_net`."""
        return self.steps(self.macros[int(key[1:])] for key in run)

    def steps(self, macros: Iterable[Macro]) -> tuple[str, ...]:
        """Return the net's own transitions behind these."""
        steps: list[str] = []
        waiting = list(macros)[::-1]
        while waiting:
            macro = waiting.pop()
            if isinstance(macro, int):
                steps.append(self.net.transitions[macro].key)
            else:
                waiting += reversed(macro)
        return tuple(steps)

    def _ends(self, number: int, transition: str) -> tuple[set[int], set[int]]:
        """Return the places that a transition of the net takes from and puts to."""
        net, numbers = self.net, self._numbers
        needs, outputs, reads = (
            net.needs(transition),
            net.outputs(transition),
            net.reads(transition),
        )
        inhibitors = net.inhibitors(transition)
        special = {p for arcs in (needs, outputs) for p, weight in arcs.items() if weight > 1}
        beside = (net.inputs(transition), outputs, net.resets(transition))
        special |= {p for p in reads if any(p in ends for ends in beside)}
        if special or inhibitors:
            self.fixed.add(number)
            self.tested |= {numbers[place] for place in inhibitors}
            self.kept |= {numbers[place] for place in (*special, *inhibitors)}
        taken = {numbers[place] for place in needs}
        return taken, {numbers[place] for place in (*outputs, *reads)}

    def _add(self, transition: int, inputs: set[int], outputs: set[int]) -> None:
        self.inputs[transition], self.outputs[transition] = inputs, outputs
        for place in inputs:
            self.consumers[place].add(transition)
        for place in outputs:
            self.producers[place].add(transition)

    def _arcs(self, transition: int) -> list[Arc]:
        key = f"t{transition}"
        if transition not in self.fixed:
            ends = ((ArcKind.INPUT, self.inputs), (ArcKind.OUTPUT, self.outputs))
            return [Arc(f"p{p}", key, kind) for kind, of in ends for p in of[transition]]
        own, net = self.net.transitions[transition].key, self.net
        weights = (net.inputs(own), net.outputs(own), net.reads(own), net.inhibitors(own))
        return [
            Arc(f"p{self._numbers[place]}", key, kind, weight)
            for kind, ends in zip(_WEIGHTED, weights, strict=True)
            for place, weight in ends.items()
        ]


def _regions(
    net: Net, numbers: Mapping[str, int]
) -> tuple[dict[int, int], dict[int, frozenset[int]]]:
    if not net.has_kind(ArcKind.RESET):
        return {}, {}
    known: dict[tuple[str, ...], int] = {}
    resetters = {place.key: net.resetters(place.key) for place in net.places}
    regions = {p: known.setdefault(by, len(known)) for p, by in resetters.items() if by}
    emptied = {
        n: frozenset(regions[place] for place in net.resets(transition.key))
        for n, transition in enumerate(net.transitions)
        if net.resets(transition.key)
    }
    return {numbers[place]: region for place, region in regions.items()}, emptied
