"""Nets to PNML."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from workflows.net.net import Arc, ArcKind, Net, Place, Point, Transition
from workflows.net.text import visible

from .document import Element

NAMESPACE = "http://www.pnml.org/version-2009/grammar/pnml"
TYPE = "http://www.pnml.org/version-2009/grammar/ptnet"


def write(net: Net) -> str:
    """Return the net as a PNML file with one page.

    Read, inhibitor and reset arcs, which the standard does not know, carry an `<arctype>`.
    """
    # The stubs do not know that None stands for the default namespace.
    root = etree.Element(_name("pnml"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    outer = _add(root, "net", id=net.key, type=TYPE)
    taken = {place.key for place in net.places} | {t.key for t in net.transitions}
    page = _add(outer, "page", id=_free("page", taken))
    for place in net.places:
        element = _node(page, "place", place)
        tokens = net.initial[place.key] if net.initial else 0
        if tokens:
            _label(element, "initialMarking", str(tokens))
    for transition in net.transitions:
        _node(page, "transition", transition)
    for number, arc in enumerate(net.arcs, start=1):
        _arc(page, _free(f"arc{number}", taken), arc)
    text: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return text.decode("utf-8")


def _node(page: Element, kind: str, node: Place | Transition) -> Element:
    element = _add(page, kind, id=node.key)
    if node.title:
        _label(element, "name", node.title)
    if node.position is not None:
        _graphics(element, [node.position])
    return element


def _arc(page: Element, key: str, arc: Arc) -> None:
    ends = (arc.place, arc.transition)
    source, target = ends[::-1] if arc.kind is ArcKind.OUTPUT else ends
    element = _add(page, "arc", id=key, source=source, target=target)
    if arc.weight != 1 and arc.kind is not ArcKind.RESET:
        _label(element, "inscription", str(arc.weight))
    if arc.kind not in (ArcKind.INPUT, ArcKind.OUTPUT):
        _label(element, "arctype", arc.kind.value)
    if arc.bends:
        _graphics(element, arc.bends)


def _graphics(element: Element, points: Iterable[Point]) -> None:
    graphics = _add(element, "graphics")
    for x, y in points:
        _add(graphics, "position", x=f"{x:.10g}", y=f"{y:.10g}")


def _label(element: Element, name: str, content: str) -> None:
    _add(_add(element, name), "text").text = visible(content)


def _add(parent: Element, name: str, **attributes: str) -> Element:
    clean = {key: visible(value) for key, value in attributes.items()}
    return etree.SubElement(parent, _name(name), clean)


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _free(key: str, taken: set[str]) -> str:
    while key in taken:
        key += "_"
    return key
