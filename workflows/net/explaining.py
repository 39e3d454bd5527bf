"""A fault that the residue has shown, told on the net itself by a run that can be fired there."""

from __future__ import annotations

from . import problems
from .deciding import Decision
from .firing import fire_sequence
from .marking import Marking
from .net import Net
from .problems import Problem, Run
from .reachability import Bounds, explore
from .shortening import shortened
from .structure import sink, source

_STATES = 2_000
_SECONDS = 0.05


def explain(net: Net, decision: Decision, bounds: Bounds) -> Problem:
    """Return the fault behind a decision against the net.

    The run of the problem can be fired on the net itself, and is short, but not always shortest.
    """
    start = Marking({source(net): 1})
    if decision.never:
        return problems.one_is_dead(net, decision.never, start)
    reached = fire_sequence(net, start, decision.run)
    if decision.cycle:
        before = decision.run[: -len(decision.cycle)]
        earlier = fire_sequence(net, start, before)
        more = [place for place in reached if reached[place] > earlier[place]]
        return problems.growth(net, before, decision.cycle, reached, more)
    return _where_it_shows(net, start, decision.run, reached, bounds)


def _where_it_shows(
    net: Net, start: Marking, run: Run, reached: Marking, bounds: Bounds
) -> Problem:
    """Follow a run that has lost the end to the marking where that shows.

    What the rules fused may be half done there. In the net, other transitions may still fire.
    """
    end = sink(net)
    nearby = bounds.sooner(max_states=_STATES, seconds=_SECONDS)
    space = explore(net, reached, nearby, end=end)
    if space.fault is None or space.growth is not None:
        return problems.lost(net, run, reached, end)
    run, marking = shortened(net, start, run + space.trace(space.fault), end)
    if marking[end]:
        return problems.improper_completion(net, run, marking, end)
    return problems.deadlock(net, run, marking)
