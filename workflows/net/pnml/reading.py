"""PNML to nets."""

from __future__ import annotations

from workflows.net.errors import NetError, NotANet
from workflows.net.marking import Marking
from workflows.net.net import Arc, ArcKind, Net, Place, Transition

from .dialects import (
    arc_kind,
    bends,
    count,
    position,
    refuse_capacity,
    refuse_delay,
    refuse_high_level,
    refuse_time,
    title,
)
from .document import Element, line_of, parse, tag

_NODES = ("place", "transition")
_REFERENCES = ("referencePlace", "referenceTransition")


def read(text: str | bytes) -> Net:
    """Return the net in a PNML file; of several, the first, which by custom is the main one.

    A place's and a transition's key is its `id`, its title its name. The net's `initial` is None
    where no place of the file holds a token.

    Raises:
        NotANet: the file is no PNML, has no place or no transition, or cannot be understood; with
            the line, where there is one.
    """
    return _net(_net_elements(parse(text))[0])


def read_all(text: str | bytes) -> list[Net]:
    """Return every net in a PNML file, the main one first.

    WoPeD writes a sub-process as a net inside a page, which bears the key of the transition that it
    refines; the main net is read with that transition unrefined.

    Raises:
        NotANet: as `read`, for any of them.
    """
    return [_net(element) for element in _net_elements(parse(text))]


def count_nets(text: str | bytes) -> int:
    """Return how many nets a PNML file holds, whether or not each can be read.

    Raises:
        NotANet: the file is no PNML.
    """
    return len(_net_elements(parse(text)))


def _net_elements(root: Element) -> list[Element]:
    if tag(root) == "net":
        return [root]
    if tag(root) != "pnml":
        raise NotANet(
            f"The file is no PNML: its outermost element is <{tag(root)}>, not <pnml>.",
            line_of(root),
        )
    holders = [root, *(element for element in root if tag(element) == "module")]
    found = [element for holder in holders for element in holder if tag(element) == "net"]
    nested = [inner for net in found for inner in net.iterdescendants() if tag(inner) == "net"]
    found += nested
    if not found:
        raise NotANet("The file has no <net>.", line_of(root))
    return found


def _net(element: Element) -> Net:
    refuse_high_level(element)
    parts = _Parts(element)
    places = [node for node in parts.nodes.values() if tag(node) == "place"]
    transitions = [node for node in parts.nodes.values() if tag(node) == "transition"]
    for found, what in ((places, "place"), (transitions, "transition")):
        if not found:
            raise NotANet(f"The net has no {what}.", line_of(element))
    for place in places:
        refuse_capacity(place)
    for transition in transitions:
        refuse_delay(transition)
    marking = Marking({_key(place): count(place, "initialMarking", 0) for place in places})
    try:
        return Net(
            key=_key(element) or _page_of(element) or "net",
            places=tuple(Place(_key(p), title(p), position(p)) for p in places),
            transitions=tuple(Transition(_key(t), title(t), position(t)) for t in transitions),
            arcs=tuple(parts.arc(arc) for arc in parts.arcs),
            initial=marking or None,
        )
    except NotANet:
        raise
    except NetError as error:
        raise NotANet(str(error), line_of(element)) from None


def _key(element: Element) -> str:
    return (element.get("id") or "").strip()


def _page_of(net: Element) -> str:
    """Return the key of the page that holds a sub-process; "" of a main net."""
    holder = net.getparent()
    return _key(holder) if holder is not None and tag(holder) == "page" else ""


class _Parts:
    """The nodes, references and arcs of a net, from all its pages."""

    def __init__(self, net: Element) -> None:
        self.nodes: dict[str, Element] = {}
        self.references: dict[str, Element] = {}
        self.arcs: list[Element] = []
        self._collect(net)

    def arc(self, element: Element) -> Arc:
        source, target = self._end(element, "source"), self._end(element, "target")
        kind = arc_kind(element)
        if tag(source) == tag(target):
            raise NotANet(
                f"An arc joins two {tag(source)}s, {_key(source)!r} and {_key(target)!r}; "
                "arcs run between a place and a transition.",
                line_of(element),
            )
        leads_in = tag(source) == "place"
        place, transition = (source, target) if leads_in else (target, source)
        if kind is None:
            kind = ArcKind.INPUT if leads_in else ArcKind.OUTPUT
        refuse_time(element)
        # A reset takes all there is; some tools put a weight beside it nevertheless.
        weight = 1 if kind is ArcKind.RESET else count(element, "inscription", 1)
        if weight < 1:
            raise NotANet("An arc weighs 0; the least is 1.", line_of(element))
        points = bends(element) if leads_in or kind is ArcKind.OUTPUT else bends(element)[::-1]
        return Arc(_key(place), _key(transition), kind, weight, points)

    def _collect(self, holder: Element) -> None:
        for element in holder:
            name = tag(element)
            if name == "page":
                self._collect(element)
            elif name == "arc":
                self.arcs.append(element)
            elif name in _NODES or name in _REFERENCES:
                self._add(element, name)

    def _add(self, element: Element, name: str) -> None:
        key = _key(element)
        if not key:
            raise NotANet(f"A {name} has no id.", line_of(element))
        if key in self.nodes or key in self.references:
            raise NotANet(f"Two nodes have the id {key!r}.", line_of(element))
        (self.nodes if name in _NODES else self.references)[key] = element

    def _end(self, arc: Element, attribute: str) -> Element:
        """Return the place or transition at one end of an arc, through any references."""
        key = (arc.get(attribute) or "").strip()
        if not key:
            raise NotANet(f"An arc has no {attribute}.", line_of(arc))
        element, passed = arc, {""}
        while key not in self.nodes:
            if key in passed:
                raise NotANet(f"The references from {key!r} run in a circle.", line_of(element))
            passed.add(key)
            if key not in self.references:
                raise NotANet(
                    f"There is no place or transition with the id {key!r}.", line_of(element)
                )
            element = self.references[key]
            key = (element.get("ref") or "").strip()
        return self.nodes[key]
