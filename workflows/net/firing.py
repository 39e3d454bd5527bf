"""One firing of a transition, and a row of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .enabling import blockers, is_enabled
from .errors import TransitionNotEnabled
from .marking import Marking
from .net import Net


def fire(net: Net, marking: Mapping[str, int], transition: str) -> Marking:
    """Return the marking after one firing.

    Input tokens are taken, then reset places emptied, then output tokens put. So a place that is
    both emptied and put to holds the output's tokens afterwards.

    Raises:
        UnknownNode: the net has no such transition.
        TransitionNotEnabled: a place holds too few tokens, or too many for an inhibitor arc.
    """
    if not is_enabled(net, marking, transition):
        raise TransitionNotEnabled(transition, blockers(net, marking, transition))
    counts = dict(marking)
    for place, weight in net.inputs(transition).items():
        counts[place] -= weight
    for place in net.resets(transition):
        counts[place] = 0
    for place, weight in net.outputs(transition).items():
        counts[place] = counts.get(place, 0) + weight
    return Marking(counts)


def fire_sequence(net: Net, marking: Mapping[str, int], transitions: Iterable[str]) -> Marking:
    """Return the marking after these firings, one after another.

    Raises:
        UnknownNode, TransitionNotEnabled: as `fire`, at the first that may not fire.
    """
    reached = marking if isinstance(marking, Marking) else Marking(marking)
    for transition in transitions:
        reached = fire(net, reached, transition)
    return reached
