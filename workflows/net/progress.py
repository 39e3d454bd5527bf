"""How far a case has come: which nodes are done, present, still possible, or out of reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from .enabling import enabled_transitions
from .net import Net
from .structure import within_reach


class NodeState(StrEnum):
    DONE = "done"
    """Fired, or held a token, and does not now."""
    PRESENT = "present"
    """Holds a token, or may fire now."""
    POSSIBLE = "possible"
    """Tokens may still come here."""
    UNTOUCHED = "untouched"
    """Neither reached nor reachable any more."""


def progress(net: Net, marking: Mapping[str, int], fired: Iterable[str]) -> dict[str, NodeState]:
    """Return the state of every node of a case that has this marking and fired these transitions.

    What is possible is judged by the arcs alone, without counting: see `structure.within_reach`.
    """
    present = {place for place, count in marking.items() if count}
    present.update(enabled_transitions(net, marking))
    done: set[str] = set()
    for transition in fired:
        if net.has_transition(transition):
            done.add(transition)
            done.update(net.inputs(transition), net.outputs(transition))
    places, transitions = within_reach(net, (key for key in present if net.has_place(key)))
    possible = places | transitions
    states = {}
    for key in [place.key for place in net.places] + [t.key for t in net.transitions]:
        if key in present:
            states[key] = NodeState.PRESENT
        elif key in done:
            states[key] = NodeState.DONE
        else:
            states[key] = NodeState.POSSIBLE if key in possible else NodeState.UNTOUCHED
    return states
