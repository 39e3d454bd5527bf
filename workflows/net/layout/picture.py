"""A finished layout: where everything stands and how the lines run, in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.net.net import Point
from workflows.net.text import width_of, wrap

from .route import Route

FRAME_FONT, FRAME_LINE = 11.5, 14.0

_LABEL_WIDTH, _LABEL_LINES = 128.0, 2


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle around transitions that belong together; `left` and `top` are its corner."""

    lines: tuple[str, ...]
    members: tuple[str, ...]
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Every node's centre, every line, and the size of the whole, whose corner is (0, 0)."""

    positions: Mapping[str, Point]
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...]
    width: float
    height: float


def frame_label(label: str) -> tuple[str, ...]:
    """Return the lines of a frame's label."""
    return tuple(wrap(label, FRAME_FONT, _LABEL_WIDTH, _LABEL_LINES))


def frame_width(lines: tuple[str, ...]) -> float:
    """Return how wide a frame must be for its label, which is set in bold."""
    return max((width_of(line, FRAME_FONT) * 1.06 for line in lines), default=0.0) + 16
