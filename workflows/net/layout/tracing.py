"""The lines of a layered layout, traced through its columns, gutters and lanes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from .graph import Link, LinkKind
from .lanes import Lane
from .plan import Plan
from .ports import Ports
from .route import Head, Route, number, point, polyline
from .stars import star

_HEAD = 7.0
"""Lines end this far before the node; the head bridges the rest."""
_FAR = 1e6


def trace(plan: Plan) -> tuple[Route, ...]:
    """Return a route for every link that runs forward, and for every bundle."""
    ports = _ports(plan)
    routes = [_through_columns(plan, ports, link, way) for link, way in plan.graph.ways]
    for n, bundle in enumerate(plan.bundles):
        if bundle.kind is LinkKind.RESET:
            routes.append(star(plan, ports, n))
        else:
            routes += [
                _around(plan, ports, n, link, turn)
                for link, turn in zip(bundle.links, bundle.spoke_gutters, strict=True)
            ]
    return tuple(routes)


def _ports(plan: Plan) -> Ports:
    ports = Ports(plan.shapes, plan.centres)
    for link, way in plan.graph.ways:
        is_flow = link.kind is not LinkKind.RESET
        ports.add(link.source, _leaving(link, way), plan.y[way[1]], on_right=True, is_main=is_flow)
        ports.add(link.target, way[-2], plan.y[way[-2]], on_right=False, is_main=is_flow)
    for n, (bundle, lane) in enumerate(zip(plan.bundles, plan.lanes, strict=True)):
        for link in bundle.links:
            level = plan.centres[link.source][1] if lane is None else _beyond(lane)
            ports.add(link.source, ("bundle", n), level, on_right=True, is_main=False)
            ports.add(link.target, ("bundle", n), level, on_right=False, is_main=False)
    return ports


def _leaving(link: Link, way: Sequence[int]) -> Hashable:
    """Return the port by which a link leaves; all plain flow shares one."""
    is_plain = link.kind is LinkKind.FLOW and link.weight == 1
    return "flow" if is_plain else (link.kind, way[1])


def _beyond(lane: Lane) -> float:
    return -_FAR if lane.is_above else _FAR


def _through_columns(plan: Plan, ports: Ports, link: Link, way: Sequence[int]) -> Route:
    start = ports.at(link.source, _leaving(link, way), on_right=True)
    end = ports.at(link.target, way[-2], on_right=False)
    tail = _HEAD if link.kind is LinkKind.READ else 0.0
    path = [f"M{point(start[0] + tail, start[1])}"]
    y = start[1]
    label = start
    for left, right in zip(way, way[1:], strict=False):
        x = plan.across.rights[plan.graph.column[left]]
        to_x = plan.across.lefts[plan.graph.column[right]]
        to_y = end[1] if right == way[-1] else plan.y[right]
        path.append(f"H{number(x)}" + _bow(x, y, to_x, to_y))
        if left == way[0]:
            label = ((x + to_x) / 2, (y + to_y) / 2)
        y = to_y
    path.append(f"H{number(end[0] - _HEAD)}")
    return Route(
        links=(link,),
        path="".join(path),
        heads=(Head(end, 0.0),),
        tails=(Head(start, 180.0),) if link.kind is LinkKind.READ else (),
        label=label,
    )


def _bow(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(to_y - y) < 0.5:
        return f"L{point(to_x, to_y)}"
    middle = (x + to_x) / 2
    return f"C{point(middle, y)} {point(middle, to_y)} {point(to_x, to_y)}"


def _around(plan: Plan, ports: Ports, n: int, link: Link, turn: int) -> Route:
    """Return the route of one link that turns into a lane and back."""
    bundle, lane = plan.bundles[n], plan.lanes[n]
    start = ports.at(link.source, ("bundle", n), on_right=True)
    end = ports.at(link.target, ("bundle", n), on_right=False)
    out, back = plan.across.tracks[n, turn], plan.across.tracks[n, bundle.hub_gutter]
    level = end[1] if lane is None else lane.y
    has_tail = link.kind is LinkKind.READ
    corners = [(out, start[1]), (out, level), (back, level), (back, end[1])]
    before_head = (end[0] - _HEAD, end[1])
    return Route(
        links=(link,),
        path=polyline([(start[0] + has_tail * _HEAD, start[1]), *corners, before_head]),
        heads=(Head(end, 0.0),),
        tails=(Head(start, 180.0),) if has_tail else (),
        label=((out + back) / 2, level),
        is_backward=True,
    )
