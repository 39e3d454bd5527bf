"""Bundles of reset links, drawn as one line from or to their hub that branches off to the others.

The line is dashed, so no stretch of it may be drawn twice: dashes over dashes would fill the gaps.
"""

from __future__ import annotations

from collections.abc import Iterable

from workflows.net.net import Point

from .lanes import Bundle
from .plan import Plan
from .ports import Ports
from .route import CORNER, Head, Route, polyline

_HEADS = 14.0
"""The line ends this far before a node that it points to, for a double head."""


def star(plan: Plan, ports: Ports, n: int) -> Route:
    """Return the route of bundle number `n`."""
    bundle, lane = plan.bundles[n], plan.lanes[n]
    hub = _end(ports, n, bundle, bundle.hub, is_hub=True)
    tips = {link: _end(ports, n, bundle, bundle.spoke(link), is_hub=False) for link in bundle.links}
    at_gutter: dict[int, list[Point]] = {}
    for link, gutter in zip(bundle.links, bundle.spoke_gutters, strict=True):
        at_gutter.setdefault(gutter, []).append(tips[link])
    x = plan.across.tracks[n, bundle.hub_gutter]
    level = hub[1] if lane is None else lane.y
    parts: list[str] = []
    drawn: set[bool] = set()
    furthest_first = sorted(at_gutter, key=lambda gutter: -abs(gutter - bundle.hub_gutter))
    for gutter in furthest_first:
        turn = plan.across.tracks[n, gutter]
        if gutter == bundle.hub_gutter:
            parts += _beside_hub(at_gutter[gutter], x, level, hub, is_first=not drawn)
            continue
        is_left = turn < x
        if is_left not in drawn:
            # The first on a side runs to the hub, the first of all up to the hub's node itself.
            along = [(turn, level), (x, level), (x, hub[1]), *([] if drawn else [hub])]
            drawn.add(is_left)
        else:
            along = [(turn, level), (turn + (CORNER if is_left else -CORNER), level)]
        parts += _branches(at_gutter[gutter], turn, level, along)
    ends = [hub] if not bundle.fans_out else list(tips.values())
    return Route(
        links=bundle.links,
        path="".join(parts),
        heads=tuple(Head((px + _HEADS, py), 0.0) for px, py in dict.fromkeys(ends)),
        tails=(),
        label=(x, level),
        is_backward=True,
    )


def _end(ports: Ports, n: int, bundle: Bundle, node: str, *, is_hub: bool) -> Point:
    """Return where the line ends at a node: at its border, or before it if it has a head there."""
    on_right = bundle.fans_out == is_hub
    x, y = ports.at(node, ("bundle", n), on_right=on_right)
    return (x, y) if on_right else (x - _HEADS, y)


def _branches(tips: Iterable[Point], x: float, level: float, along: list[Point]) -> list[str]:
    """Return the lines from the nodes at a gutter to the lane; the furthest goes on `along` it."""
    parts = []
    goes_on = True
    for tip in sorted(tips, key=lambda tip: -abs(tip[1] - level)):
        if goes_on:
            parts.append(polyline([tip, (x, tip[1]), *along]))
            goes_on = False
        else:
            towards = CORNER if level > tip[1] else -CORNER
            parts.append(polyline([tip, (x, tip[1]), (x, tip[1] + towards)]))
    return parts


def _beside_hub(
    tips: Iterable[Point], x: float, level: float, hub: Point, *, is_first: bool
) -> list[str]:
    """Return the lines from nodes at the hub's own gutter, which need no lane."""
    parts = []
    for tip in tips:
        low, high = sorted((level, hub[1]))
        if is_first:
            parts.append(polyline([tip, (x, tip[1]), (x, hub[1]), hub]))
            is_first = False
        elif low <= tip[1] <= high:
            towards = CORNER if hub[1] > tip[1] else -CORNER
            parts.append(polyline([tip, (x, tip[1]), (x, tip[1] + towards)]))
        else:
            parts.append(polyline([tip, (x, tip[1]), (x, low if tip[1] < low else high)]))
    return parts
