"""Place/transition nets with weighted, read, inhibitor and reset arcs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from .errors import NetError, UnknownNode
from .marking import Marking

Point = tuple[float, float]
"""x to the right and y downwards, in pixels."""


class ArcKind(StrEnum):
    """What an arc asks of its place, or does to it."""

    INPUT = "input"
    """Needs `weight` tokens and takes them."""
    OUTPUT = "output"
    """Puts `weight` tokens."""
    READ = "read"
    """Needs `weight` tokens and leaves them."""
    INHIBITOR = "inhibitor"
    """Needs fewer than `weight` tokens."""
    RESET = "reset"
    """Takes whatever is there, and asks for nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    key: str
    title: str = ""
    position: Point | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    key: str
    title: str = ""
    position: Point | None = None


@dataclass(frozen=True, slots=True)
class Arc:
    """An arc between a place and a transition; `bends` are points of its drawn line, if given."""

    place: str
    transition: str
    kind: ArcKind
    weight: int = 1
    bends: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The arcs of one transition, by kind."""

    inputs: Mapping[str, int]
    outputs: Mapping[str, int]
    reads: Mapping[str, int]
    inhibitors: Mapping[str, int]
    resets: frozenset[str]
    needs: Mapping[str, int]


@dataclass(frozen=True)
class Net:
    """A net. It cannot be changed, and compares by what it consists of.

    Several arcs of one kind between the same two nodes count as one: input and output arcs add
    their weights, of read arcs the heaviest and of inhibitor arcs the lightest holds.

    Raises:
        NetError: two nodes share a key, an arc names an unknown node or weighs less than 1,
            or the initial marking names an unknown place.
    """

    key: str
    places: tuple[Place, ...]
    transitions: tuple[Transition, ...]
    arcs: tuple[Arc, ...]
    initial: Marking | None = None
    _places: Mapping[str, Place] = field(init=False, repr=False, compare=False)
    _transitions: Mapping[str, Transition] = field(init=False, repr=False, compare=False)
    _around: Mapping[str, _Surroundings] = field(init=False, repr=False, compare=False)
    _touching: Mapping[ArcKind, Mapping[str, tuple[str, ...]]] = field(
        init=False, repr=False, compare=False
    )
    _observers: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _needing: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("places", "transitions", "arcs"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.initial is not None and not isinstance(self.initial, Marking):
            object.__setattr__(self, "initial", Marking(self.initial))
        object.__setattr__(self, "_places", {place.key: place for place in self.places})
        object.__setattr__(self, "_transitions", {t.key: t for t in self.transitions})
        self._validate()
        object.__setattr__(self, "_around", _around_transitions(self.transitions, self.arcs))
        object.__setattr__(self, "_touching", _touching_places(self.arcs))
        needs = {key: arcs.needs for key, arcs in self._around.items()}
        looks = {key: (*arcs.needs, *arcs.inhibitors) for key, arcs in self._around.items()}
        object.__setattr__(self, "_needing", _reversed(needs))
        object.__setattr__(self, "_observers", _reversed(looks))

    def __reduce__(self) -> tuple[type[Net], tuple[object, ...]]:
        # The look-ups are read-only views, which cannot be pickled or copied; they are made anew.
        return Net, (self.key, self.places, self.transitions, self.arcs, self.initial)

    def inputs(self, transition: str) -> Mapping[str, int]:
        """Return place -> weight of the input arcs."""
        return self._surroundings(transition).inputs

    def outputs(self, transition: str) -> Mapping[str, int]:
        """Return place -> weight of the output arcs."""
        return self._surroundings(transition).outputs

    def reads(self, transition: str) -> Mapping[str, int]:
        """Return place -> weight of the read arcs."""
        return self._surroundings(transition).reads

    def inhibitors(self, transition: str) -> Mapping[str, int]:
        """Return place -> weight of the inhibitor arcs."""
        return self._surroundings(transition).inhibitors

    def needs(self, transition: str) -> Mapping[str, int]:
        """Return place -> tokens that must be there, to be taken or only read."""
        return self._surroundings(transition).needs

    def resets(self, transition: str) -> frozenset[str]:
        """Return the places that the transition empties."""
        return self._surroundings(transition).resets

    def consumers(self, place: str) -> tuple[str, ...]:
        """Return the transitions that take tokens by an input arc, in the net's order."""
        return self._by_kind(ArcKind.INPUT, place)

    def producers(self, place: str) -> tuple[str, ...]:
        """Return the transitions that put tokens there, in the net's order."""
        return self._by_kind(ArcKind.OUTPUT, place)

    def readers(self, place: str) -> tuple[str, ...]:
        """Return the transitions that look at the place by a read arc."""
        return self._by_kind(ArcKind.READ, place)

    def inhibited(self, place: str) -> tuple[str, ...]:
        """Return the transitions that tokens in the place can hold back."""
        return self._by_kind(ArcKind.INHIBITOR, place)

    def resetters(self, place: str) -> tuple[str, ...]:
        """Return the transitions that empty the place."""
        return self._by_kind(ArcKind.RESET, place)

    def needing(self, place: str) -> tuple[str, ...]:
        """Return the transitions that cannot fire while the place is empty."""
        return self._needing.get(self.place(place).key, ())

    def observers(self, place: str) -> tuple[str, ...]:
        """Return the transitions to look at again when the place's tokens change."""
        return self._observers.get(self.place(place).key, ())

    def place(self, key: str) -> Place:
        """Return the place.

        Raises:
            UnknownNode: the net has no such place.
        """
        try:
            return self._places[key]
        except KeyError:
            raise UnknownNode("place", key, self.key) from None

    def transition(self, key: str) -> Transition:
        """Return the transition.

        Raises:
            UnknownNode: the net has no such transition.
        """
        try:
            return self._transitions[key]
        except KeyError:
            raise UnknownNode("transition", key, self.key) from None

    def has_place(self, key: str) -> bool:
        return key in self._places

    def has_transition(self, key: str) -> bool:
        return key in self._transitions

    def title(self, key: str) -> str:
        """Return what a person should read for this node: its title, else its key."""
        node = self._places.get(key) or self._transitions.get(key)
        return (node.title if node else "") or key

    def has_kind(self, *kinds: ArcKind) -> bool:
        """Tell whether the net has an arc of one of these kinds."""
        return any(self._touching.get(kind) for kind in kinds)

    def _surroundings(self, transition: str) -> _Surroundings:
        try:
            return self._around[transition]
        except KeyError:
            raise UnknownNode("transition", transition, self.key) from None

    def _by_kind(self, kind: ArcKind, place: str) -> tuple[str, ...]:
        if place not in self._places:
            raise UnknownNode("place", place, self.key)
        return self._touching.get(kind, {}).get(place, ())

    def _validate(self) -> None:
        keys = [place.key for place in self.places] + [t.key for t in self.transitions]
        seen: set[str] = set()
        for key in keys:
            if not key:
                raise NetError(f"A place or transition of the net {self.key!r} has no key.")
            if key in seen:
                raise NetError(f"Two nodes of the net {self.key!r} share the key {key!r}.")
            seen.add(key)
        for arc in self.arcs:
            self._validate_arc(arc)
        for place in self.initial or ():
            self.place(place)

    def _validate_arc(self, arc: Arc) -> None:
        self.place(arc.place)
        self.transition(arc.transition)
        if arc.weight < 1:
            raise NetError(
                f"The {arc.kind} arc between {arc.place!r} and {arc.transition!r} weighs "
                f"{arc.weight}; the least is 1."
            )


def _around_transitions(
    transitions: Iterable[Transition], arcs: Iterable[Arc]
) -> dict[str, _Surroundings]:
    by_kind: dict[str, dict[ArcKind, dict[str, int]]] = {t.key: {} for t in transitions}
    for arc in arcs:
        weights = by_kind[arc.transition].setdefault(arc.kind, {})
        present = weights.get(arc.place)
        weights[arc.place] = arc.weight if present is None else _joined(arc, present)
    return {key: _surroundings(kinds) for key, kinds in by_kind.items()}


def _surroundings(kinds: Mapping[ArcKind, dict[str, int]]) -> _Surroundings:
    inputs, reads = kinds.get(ArcKind.INPUT, {}), kinds.get(ArcKind.READ, {})
    needs = {p: max(inputs.get(p, 0), reads.get(p, 0)) for p in (*inputs, *reads)}
    return _Surroundings(
        inputs=MappingProxyType(inputs),
        outputs=MappingProxyType(kinds.get(ArcKind.OUTPUT, {})),
        reads=MappingProxyType(reads),
        inhibitors=MappingProxyType(kinds.get(ArcKind.INHIBITOR, {})),
        resets=frozenset(kinds.get(ArcKind.RESET, {})),
        needs=MappingProxyType(needs),
    )


def _joined(arc: Arc, present: int) -> int:
    """Return the weight of two arcs of one kind between the same nodes."""
    if arc.kind is ArcKind.READ:
        return max(present, arc.weight)
    if arc.kind is ArcKind.INHIBITOR:
        return min(present, arc.weight)
    return present + arc.weight


def _touching_places(arcs: Iterable[Arc]) -> dict[ArcKind, dict[str, tuple[str, ...]]]:
    found: dict[ArcKind, dict[str, dict[str, None]]] = {}
    for arc in arcs:
        found.setdefault(arc.kind, {}).setdefault(arc.place, {})[arc.transition] = None
    return {
        kind: {place: tuple(transitions) for place, transitions in places.items()}
        for kind, places in found.items()
    }


def _reversed(places: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return place -> transitions of a mapping from transitions to places."""
    found: dict[str, dict[str, None]] = {}
    for transition, near in places.items():
        for place in near:
            found.setdefault(place, {})[transition] = None
    return {place: tuple(keys) for place, keys in found.items()}
