"""The layered layout: columns from left to right, few crossings, long lines straight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflows.net.net import Net, Point

from .chains import Chains, Groups, chains, groups_of
from .columns import Columns, columns
from .coordinates import Distance, heights
from .graph import Extent, Shape, links_of
from .lanes import Bundle, Lane, Skyline, bundles
from .layering import columns_of
from .ordering import order
from .picture import FRAME_LINE, Frame, Layout, frame_label, frame_width
from .plan import Plan
from .tracing import trace

MARGIN = 16.0
FRAME_PADDING = 10.0
FRAME_HEADER = 15.0
"""Above and below the lines of the label; the sign of the box below reaches up into it."""

_BETWEEN_NODES = 24.0
_BETWEEN_FRAMES = 20.0
_IN_FRAME = 10.0
_BESIDE_LINE = 16.0
_NO_EXTENT = Extent(0.0, 0.0, 0.0, 0.0)


def layered(net: Net, shapes: Mapping[str, Shape], tasks: Mapping[str, str]) -> Layout:
    """Lay the net out; the transitions of one task stand together, in a frame."""
    links = links_of(net)
    column = columns_of(net, links)
    packs, direct = bundles(column, links)
    graph = chains(column, direct)
    groups = groups_of(graph, tasks)
    before, after = graph.neighbours()
    ordered = order(graph.columns(), before, after, groups.number)
    extents = _extents(graph, shapes, ordered, groups)

    def distance(upper: int, lower: int) -> float:
        gap = _gap(graph, groups, upper, lower)
        return extents[upper].down + gap + extents[lower].up

    y = heights(ordered, before, after, graph.is_dummy(), distance)
    for members in groups.members.values():
        stacked = [n for n in ordered[graph.column[members[0]]] if n in members]
        near = [left + right for left, right in zip(before, after, strict=True)]
        y |= _closed_up(stacked, y, near, distance)
    y, lanes, height = _with_lanes(graph, ordered, extents, y, packs)
    across = columns(
        [
            (max(extents[n].left for n in column), max(extents[n].right for n in column))
            for column in ordered
        ],
        _steepness(graph, y, len(ordered)),
        packs,
        MARGIN,
    )
    centres = _centres(graph, extents, ordered, across, y)
    plan = Plan(graph, y, across, packs, lanes, shapes, centres)
    frames = _frames(graph, extents, groups, centres)
    return Layout(centres, trace(plan), frames, across.width, height)


def _extents(
    graph: Chains, shapes: Mapping[str, Shape], ordered: Sequence[Sequence[int]], groups: Groups
) -> list[Extent]:
    """Return what each node takes up: its box, and its share of the frame around it."""
    extents = [shapes[key].outer for key in graph.keys]
    extents += [_NO_EXTENT] * (graph.size - len(extents))
    for column in ordered:
        for number in dict.fromkeys(groups.number[n] for n in column):
            if number not in groups.label:
                continue
            members = [n for n in column if groups.number[n] == number]
            for node in members:
                box = extents[node]
                lines = frame_label(groups.label[number])
                half = frame_width(lines) / 2
                header = FRAME_HEADER + FRAME_LINE * len(lines)
                extents[node] = Extent(
                    max(half, box.left + FRAME_PADDING),
                    max(half, box.right + FRAME_PADDING),
                    box.up + (header if node == members[0] else 0.0),
                    box.down + (FRAME_PADDING if node == members[-1] else 0.0),
                )
    return extents


def _gap(graph: Chains, groups: Groups, upper: int, lower: int) -> float:
    if max(upper, lower) >= len(graph.keys):
        return _BESIDE_LINE
    if groups.number[upper] == groups.number[lower]:
        return _IN_FRAME
    is_framed = groups.number[upper] in groups.label or groups.number[lower] in groups.label
    return _BETWEEN_FRAMES if is_framed else _BETWEEN_NODES


def _closed_up(
    members: Sequence[int],
    y: Mapping[int, float],
    near: Sequence[Sequence[int]],
    distance: Distance,
) -> dict[int, float]:
    """Return the heights of a frame's members with no gap between them, within the room they had.

    If it can be, they stand level with a neighbour in another column, so that a line runs straight.
    """
    steps = [0.0]
    for upper, lower in zip(members, members[1:], strict=False):
        steps.append(steps[-1] + distance(upper, lower))
    first, last = y[members[0]], y[members[-1]] - steps[-1]
    middle = (first + last) / 2
    level = [y[other] - step for n, step in zip(members, steps, strict=True) for other in near[n]]
    straight = [start for start in level if first <= start <= last]
    start = min(
        straight, key=lambda start: (-straight.count(start), abs(start - middle)), default=middle
    )
    return {n: start + step for n, step in zip(members, steps, strict=True)}


def _with_lanes(
    graph: Chains,
    ordered: Sequence[Sequence[int]],
    extents: Sequence[Extent],
    y: Mapping[int, float],
    packs: Sequence[Bundle],
) -> tuple[dict[int, float], list[Lane | None], float]:
    """Return the heights, moved to fit under the margin, the lanes, and the whole height."""
    number = {key: n for n, key in enumerate(graph.keys)}
    if not ordered:
        return {}, [], 2 * MARGIN
    tops = [min(y[n] - extents[n].up for n in column) for column in ordered]
    bottoms = [max(y[n] + extents[n].down for n in column) for column in ordered]
    skyline = Skyline(tops, bottoms)
    lanes: list[Lane | None] = []
    for pack in packs:
        ends = [y[number[key]] for key in (pack.hub, *map(pack.spoke, pack.links))]
        lanes.append(skyline.take(pack.gutters, ends) if pack.needs_lane else None)
    down = MARGIN - skyline.top
    return (
        {node: level + down for node, level in y.items()},
        [lane and Lane(lane.y + down, lane.is_above) for lane in lanes],
        skyline.bottom + down + MARGIN,
    )


def _steepness(graph: Chains, y: Mapping[int, float], count: int) -> list[float]:
    """Return how far up or down a line runs at most behind each column."""
    steepest = [0.0] * count
    for _, way in graph.ways:
        for left, right in zip(way, way[1:], strict=False):
            column = graph.column[left]
            steepest[column] = max(steepest[column], abs(y[left] - y[right]))
    return steepest


def _centres(
    graph: Chains,
    extents: Sequence[Extent],
    ordered: Sequence[Sequence[int]],
    across: Columns,
    y: Mapping[int, float],
) -> dict[str, Point]:
    middle = [
        across.lefts[n] + max(extents[node].left for node in column)
        for n, column in enumerate(ordered)
    ]
    return {key: (middle[graph.column[n]], y[n]) for n, key in enumerate(graph.keys)}


def _frames(
    graph: Chains, extents: Sequence[Extent], groups: Groups, centres: Mapping[str, Point]
) -> tuple[Frame, ...]:
    frames = []
    for number, label in groups.label.items():
        members = groups.members[number]
        left = min(centres[graph.keys[n]][0] - extents[n].left for n in members)
        right = max(centres[graph.keys[n]][0] + extents[n].right for n in members)
        top = min(centres[graph.keys[n]][1] - extents[n].up for n in members)
        bottom = max(centres[graph.keys[n]][1] + extents[n].down for n in members)
        keys = tuple(graph.keys[n] for n in members)
        frames.append(Frame(frame_label(label), keys, left, top, right - left, bottom - top))
    return tuple(frames)
