"""What the tools write differently: labels, kinds of arcs, graphics, and nets of other types."""

from __future__ import annotations

import math
import re

from workflows.net.errors import NotANet
from workflows.net.net import ArcKind, Point

from .document import Element, child, label, line_of, tag

LARGEST_COUNT = 1_000_000_000

_HIGH_LEVEL_TYPES = ("symmetricnet", "hlpn", "highlevel", "hlcore", "coloured", "colored", "cpn")
_HIGH_LEVEL_LABELS = frozenset({"hlinitialMarking", "hlinscription"})
_ONLY = "only place/transition nets are read"
_KINDS: dict[str, ArcKind | None] = {
    "": None,
    "normal": None,
    "flow": None,
    "timed": None,
    "transport": None,
    "inhibitor": ArcKind.INHIBITOR,
    "tapninhibitor": ArcKind.INHIBITOR,
    "reset": ArcKind.RESET,
    "read": ArcKind.READ,
    "test": ArcKind.READ,
}
# PIPE counts tokens by colour: "Default,2", and 0 of the others.
_BY_COLOUR = re.compile(r"\w+\s*,\s*\d+(\s*,\s*\w+\s*,\s*\d+)*")
_ANY_TIME = re.compile(r"\[\s*0\s*,\s*inf\s*\)")
_INTERVAL = re.compile(r"[\[(].*,.*[\])]")


def title(element: Element) -> str:
    return " ".join(label(element, "name")[0].split())


def count(element: Element, name: str, default: int) -> int:
    """Return the whole number in a label; `default` where it is missing or empty.

    Raises:
        NotANet: the label holds anything else.
    """
    content, line = label(element, name)
    if name == "inscription" and (not content or _INTERVAL.fullmatch(content)):
        # TAPAAL keeps an interval there, and the weight beside it.
        content = (element.get("weight") or "").strip()
    if not content:
        return default
    if _BY_COLOUR.fullmatch(content):
        content = _plain_tokens(content, line)
    if not (content.isascii() and content.isdigit()):
        raise NotANet(f"{_owner(element)}: {name} is {content!r}, not a whole number.", line)
    if len(content.lstrip("0")) > len(str(LARGEST_COUNT)) or int(content) > LARGEST_COUNT:
        raise NotANet(f"{_owner(element)}: {name} is above {LARGEST_COUNT:,}.", line)
    return int(content)


def _plain_tokens(content: str, line: int | None) -> str:
    parts = [part.strip() for part in content.split(",")]
    counts = dict(zip(parts[::2], parts[1::2], strict=True))
    coloured = [name for name, number in counts.items() if name != "Default" and int(number)]
    if coloured:
        raise NotANet(f"Coloured tokens ({', '.join(coloured)}) cannot be read.", line)
    return counts.get("Default", "0")


def _owner(element: Element) -> str:
    key = element.get("id")
    return f"The {tag(element)} {key!r}" if key else f"A {tag(element)}"


def arc_kind(element: Element) -> ArcKind | None:
    """Return what kind of arc this is; None for one that moves tokens.

    Raises:
        NotANet: the kind is unknown, so nobody can tell what the arc does.
    """
    word = element.get("type") or label(element, "arctype")[0]
    holder = child(element, "type")
    if holder is not None:
        word = holder.get("value") or label(element, "type")[0]
    plain = re.sub(r"[\s_-]|arc$", "", word.strip().lower())
    if plain not in _KINDS:
        raise NotANet(f"{_owner(element)} is of an unknown kind, {word!r}.", line_of(element))
    return _KINDS[plain]


def refuse_time(element: Element) -> None:
    """Refuse an arc that takes only tokens of a certain age."""
    content, line = label(element, "inscription")
    if _INTERVAL.fullmatch(content) and not _ANY_TIME.fullmatch(content):
        raise NotANet(f"{_owner(element)} is bound to a time, {content}; time is not read.", line)


def refuse_delay(transition: Element) -> None:
    """Refuse a transition that fires only within a certain time (TINA)."""
    interval = child(transition, "delay", "interval")
    if interval is None:
        return
    ends = ["".join(map(str, end.itertext())).strip() for end in interval]
    if ends != ["0", "infty"]:
        line = line_of(interval)
        raise NotANet(f"{_owner(transition)} is bound to a time; time is not read.", line)


def refuse_capacity(place: Element) -> None:
    """Refuse a place that holds only so many tokens (PIPE; 0 there is no limit)."""
    content, line = label(place, "capacity")
    if content.isascii() and content.isdigit() and int(content[:9]):
        raise NotANet(f"{_owner(place)} has a capacity, {content}; capacities are not read.", line)


def refuse_high_level(net: Element) -> None:
    """Refuse nets whose tokens carry values: read as plain nets they would mean something else."""
    kind = (net.get("type") or "").lower()
    if any(word in kind for word in _HIGH_LEVEL_TYPES):
        raise NotANet(
            f"This is a high-level net (type {net.get('type')}); {_ONLY}.",
            line_of(net),
        )
    for element in net.iter():
        if tag(element) in _HIGH_LEVEL_LABELS and not _is_plain(element):
            raise NotANet(
                f"<{tag(element)}> belongs to a high-level net; {_ONLY}.", line_of(element)
            )


def _is_plain(high_level: Element) -> bool:
    """Tell whether a high-level label only repeats a plain count, in dots (TAPAAL writes both)."""
    owner = high_level.getparent()
    attribute = "initialMarking" if tag(high_level) == "hlinitialMarking" else "weight"
    sorts = {e.get("declaration") for e in high_level.iter() if tag(e) == "usersort"}
    return owner is not None and attribute in owner.attrib and sorts == {"dot"}


def position(element: Element) -> Point | None:
    """Return where the node is drawn, if it says so."""
    graphics = child(element, "graphics", "position")
    if graphics is not None:
        return _point(graphics.get("x"), graphics.get("y"))
    return _point(element.get("positionX"), element.get("positionY"))


def bends(element: Element) -> tuple[Point, ...]:
    """Return the points at which an arc's line bends."""
    graphics = child(element, "graphics")
    if graphics is None:
        return ()
    points = [_point(p.get("x"), p.get("y")) for p in graphics if tag(p) == "position"]
    return tuple(point for point in points if point is not None)


def _point(x: str | None, y: str | None) -> Point | None:
    """Return a point; None where it is no point: a drawing's fault is no fault of the net."""
    try:
        point = (float(x or ""), float(y or ""))
    except ValueError:
        return None
    return point if all(math.isfinite(value) for value in point) else None
