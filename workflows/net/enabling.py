"""Which transitions may fire, and why the others may not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .net import ArcKind, Net


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why a transition may not fire.

    `needed` is the arc's weight: the tokens that must be there, or, of an inhibitor arc, the
    number that must not be reached. `present` is what the place holds.
    """

    place: str
    kind: ArcKind
    needed: int
    present: int

    @property
    def short_by(self) -> int:
        """How many tokens are missing; 0 where there are too many."""
        return max(0, self.needed - self.present) if self.kind is not ArcKind.INHIBITOR else 0

    def __str__(self) -> str:
        if self.kind is ArcKind.INHIBITOR:
            return f"{self.place} (must hold fewer than {self.needed}, holds {self.present})"
        return f"{self.place} (short by {self.short_by})"


def blockers(net: Net, marking: Mapping[str, int], transition: str) -> tuple[Blocker, ...]:
    """Return every reason why `transition` may not fire now; nothing where it may.

    Raises:
        UnknownNode: the net has no such transition.
    """
    found = [
        Blocker(place, kind, weight, marking.get(place, 0))
        for kind, weights in (
            (ArcKind.INPUT, net.inputs(transition)),
            (ArcKind.READ, net.reads(transition)),
        )
        for place, weight in weights.items()
        if marking.get(place, 0) < weight
    ]
    found += [
        Blocker(place, ArcKind.INHIBITOR, weight, marking.get(place, 0))
        for place, weight in net.inhibitors(transition).items()
        if marking.get(place, 0) >= weight
    ]
    return tuple(found)


def is_enabled(net: Net, marking: Mapping[str, int], transition: str) -> bool:
    """Tell whether `transition` may fire now.

    Raises:
        UnknownNode: the net has no such transition.
    """
    present = marking.get
    for place, weight in net.needs(transition).items():
        if present(place, 0) < weight:
            return False
    # Most transitions have none: asking for them costs as much as looking at a place.
    inhibitors = net.inhibitors(transition)
    return not inhibitors or all(present(p, 0) < weight for p, weight in inhibitors.items())


def enabled_transitions(net: Net, marking: Mapping[str, int]) -> list[str]:
    """Return the transitions that may fire now, in the net's order."""
    return [t.key for t in net.transitions if is_enabled(net, marking, t.key)]


def enabled_after(
    net: Net, marking: Mapping[str, int], *, before: Collection[str], changed: Iterable[str]
) -> set[str]:
    """Return the transitions that may fire now, from those that could `before` the tokens of the
    `changed` places changed.

    Looks at the transitions next to these places only.
    """
    near = {transition for place in changed for transition in net.observers(place)}
    return set(before) - near | {t for t in near if is_enabled(net, marking, t)}
