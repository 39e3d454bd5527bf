"""Ports: where along a node's side each line meets it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.net.net import Point

from .graph import Shape

_APART = 10.0
_ALIGNED = 1.0
"""A line that comes this level meets the middle of its node, and stays straight."""


@dataclass(slots=True)
class Ports:
    """Collects the lines at each side of each node, then spreads them in order of their heights.

    A side is a pair (node, is right side); a line is any key, the same for those that share a port.
    """

    shapes: Mapping[str, Shape]
    centres: Mapping[str, Point]
    _side_lines: set[Hashable] = field(default_factory=set)
    _comings: dict[tuple[str, bool], dict[Hashable, list[float]]] = field(default_factory=dict)

    def add(
        self, node: str, line: Hashable, height: float, *, on_right: bool, is_main: bool
    ) -> None:
        """Note a line that comes from `height` (y). The main ones get the middle of the side."""
        if not is_main:
            self._side_lines.add(line)
        side = self._comings.setdefault((node, on_right), {})
        side.setdefault(line, []).append(height)

    def at(self, node: str, line: Hashable, *, on_right: bool) -> Point:
        """Return the point at which the line meets the node."""
        lines = self._comings[node, on_right]
        means = {key: sum(heights) / len(heights) for key, heights in lines.items()}
        ranked = sorted(means, key=means.__getitem__)
        x, y = self.centres[node]
        core = self.shapes[node].core
        levels = [means[key] - y for key in ranked]
        main = [n for n, key in enumerate(ranked) if key not in self._side_lines]
        is_round = self.shapes[node].is_round
        room = min(core.up, core.down) - (4.0 if is_round else 8.0)
        offset = _offsets(levels, main, room)[ranked.index(line)]
        reach = core.right if on_right else core.left
        if is_round:
            reach = (reach**2 - offset**2) ** 0.5
        return (x + reach if on_right else x - reach, y + offset)


def _offsets(levels: Sequence[float], main: Sequence[int], room: float) -> list[float]:
    """Return how far from the middle each of several lines meets, `room` at most.

    In the middle comes the main line that is level already, else the middle one of the main lines.
    """
    count = len(levels)
    level = [n for n in main if abs(levels[n]) < _ALIGNED]
    among = level[:1] or main or range(count)
    middle = sum(among) / len(among)
    furthest = max(middle, count - 1 - middle)
    apart = min(_APART, room / furthest) if furthest else 0.0
    return [(n - middle) * apart for n in range(count)]
