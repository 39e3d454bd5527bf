"""Lanes: level stretches above or below the nodes, for lines that run back and for bundles.

A line leaves its node to the right, turns in the gutter there, runs along its lane to the gutter in
front of its target, and enters that from the left, as every other line does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .graph import Link, LinkKind

_GAP = 18.0


@dataclass(frozen=True, slots=True)
class Bundle:
    """Links that share a lane, and a node: their hub, which is the source of all or the target.

    They turn in gutters; gutter n is in front of column n.
    """

    links: tuple[Link, ...]
    fans_out: bool
    hub_gutter: int
    spoke_gutters: tuple[int, ...]
    """For the other end of each link."""

    @property
    def hub(self) -> str:
        return self.links[0].source if self.fans_out else self.links[0].target

    def spoke(self, link: Link) -> str:
        return link.target if self.fans_out else link.source

    @property
    def kind(self) -> LinkKind:
        return self.links[0].kind

    @property
    def gutters(self) -> list[int]:
        return sorted({*self.spoke_gutters, self.hub_gutter})

    @property
    def needs_lane(self) -> bool:
        return len(self.gutters) > 1


@dataclass(frozen=True, slots=True)
class Lane:
    y: float
    is_above: bool


def bundles(column: Mapping[str, int], links: Iterable[Link]) -> tuple[list[Bundle], list[Link]]:
    """Return the links that take lanes, in bundles, and those that need none.

    Those that do not run to the right take one, plain flow to one node together. So do several
    reset links of one node. Short bundles come first, and flow before resets.
    """
    together: dict[tuple[object, ...], list[Link]] = {}
    resets, direct = [], []
    for link in links:
        runs_right = column[link.source] < column[link.target]
        if link.kind is LinkKind.RESET:
            resets.append(link)
        elif runs_right:
            direct.append(link)
        else:
            is_plain = link.kind is LinkKind.FLOW and link.weight == 1
            together.setdefault((link.target, "" if is_plain else link), []).append(link)
    found = [_bundle(column, members, fans_out=False) for members in together.values()]
    for members, fans_out in _stars(resets):
        runs_right = column[members[0].source] < column[members[0].target]
        if len(members) == 1 and runs_right:
            direct += members
        else:
            found.append(_bundle(column, members, fans_out=fans_out))
    found.sort(key=lambda b: (b.kind is LinkKind.RESET, b.gutters[-1] - b.gutters[0]))
    return found, direct


def _bundle(column: Mapping[str, int], links: Sequence[Link], *, fans_out: bool) -> Bundle:
    sources = tuple(column[link.source] + 1 for link in links)
    targets = tuple(column[link.target] for link in links)
    if fans_out:
        return Bundle(tuple(links), True, sources[0], targets)
    return Bundle(tuple(links), False, targets[0], sources)


def _stars(links: Iterable[Link]) -> Iterator[tuple[list[Link], bool]]:
    """Yield the links in few groups, each of one source (True) or of one target (False)."""
    left = dict.fromkeys(links)
    while left:
        stars: dict[tuple[str, bool], list[Link]] = {}
        for link in left:
            stars.setdefault((link.target, False), []).append(link)
            stars.setdefault((link.source, True), []).append(link)
        (_, fans_out), members = max(stars.items(), key=lambda star: len(star[1]))
        yield members, fans_out
        for link in members:
            del left[link]


class Skyline:
    """What is taken so far above and below each column and each gutter."""

    def __init__(self, tops: Sequence[float], bottoms: Sequence[float]) -> None:
        # Cells alternate: gutter 0, column 0, gutter 1, ... A gutter is free until a lane is there.
        self._tops = [float("inf")]
        self._bottoms = [float("-inf")]
        for top, bottom in zip(tops, bottoms, strict=True):
            self._tops += [top, float("inf")]
            self._bottoms += [bottom, float("-inf")]

    def take(self, gutters: Sequence[int], ends: Sequence[float]) -> Lane:
        """Return a lane between the outer gutters, on the side nearer to the heights in `ends`."""
        cells = slice(2 * gutters[0], 2 * gutters[-1] + 1)
        above = min(self._tops[cells]) - _GAP
        below = max(self._bottoms[cells]) + _GAP
        is_above = sum(y - above for y in ends) < sum(below - y for y in ends)
        levels, y = (self._tops, above) if is_above else (self._bottoms, below)
        levels[cells] = [y] * (cells.stop - cells.start)
        return Lane(y, is_above)

    @property
    def top(self) -> float:
        return min(self._tops)

    @property
    def bottom(self) -> float:
        return max(self._bottoms)
