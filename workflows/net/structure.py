"""The shape of a workflow net: one source, one sink, and every node on a way between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .errors import NetError
from .net import Arc, ArcKind, Net


def sources(net: Net) -> tuple[str, ...]:
    """Return the places into which nothing puts a token."""
    return tuple(place.key for place in net.places if not net.producers(place.key))


def sinks(net: Net) -> tuple[str, ...]:
    """Return the places from which no arc leads.

    Where every place has one (a terminating transition may empty even the last place), those
    count from which no token is taken by an input arc.
    """
    without_input = tuple(place.key for place in net.places if not net.consumers(place.key))
    untouched = tuple(
        key
        for key in without_input
        if not (net.readers(key) or net.inhibited(key) or net.resetters(key))
    )
    return untouched or without_input


def source(net: Net) -> str:
    """Return the one source place, where a case begins.

    Raises:
        NetError: there is none, or there are several.
    """
    return _only(sources(net), "source place (one without an incoming arc)", net)


def sink(net: Net) -> str:
    """Return the one sink place, where a case ends.

    Raises:
        NetError: there is none, or there are several.
    """
    return _only(sinks(net), "sink place (one without an outgoing arc)", net)


def workflow_net_problems(net: Net) -> tuple[str, ...]:
    """Return in words what keeps the net from being a workflow net; nothing where it is one."""
    if not net.places or not net.transitions:
        return ("The net has no place." if not net.places else "The net has no transition.",)
    starts, ends = sources(net), sinks(net)
    found = [
        *_count_problem(net, starts, "source place", "without an incoming arc", "begin"),
        *_count_problem(net, ends, "sink place", "without an outgoing arc", "end"),
        *_loose_transitions(net),
    ]
    if len(starts) == 1:
        reached = _reach(_forward(net.arcs), starts)
        found += _off_the_way(net, reached, "cannot be reached from", starts[0])
    if len(ends) == 1:
        reached = _reach(_backward(net.arcs), ends)
        found += _off_the_way(net, reached, "has no way to", ends[0])
    return tuple(found)


def within_reach(net: Net, marked: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return every place that can get a token and every transition that can fire, and maybe more.

    Numbers are not looked at, nor what takes tokens away: what is left out here is out of reach
    for certain, the rest need not be within.
    """
    missing = {transition.key: len(net.needs(transition.key)) for transition in net.transitions}
    firing = {key for key, count in missing.items() if not count}
    places = {*marked, *(place for key in firing for place in net.outputs(key))}
    waiting = list(places)
    while waiting:
        for key in net.needing(waiting.pop()):
            missing[key] -= 1
            if not missing[key]:
                firing.add(key)
                new = net.outputs(key).keys() - places
                places |= new
                waiting += new
    return frozenset(places), frozenset(firing)


def name(net: Net, key: str) -> str:
    """Return how a message calls a node: its title with the key behind it, or the key alone."""
    title = net.title(key)
    return f"“{title}” ({key})" if title != key else f"“{key}”"


def names(net: Net, keys: Iterable[str], limit: int = 8) -> str:
    """Return the names of several nodes in a row, the rest as a number."""
    listed = list(keys)
    shown = ", ".join(name(net, key) for key in listed[:limit])
    rest = len(listed) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown


def _only(found: tuple[str, ...], what: str, net: Net) -> str:
    if len(found) == 1:
        return found[0]
    count = names(net, found) if found else "none"
    raise NetError(f"The net {net.key!r} should have one {what}; it has {count}.")


def _count_problem(
    net: Net, found: tuple[str, ...], what: str, which: str, verb: str
) -> Iterable[str]:
    if not found:
        has = which.replace("without", "with")
        yield f"There is no {what}: every place is one {has}, so no case could {verb}."
    elif len(found) > 1:
        yield f"There are {len(found)} {what}s ({which}): {names(net, found)}. There must be one."


def _loose_transitions(net: Net) -> Iterable[str]:
    for transition in net.transitions:
        if not net.inputs(transition.key) and not net.reads(transition.key):
            yield (
                f"Transition {name(net, transition.key)} has no input place: "
                "it could fire at any time and for ever."
            )
        if not net.outputs(transition.key):
            yield f"Transition {name(net, transition.key)} has no output place: it ends nowhere."


def _off_the_way(net: Net, reached: frozenset[str], how: str, end: str) -> Iterable[str]:
    for kind, nodes in (("Place", net.places), ("Transition", net.transitions)):
        for node in nodes:
            if node.key not in reached and not _is_loose(net, node.key):
                yield f"{kind} {name(net, node.key)} {how} {name(net, end)}."


def _is_loose(net: Net, key: str) -> bool:
    """Tell whether `_loose_transitions` has told this node already."""
    if not net.has_transition(key):
        return False
    return not net.outputs(key) or not (net.inputs(key) or net.reads(key))


def _forward(arcs: Iterable[Arc]) -> dict[str, list[str]]:
    """Return where a token's effect can go: only arcs that need a token lead into a transition."""
    follow: dict[str, list[str]] = {}
    for arc in arcs:
        if arc.kind is ArcKind.OUTPUT:
            follow.setdefault(arc.transition, []).append(arc.place)
        elif arc.kind in (ArcKind.INPUT, ArcKind.READ):
            follow.setdefault(arc.place, []).append(arc.transition)
    return follow


def _backward(arcs: Iterable[Arc]) -> dict[str, list[str]]:
    """Return the ways against the arcs: a token that is emptied or tested counts as used."""
    follow: dict[str, list[str]] = {}
    for arc in arcs:
        if arc.kind is ArcKind.OUTPUT:
            follow.setdefault(arc.place, []).append(arc.transition)
        else:
            follow.setdefault(arc.transition, []).append(arc.place)
    return follow


def _reach(follow: Mapping[str, Iterable[str]], starts: Iterable[str]) -> frozenset[str]:
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        for key in follow.get(waiting.pop(), ()):
            if key not in seen:
                seen.add(key)
                waiting.append(key)
    return frozenset(seen)
