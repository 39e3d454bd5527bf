"""What each node of a drawing looks like before it has a place: its text in lines, and its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from .layout import Extent, Shape
from .net import Net
from .text import width_of, wrap

PLACE_RADIUS = 17.0
BAR_WIDTH, BAR_HEIGHT = 10.0, 40.0
BOX_FONT, BOX_LINE = 13.0, 17.0
CAPTION_FONT, CAPTION_LINE = 11.5, 14.0
CAPTION_GAP = 5.0

_BOX_TEXT, _BOX_LINES = 118.0, 3
_BOX_LEAST_WIDTH, _BOX_SIDES, _BOX_ENDS = 74.0, 26.0, 23.0
_CAPTION_TEXT, _CAPTION_LINES = 92.0, 3


class Form(Enum):
    PLACE = "place"
    BOX = "box"
    """A transition with a title, which stands inside."""
    BAR = "bar"
    """A transition without one: its key stands below."""


@dataclass(frozen=True, slots=True)
class Figure:
    key: str
    title: str
    form: Form
    lines: tuple[str, ...]
    shape: Shape


def figures(net: Net, titles: Mapping[str, str], tasks: Mapping[str, str]) -> dict[str, Figure]:
    """Return the figure of every node; the boxes of one task are equally wide."""
    found = {}
    for place in net.places:
        found[place.key] = _place(place.key, titles.get(place.key) or place.title)
    for transition in net.transitions:
        title = titles.get(transition.key) or transition.title
        found[transition.key] = _box(transition.key, title) if title else _bar(transition.key)
    widest: dict[str, float] = {}
    for key, task in tasks.items():
        if key in found:
            widest[task] = max(widest.get(task, 0.0), 2 * found[key].shape.core.left)
    for key, task in tasks.items():
        if key in found and found[key].form is Form.BOX:
            found[key] = _widened(found[key], widest[task])
    return found


def _place(key: str, title: str) -> Figure:
    lines = _caption(title or key)
    side = 2 * PLACE_RADIUS
    core = Extent.of(side, side)
    shape = Shape(core, _with_caption(core, lines), is_round=True)
    return Figure(key, title or key, Form.PLACE, lines, shape)


def _bar(key: str) -> Figure:
    lines = _caption(key)
    core = Extent.of(BAR_WIDTH, BAR_HEIGHT)
    return Figure(key, key, Form.BAR, lines, Shape(core, _with_caption(core, lines)))


def _box(key: str, title: str) -> Figure:
    lines = tuple(wrap(title, BOX_FONT, _BOX_TEXT, _BOX_LINES)) or (key,)
    widest = max(width_of(line, BOX_FONT) for line in lines)
    width = max(_BOX_LEAST_WIDTH, widest + _BOX_SIDES)
    core = Extent.of(width, len(lines) * BOX_LINE + _BOX_ENDS)
    return Figure(key, title, Form.BOX, lines, Shape(core, core))


def _widened(box: Figure, width: float) -> Figure:
    core = Extent.of(width, 2 * box.shape.core.up)
    return replace(box, shape=Shape(core, core))


def _caption(text: str) -> tuple[str, ...]:
    return tuple(wrap(text, CAPTION_FONT, _CAPTION_TEXT, _CAPTION_LINES))


def _with_caption(core: Extent, lines: tuple[str, ...]) -> Extent:
    half = max((width_of(line, CAPTION_FONT) / 2 for line in lines), default=0.0)
    below = CAPTION_GAP + len(lines) * CAPTION_LINE if lines else 0.0
    return Extent(max(core.left, half), max(core.right, half), core.up, core.down + below)
