"""Where the nodes of a net stand and how its arcs run: left to right, the same every time."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.net.net import Net

from .graph import Extent, Link, LinkKind, Shape
from .layered import layered
from .picture import Frame, Layout
from .route import Head, Route
from .straight import straight

__all__ = [
    "Extent",
    "Frame",
    "Head",
    "Layout",
    "Link",
    "LinkKind",
    "Route",
    "Shape",
    "layout",
]

_MOST_NODES_PLACED_BY_HAND = 600
"""Beyond, looking for overlaps among given positions takes too long."""


def layout(
    net: Net,
    *,
    shapes: Mapping[str, Shape] | None = None,
    tasks: Mapping[str, str] | None = None,
) -> Layout:
    """Return where everything stands.

    The nodes' own positions are taken where all of them have one. Else flow runs from left to right
    and the transitions that `tasks` gives the same label stand in a common frame. `shapes` tells
    how large each node is; without it places and transitions measure 40 pixels.
    """
    sizes = shapes if shapes is not None else _usual_shapes(net)
    positions = [(place.key, place.position) for place in net.places]
    positions += [(transition.key, transition.position) for transition in net.transitions]
    placed = {key: position for key, position in positions if position is not None}
    if placed and len(placed) == len(positions) <= _MOST_NODES_PLACED_BY_HAND:
        as_given = straight(net, sizes, placed)
        if as_given is not None:
            return as_given
    return layered(net, sizes, tasks or {})


def _usual_shapes(net: Net) -> dict[str, Shape]:
    box = Extent.of(40.0, 40.0)
    shapes = {place.key: Shape(box, box, is_round=True) for place in net.places}
    return shapes | {transition.key: Shape(box, box) for transition in net.transitions}
