"""The layout of a net whose nodes are placed already: lines run straight, through their bends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import cos, hypot, radians, sin

from workflows.net.net import Net, Point

from .graph import Link, LinkKind, Shape, links_of
from .picture import Layout
from .route import Head, Route, direction, polyline

_MARGIN = 16.0
_BETWEEN_NODES = 14.0
_HEAD = 7.0
_LARGEST_ZOOM = 4.0


def straight(net: Net, shapes: Mapping[str, Shape], given: Mapping[str, Point]) -> Layout | None:
    """Lay the net out as `given`, spread until nothing overlaps; None where that does not help."""
    zoom = _zoom(shapes, given)
    if zoom > _LARGEST_ZOOM:
        return None
    centres = {key: (x * zoom, y * zoom) for key, (x, y) in given.items()}
    links = [_zoomed(link, zoom) for link in links_of(net)]
    xs = [bend[0] for link in links for bend in link.bends]
    ys = [bend[1] for link in links for bend in link.bends]
    for key, (x, y) in centres.items():
        box = shapes[key].outer
        xs += [x - box.left, x + box.right]
        ys += [y - box.up, y + box.down]
    across, down = _MARGIN - min(xs), _MARGIN - min(ys)
    centres = {key: (x + across, y + down) for key, (x, y) in centres.items()}
    routes = tuple(_route(_moved(link, across, down), shapes, centres) for link in links)
    width, height = max(xs) + across + _MARGIN, max(ys) + down + _MARGIN
    return Layout(centres, routes, (), width, height)


def _zoom(shapes: Mapping[str, Shape], given: Mapping[str, Point]) -> float:
    zoom = 1.0
    for one, other in combinations(given, 2):
        across = abs(given[one][0] - given[other][0])
        down = abs(given[one][1] - given[other][1])
        upper, lower = (one, other) if given[one][1] <= given[other][1] else (other, one)
        left, right = (one, other) if given[one][0] <= given[other][0] else (other, one)
        wide = shapes[left].outer.right + shapes[right].outer.left + _BETWEEN_NODES
        high = shapes[upper].outer.down + shapes[lower].outer.up + _BETWEEN_NODES
        needed = min(wide / across if across else 1e9, high / down if down else 1e9)
        zoom = max(zoom, needed)
    return zoom


def _zoomed(link: Link, zoom: float) -> Link:
    bends = tuple((x * zoom, y * zoom) for x, y in link.bends)
    return Link(link.source, link.target, link.kind, link.weight, bends)


def _moved(link: Link, across: float, down: float) -> Link:
    bends = tuple((x + across, y + down) for x, y in link.bends)
    return Link(link.source, link.target, link.kind, link.weight, bends)


def _route(link: Link, shapes: Mapping[str, Shape], centres: Mapping[str, Point]) -> Route:
    points = [centres[link.source], *link.bends, centres[link.target]]
    start = _border(shapes[link.source], points[0], points[1])
    end = _border(shapes[link.target], points[-1], points[-2])
    forth, back = direction(points[-2], points[-1]), direction(points[1], points[0])
    has_tail = link.kind is LinkKind.READ
    line: Sequence[Point] = [
        _step(start, back, -_HEAD) if has_tail else start,
        *link.bends,
        _step(end, forth, -_HEAD),
    ]
    middle = len(points) // 2
    a, b = points[middle - 1], points[middle]
    return Route(
        links=(link,),
        path=polyline(line),
        heads=(Head(end, forth),),
        tails=(Head(start, back),) if has_tail else (),
        label=((a[0] + b[0]) / 2, (a[1] + b[1]) / 2),
    )


def _border(shape: Shape, centre: Point, towards: Point) -> Point:
    """Return where the line from `centre` to `towards` leaves the node."""
    across, down = towards[0] - centre[0], towards[1] - centre[1]
    length = hypot(across, down)
    if not length:
        return centre
    core = shape.core
    if shape.is_round:
        part = core.right / length
    else:
        part = min(
            (core.right if across > 0 else core.left) / abs(across) if across else 1e9,
            (core.down if down > 0 else core.up) / abs(down) if down else 1e9,
        )
    return (centre[0] + across * part, centre[1] + down * part)


def _step(start: Point, angle: float, length: float) -> Point:
    return (start[0] + length * cos(radians(angle)), start[1] + length * sin(radians(angle)))
