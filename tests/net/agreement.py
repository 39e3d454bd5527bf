"""Whether what the product says of a net agrees with the definitions, spelled out in `naive`."""

from __future__ import annotations

import random
import time

from tests.net.naive import facts
from tests.net.strategies import Growing
from workflows.net import Arc, ArcKind, Marking, Net, verify
from workflows.net.deciding import Decision, decide
from workflows.net.explaining import explain
from workflows.net.faults import faults
from workflows.net.firing import fire_sequence
from workflows.net.reachability import Bounds, explore
from workflows.net.structure import workflow_net_problems

MOST_MARKINGS = 300
_FIRST = Marking({"i": 1})


def random_net(seed: int) -> Net | None:
    """Return a small workflow net with arcs of any kind, or None where this seed gives none."""
    dice = random.Random(seed)
    growing = Growing(dice)
    for _ in range(dice.randint(1, 11)):
        growing.refine()
    for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
        growing.disturb()
    net = growing.net(with_all_kinds=dice.random() < 0.5)
    if dice.random() < 0.3:
        net = _with_a_region(net, dice)
    return None if workflow_net_problems(net) else net


def _with_a_region(net: Net, dice: random.Random) -> Net:
    """Return the net with a few places that one or two transitions empty together."""
    inner = [place.key for place in net.places if place.key not in ("i", "o")]
    if not inner:
        return net
    region = dice.sample(inner, dice.randint(1, min(len(inner), 6)))
    by = dice.sample([t.key for t in net.transitions], min(2, len(net.transitions)))
    resets = [Arc(place, key, ArcKind.RESET) for key in by for place in region]
    return Net(net.key, net.places, net.transitions, (*net.arcs, *resets))


def checked(net: Net) -> str:
    """Compare all that is claimed of a net, by every way, and return what it is.

    Raises:
        AssertionError: something is claimed that is not so.
    """
    expected = facts(net, "i", "o", cap=MOST_MARKINGS)
    _check_verdict(net, expected)
    decision = decide(net, _bounds())
    if decision.is_unsound:
        problem = explain(net, decision, _bounds())
        assert fire_sequence(net, _FIRST, problem.firing_sequence) == problem.marking
    if expected is None:
        return "too large"
    _check_decision(decision, expected)
    _check_partial_order(net, expected)
    return "sound" if expected["sound"] else "unsound"


def _check_verdict(net: Net, expected: dict[str, object] | None) -> None:
    verdict = verify(net, max_states=1_000)
    for problem in verdict.problems:
        assert fire_sequence(net, _FIRST, problem.firing_sequence) == problem.marking
    if expected is None:
        return
    assert verdict.verdict == ("sound" if expected["sound"] else "unsound")
    assert verdict.bounded is True
    assert verdict.option_to_complete is expected["option"]
    assert verdict.proper_completion is expected["proper"]
    assert list(verdict.dead_transitions) == expected["dead"]
    assert any(p.kind == "deadlock" for p in verdict.problems) is expected["deadlock"]


def _check_decision(decision: Decision, expected: dict[str, object]) -> None:
    assert decision.is_sound is expected["sound"]
    dead = expected["dead"]
    assert isinstance(dead, list)
    assert set(decision.dead) <= set(dead)
    if decision.never:
        assert set(decision.never) & set(dead)


def _check_partial_order(net: Net, expected: dict[str, object]) -> None:
    if net.has_kind(ArcKind.RESET, ArcKind.INHIBITOR):
        return
    space = explore(net, _FIRST, _bounds(), end="o", is_partial=True)
    if space.fault is not None:
        assert not expected["option"]
    else:
        assert space.is_complete
        assert (faults(space, "o").nearest is None) is expected["option"]


def _bounds() -> Bounds:
    return Bounds(max_states=3_000, deadline=time.monotonic() + 30)
