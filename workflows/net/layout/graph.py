"""What a drawing is made of: boxes to place and links to route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.net.net import Net, Point


class LinkKind(StrEnum):
    FLOW = "flow"
    """Tokens move from the source to the target."""
    READ = "read"
    """The target needs the source's tokens and leaves them: an arrow at both ends."""
    INHIBITOR = "inhibitor"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a box reaches from its centre, in pixels."""

    left: float
    right: float
    up: float
    down: float

    @classmethod
    def of(cls, width: float, height: float) -> Extent:
        return cls(width / 2, width / 2, height / 2, height / 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """A node's box: `core` is where arcs end, `outer` has the caption in it too."""

    core: Extent
    outer: Extent
    is_round: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A line to draw, from one node to another. `bends` are given points on its way."""

    source: str
    target: str
    kind: LinkKind
    weight: int = 1
    bends: tuple[Point, ...] = ()


def links_of(net: Net) -> list[Link]:
    """Return the lines of a net: one for all arcs of a kind between two nodes.

    An input and an output arc of one weight between the same nodes read as one two-headed line.
    """
    bends = {(arc.place, arc.transition, arc.kind.value): arc.bends for arc in net.arcs}
    links: list[Link] = []
    for transition in net.transitions:
        key = transition.key
        inputs, outputs = net.inputs(key), net.outputs(key)
        kept = {place for place, weight in inputs.items() if outputs.get(place) == weight}
        for place, weight in inputs.items():
            kind = LinkKind.READ if place in kept else LinkKind.FLOW
            links.append(Link(place, key, kind, weight, bends.get((place, key, "input"), ())))
        for place, weight in outputs.items():
            if place not in kept:
                way = bends.get((place, key, "output"), ())
                links.append(Link(key, place, LinkKind.FLOW, weight, way))
        links += _looks(net, key, bends)
    return links


def _looks(
    net: Net, transition: str, bends: Mapping[tuple[str, str, str], tuple[Point, ...]]
) -> list[Link]:
    """Return the links of the arcs that neither take a token by its weight nor put one."""
    weighted: tuple[tuple[LinkKind, Mapping[str, int]], ...] = (
        (LinkKind.READ, net.reads(transition)),
        (LinkKind.INHIBITOR, net.inhibitors(transition)),
        (LinkKind.RESET, {p.key: 1 for p in net.places if p.key in net.resets(transition)}),
    )
    return [
        Link(place, transition, kind, weight, bends.get((place, transition, kind.value), ()))
        for kind, weights in weighted
        for place, weight in weights.items()
    ]
