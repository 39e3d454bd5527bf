"""The SVG of single nodes, frames and lines. Class names carry the look; see `stylesheet`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from .figures import BOX_FONT, BOX_LINE, CAPTION_FONT, CAPTION_GAP, CAPTION_LINE, Figure, Form
from .layout import Frame, Head, LinkKind, Route
from .layout.picture import FRAME_FONT, FRAME_LINE
from .layout.route import number, point
from .net import Point
from .progress import NodeState
from .text import visible

INK, LINE, FAINT, PAPER = "#1f2937", "#66758c", "#a3adbb", "#ffffff"
DONE, PRESENT, PRESENT_PAPER = "#2b8a3e", "#0b5ed7", "#e8f1fd"

_BADGE_RADIUS = 8.0
_MOST_DOTS = 3
_MOST_DIGITS = 1_000
_DOTS: Mapping[int, tuple[float, tuple[Point, ...]]] = {
    1: (6.0, ((0, 0),)),
    2: (4.6, ((-6, 0), (6, 0))),
    3: (4.2, ((0, -5.6), (-5.6, 4.4), (5.6, 4.4))),
}
_OUTLINES: Mapping[NodeState | None, str] = {
    None: f'stroke="{LINE}" stroke-width="1.5"',
    NodeState.DONE: f'stroke="{DONE}" stroke-width="1.5"',
    NodeState.PRESENT: f'stroke="{PRESENT}" stroke-width="3"',
    NodeState.POSSIBLE: f'stroke="{LINE}" stroke-width="1.5" stroke-dasharray="6 4"',
    NodeState.UNTOUCHED: f'stroke="{FAINT}" stroke-width="1.25" stroke-dasharray="1.5 4"',
}


def node(figure: Figure, at: Point, state: NodeState | None, tokens: int, mark: str = "") -> str:
    """Return the group of one place or transition."""
    kind = "place" if figure.form is Form.PLACE else "transition"
    told = [figure.title]
    if tokens:
        told.append("1 token" if tokens == 1 else f"{tokens} tokens")
    if state is not None:
        told.append(state.value)
    parts = [f"<title>{text(', '.join(told))}</title>"]
    if figure.form is Form.PLACE:
        parts += _place(figure, at, state, tokens)
    elif figure.form is Form.BOX:
        parts += _box(figure, at, state)
    else:
        parts += _bar(figure, at, state)
    classes = " ".join((kind, *_state_class(state)))
    marked = f" data-mark={quoteattr(mark)}" if mark else ""
    key = quoteattr(visible(figure.key))
    return f'<g class="{classes}" data-key={key}{marked}>{"".join(parts)}</g>'


def frame(around: Frame, state: NodeState | None) -> str:
    """Return the frame of a task with its label."""
    middle = around.left + around.width / 2
    spans = _lines(around.lines, middle, around.top + FRAME_LINE + 2.5, FRAME_LINE)
    classes = " ".join(("task", *_state_class(state)))
    is_present = state is NodeState.PRESENT
    return (
        f'<g class="{classes}"><rect class="frame" x="{number(around.left)}" '
        f'y="{number(around.top)}" width="{number(around.width)}" '
        f'height="{number(around.height)}" rx="10" fill="{LINE}" fill-opacity="0.07" '
        f'stroke="{PRESENT if is_present else FAINT}" stroke-width="{1.5 if is_present else 1}"/>'
        f'<text class="label" text-anchor="middle" font-size="{number(FRAME_FONT)}" '
        f'font-weight="600" fill="{INK}">{spans}</text></g>'
    )


def line(route: Route, kind: LinkKind, state: NodeState | None) -> str:
    """Return one line with its heads.

    `data-links` holds the keys of both ends of each link, for scripts that move tokens along it.
    """
    ink = {NodeState.DONE: DONE, NodeState.UNTOUCHED: FAINT}.get(state or NodeState.PRESENT, LINE)
    look = f'stroke="{ink}" stroke-width="{2 if state is NodeState.DONE else 1.5}"'
    if kind is LinkKind.RESET:
        ink = FAINT
        look = f'stroke="{FAINT}" stroke-width="1.25" stroke-dasharray="5 4"'
    special = () if kind is LinkKind.FLOW else (f"arc-{kind.value}",)
    classes = " ".join(("arc", *special, *_state_class(state)))
    ends = json.dumps([[visible(link.source), visible(link.target)] for link in route.links])
    heads = "".join(_head(head, kind, ink) for head in (*route.heads, *route.tails))
    weight = route.links[0].weight
    shows_weight = weight > 1 and kind is not LinkKind.RESET
    return (
        f'<g class="{classes}" data-links={quoteattr(ends)}>'
        f'<path class="line" d="{route.path}" fill="none" {look} '
        f'stroke-linejoin="round"/>{heads}{_weight(route, weight) if shows_weight else ""}</g>'
    )


def text(content: str) -> str:
    """Return `content` fit for XML text."""
    return escape(visible(content))


def _state_class(state: NodeState | None) -> tuple[str, ...]:
    return () if state is None else (f"is-{state.value}",)


def _paper(state: NodeState | None) -> str:
    return PRESENT_PAPER if state is NodeState.PRESENT else PAPER


def _place(figure: Figure, at: Point, state: NodeState | None, tokens: int) -> list[str]:
    x, y = at
    radius = figure.shape.core.left
    parts = [
        f'<circle class="shape" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" '
        f'fill="{_paper(state)}" {_OUTLINES[state]}/>'
    ]
    if tokens:
        parts.append(_tokens(at, state, tokens))
    elif state is NodeState.DONE:
        parts.append(_check(at, 1.25, DONE))
    parts.append(_caption(figure, at, radius, state))
    return parts


def _tokens(at: Point, state: NodeState | None, count: int) -> str:
    x, y = at
    ink = PRESENT if state is NodeState.PRESENT else INK
    if count > _MOST_DOTS:
        told = str(count) if count < _MOST_DIGITS else "999+"
        return (
            f'<text class="token" x="{number(x)}" y="{number(y + 5)}" text-anchor="middle" '
            f'font-size="{14 if count < 100 else 11}" font-weight="700" fill="{ink}">{told}</text>'
        )
    radius, offsets = _DOTS[count]
    return "".join(
        f'<circle class="token" cx="{number(x + across)}" cy="{number(y + down)}" '
        f'r="{number(radius)}" fill="{ink}"/>'
        for across, down in offsets
    )


def _box(figure: Figure, at: Point, state: NodeState | None) -> list[str]:
    (x, y), core = at, figure.shape.core
    first = y - (len(figure.lines) - 1) * BOX_LINE / 2 + BOX_FONT * 0.35
    spans = _lines(figure.lines, x, first, BOX_LINE)
    return [
        f'<rect class="shape" x="{number(x - core.left)}" y="{number(y - core.up)}" '
        f'width="{number(core.left + core.right)}" height="{number(core.up + core.down)}" rx="7" '
        f'fill="{_paper(state)}" {_OUTLINES[state]}/>',
        f'<text class="label" text-anchor="middle" font-size="{number(BOX_FONT)}" '
        f'font-weight="500" fill="{_text_ink(state)}">{spans}</text>',
        _badge((x + core.right - 3, y - core.up + 1), state),
    ]


def _bar(figure: Figure, at: Point, state: NodeState | None) -> list[str]:
    (x, y), core = at, figure.shape.core
    is_solid = state not in (NodeState.POSSIBLE, NodeState.UNTOUCHED)
    ink = {NodeState.DONE: DONE, NodeState.PRESENT: PRESENT}.get(state or NodeState.POSSIBLE, LINE)
    return [
        f'<rect class="shape bar" x="{number(x - core.left)}" y="{number(y - core.up)}" '
        f'width="{number(2 * core.left)}" height="{number(2 * core.up)}" rx="2" '
        f'fill="{ink if is_solid else PAPER}" {_OUTLINES[state]}/>',
        _caption(figure, at, core.down, state),
        _badge((x + core.right + 2, y - core.up), state),
    ]


def _caption(figure: Figure, at: Point, below: float, state: NodeState | None) -> str:
    first = at[1] + below + CAPTION_GAP + CAPTION_FONT * 0.85
    spans = _lines(figure.lines, at[0], first, CAPTION_LINE)
    return (
        f'<text class="caption" text-anchor="middle" font-size="{CAPTION_FONT}" '
        f'fill="{_text_ink(state)}">{spans}</text>'
    )


def _text_ink(state: NodeState | None) -> str:
    return LINE if state is NodeState.UNTOUCHED else INK


def _lines(lines: Iterable[str], x: float, first: float, apart: float) -> str:
    return "".join(
        f'<tspan x="{number(x)}" y="{number(first + n * apart)}">{text(content)}</tspan>'
        for n, content in enumerate(lines)
    )


def _badge(at: Point, state: NodeState | None) -> str:
    """Return the sign at a transition's corner: a check mark if done, a triangle if enabled."""
    if state not in (NodeState.DONE, NodeState.PRESENT):
        return ""
    x, y = at
    ink = DONE if state is NodeState.DONE else PRESENT
    disc = (
        f'<circle class="badge" cx="{number(x)}" cy="{number(y)}" r="{number(_BADGE_RADIUS)}" '
        f'fill="{ink}" stroke="{PAPER}" stroke-width="1.5"/>'
    )
    if state is NodeState.DONE:
        return disc + _check(at, 0.8, PAPER)
    sign = f"M{point(x - 2.2, y - 3.8)}L{point(x + 4.2, y)}L{point(x - 2.2, y + 3.8)}Z"
    return f'{disc}<path class="sign" d="{sign}" fill="{PAPER}"/>'


def _check(at: Point, size: float, ink: str) -> str:
    x, y = at
    way = (
        f"M{point(x - 4.5 * size, y + 0.2 * size)}L{point(x - 1.3 * size, y + 3.4 * size)}"
        f"L{point(x + 4.7 * size, y - 3.6 * size)}"
    )
    return (
        f'<path class="check" d="{way}" fill="none" stroke="{ink}" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _head(head: Head, kind: LinkKind, ink: str) -> str:
    turn = f" rotate({number(head.angle)})" if round(head.angle, 1) else ""
    place = f'transform="translate({number(head.at[0])},{number(head.at[1])}){turn}"'
    if kind is LinkKind.INHIBITOR:
        return (
            f'<circle class="head is-open" {place} cx="-4.5" cy="0" r="3.8" fill="{PAPER}" '
            f'stroke="{ink}" stroke-width="1.5"/>'
        )
    tips = (0, -7) if kind is LinkKind.RESET else (0,)
    shape = "".join(f"M{tip} 0L{tip - 9} -4.5L{tip - 7} 0L{tip - 9} 4.5Z" for tip in tips)
    return f'<path class="head" {place} d="{shape}" fill="{ink}"/>'


def _weight(route: Route, weight: int) -> str:
    x, y = route.label
    return (
        f'<text class="weight" x="{number(x)}" y="{number(y + 4)}" text-anchor="middle" '
        f'font-size="{CAPTION_FONT}" font-weight="600" fill="{INK}" stroke="{PAPER}" '
        f'stroke-width="4" paint-order="stroke">{weight}</text>'
    )
