"""The drawn way of a link: its line, and where its heads stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees, hypot

from workflows.net.net import Point

from .graph import Link

CORNER = 10.0
"""Radius of a rounded corner, in pixels."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a line meets its node, and where it then points (degrees, 0 is to the right)."""

    at: Point
    angle: float


@dataclass(frozen=True, slots=True)
class Route:
    """How to draw one link, or several that share a line. `path` is SVG path data."""

    links: tuple[Link, ...]
    path: str
    heads: tuple[Head, ...]
    tails: tuple[Head, ...]
    label: Point
    is_backward: bool = False


def number(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def point(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def polyline(points: Sequence[Point]) -> str:
    """Return path data of straight lines with rounded corners."""
    points = _without_repeats(points)
    parts = [f"M{point(*points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, reach), _towards(corner, after, reach)
        parts.append(f"L{point(*start)}Q{point(*corner)} {point(*end)}")
    parts.append(f"L{point(*points[-1])}")
    return "".join(parts)


def direction(start: Point, end: Point) -> float:
    """Return the angle of the line from `start` to `end` in degrees."""
    return degrees(atan2(end[1] - start[1], end[0] - start[0]))


def _without_repeats(points: Sequence[Point]) -> list[Point]:
    kept = [points[0]]
    for candidate in points[1:]:
        if _distance(kept[-1], candidate) > 0.05:
            kept.append(candidate)
    return kept if len(kept) > 1 else [points[0], points[-1]]


def _distance(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = _distance(start, end) or 1.0
    return (
        start[0] + (end[0] - start[0]) * length / whole,
        start[1] + (end[1] - start[1]) * length / whole,
    )
