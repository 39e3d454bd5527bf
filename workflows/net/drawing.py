"""A net as an accessible SVG picture.

Class names carry the look, so that pages style it by `net.css`; presentation attributes make the
bare file right where no style sheet applies. There is no script and no style attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from xml.sax.saxutils import quoteattr

from . import symbols
from .figures import Figure, figures
from .layout import Layout, LinkKind, Route, layout
from .layout.route import number
from .net import Net
from .progress import NodeState
from .stylesheet import STANDALONE

__all__ = ["NodeState", "draw"]

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif"
_MOST_NAMES_TOLD = 12
_MOST_NODES, _MOST_ARCS = 2_500, 4_000
"""Beyond, nobody could read the picture, and making it would take long."""
_MOST_KEPT = 64

_States = Mapping[str, NodeState]


def draw(
    net: Net,
    *,
    marking: Mapping[str, int] | None = None,
    titles: Mapping[str, str] | None = None,
    states: Mapping[str, NodeState] | None = None,
    title: str = "",
    tasks: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
    standalone: bool = False,
) -> str:
    """Return the SVG text of a net.

    `marking` puts tokens into places, `titles` replaces the nodes' own, `states` tells done,
    present, possible and untouched nodes apart (see `progress`), and `tasks` (transition -> label)
    frames the transitions of a task. `marks` (node -> word) stands in the attribute `data-mark`,
    for the style sheets of a page. `standalone` adds a style sheet that follows the reader's
    light or dark setting, for a file that is looked at outside the site's pages. A net with
    thousands of nodes or arcs is described only.
    """
    if len(net.places) + len(net.transitions) > _MOST_NODES or len(net.arcs) > _MOST_ARCS:
        return _notice(net, title or net.key)
    tokens, known, tasks = marking or {}, states or {}, tasks or {}
    shown, picture = _placed(net, tuple((titles or {}).items()), tuple(tasks.items()))
    names = {key: figure.title for key, figure in shown.items()}
    told = _description(net, names, tokens, known)
    parts = _head(picture.width, picture.height, title or net.key, told)
    if standalone:
        parts.append(f"<style>{STANDALONE}</style>")
    for frame in picture.frames:
        parts.append(symbols.frame(frame, _task_state(frame.members, known)))
    parts += _lines(net, picture, known)
    for key, at in picture.positions.items():
        mark = "" if marks is None else marks.get(key, "")
        parts.append(symbols.node(shown[key], at, known.get(key), tokens.get(key, 0), mark))
    parts.append("</svg>\n")
    return "\n".join(parts)


@lru_cache(maxsize=_MOST_KEPT)
def _placed(
    net: Net, titles: tuple[tuple[str, str], ...], tasks: tuple[tuple[str, str], ...]
) -> tuple[Mapping[str, Figure], Layout]:
    """Return the figures of the nodes and where they stand: most of what a drawing costs, and the
    same for every case of a version, whatever its tokens. Kept by all that it depends on, so it is
    never out of date."""
    shown = figures(net, dict(titles), dict(tasks))
    shapes = {key: figure.shape for key, figure in shown.items()}
    return shown, layout(net, shapes=shapes, tasks=dict(tasks))


def _head(width: float, height: float, title: str, description: str) -> list[str]:
    size = f'width="{number(width)}" height="{number(height)}"'
    return [
        '<svg xmlns="http://www.w3.org/2000/svg" class="goflow-net" role="img" '
        f'viewBox="0 0 {number(width)} {number(height)}" {size} '
        f'font-family={quoteattr(_FONT)} font-size="13">',
        f"<title>{symbols.text(title)}</title>",
        f"<desc>{symbols.text(description)}</desc>",
    ]


def _notice(net: Net, title: str) -> str:
    told = (
        f"This net is too large to draw: {len(net.places):,} places, "
        f"{len(net.transitions):,} transitions and {len(net.arcs):,} arcs."
    )
    line = f'<text class="label" x="16" y="36" fill="{symbols.INK}">{symbols.text(told)}</text>'
    return "\n".join([*_head(640, 60, title, told), line, "</svg>\n"])


def _task_state(members: Iterable[str], states: _States) -> NodeState | None:
    found = {states[key] for key in members if key in states}
    for state in (NodeState.PRESENT, NodeState.DONE, NodeState.POSSIBLE, NodeState.UNTOUCHED):
        if state in found:
            return state
    return None


def _lines(net: Net, picture: Layout, states: _States) -> list[str]:
    """Return the lines, the quieter below the louder."""
    loudness = {NodeState.UNTOUCHED: 1, None: 2, NodeState.DONE: 3}
    drawn = []
    for route in picture.routes:
        kind = route.links[0].kind
        state = _line_state(net, route, states)
        level = 0 if kind is LinkKind.RESET else loudness[state]
        drawn.append((level, symbols.line(route, kind, state)))
    return [line for _, line in sorted(drawn, key=lambda pair: pair[0])]


def _line_state(net: Net, route: Route, states: _States) -> NodeState | None:
    """Return DONE for a way that tokens took, UNTOUCHED for one they cannot take, else nothing."""
    link = route.links[0]
    ends = [states.get(link.source), states.get(link.target)]
    if NodeState.UNTOUCHED in ends:
        return NodeState.UNTOUCHED
    transition = link.source if net.has_transition(link.source) else link.target
    is_travelled = states.get(transition) is NodeState.DONE and link.kind is not LinkKind.RESET
    return NodeState.DONE if is_travelled and NodeState.POSSIBLE not in ends else None


def _description(
    net: Net, names: Mapping[str, str], tokens: Mapping[str, int], states: _States
) -> str:
    places, transitions = len(net.places), len(net.transitions)
    told = [
        f"Petri net with {places} place{'s' * (places != 1)} "
        f"and {transitions} transition{'s' * (transitions != 1)}."
    ]
    held = [(names[p.key], tokens[p.key]) for p in net.places if tokens.get(p.key)]
    if held:
        listed = [name if count == 1 else f"{name} ({count})" for name, count in held]
        told.append(f"Tokens are in: {_row(listed)}.")
    for state, lead in (
        (NodeState.PRESENT, "Can happen now"),
        (NodeState.DONE, "Done"),
        (NodeState.POSSIBLE, "Still possible"),
    ):
        listed = [names[t.key] for t in net.transitions if states.get(t.key) is state]
        if listed:
            told.append(f"{lead}: {_row(listed)}.")
    return " ".join(told)


def _row(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMES_TOLD
    return ", ".join(names[:_MOST_NAMES_TOLD]) + (f" and {rest} more" if rest > 0 else "")
