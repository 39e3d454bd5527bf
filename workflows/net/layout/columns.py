"""Where the columns stand, and the gutters between them with their tracks for lines that turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .lanes import Bundle

_GUTTER = 46.0
_STEEPEST_GUTTER = 100.0
_TRACK = 11.0
_BESIDE_TRACKS = 15.0


@dataclass(frozen=True, slots=True)
class Columns:
    """The edges of each column, and where bundles turn in the gutters."""

    lefts: tuple[float, ...]
    rights: tuple[float, ...]
    tracks: dict[tuple[int, int], float]
    """(number of the bundle, gutter) -> x."""
    width: float


def columns(
    widths: Sequence[tuple[float, float]],
    steepness: Sequence[float],
    bundles: Sequence[Bundle],
    margin: float,
) -> Columns:
    """Return the columns from the left margin on.

    `widths` tells how far each column reaches to the left and right of its middle, `steepness` how
    far up or down a line runs at most within each inner gutter.
    """
    turning: dict[int, list[int]] = {}
    for number, bundle in enumerate(bundles):
        for gutter in bundle.gutters:
            turning.setdefault(gutter, []).append(number)
    lefts, rights, tracks = [], [], {}
    x = margin
    for gutter in range(len(widths) + 1):
        here = turning.get(gutter, [])
        is_outer = gutter in (0, len(widths))
        room = _gutter(len(here), 0.0 if is_outer else steepness[gutter - 1], is_outer=is_outer)
        first = x + (room - (len(here) - 1) * _TRACK) / 2
        for rank, number in enumerate(here):
            tracks[number, gutter] = first + rank * _TRACK
        x += room
        if gutter < len(widths):
            lefts.append(x)
            x += sum(widths[gutter])
            rights.append(x)
    return Columns(tuple(lefts), tuple(rights), tracks, x + margin)


def _gutter(turns: int, steepness: float, *, is_outer: bool) -> float:
    for_tracks = 2 * _BESIDE_TRACKS + (turns - 1) * _TRACK if turns else 0.0
    if is_outer:
        return for_tracks
    return max(for_tracks, min(_STEEPEST_GUTTER, _GUTTER + 0.12 * steepness))
