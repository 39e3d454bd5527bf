"""Partial order: few markings stand for all where transitions do not touch each other."""

from __future__ import annotations

import time

from tests import nets
from workflows.bench import structured
from workflows.net import Marking, Net
from workflows.net.faults import faults
from workflows.net.reachability import Bounds, StateSpace, explore


def looked_at(net: Net, *, is_partial: bool) -> StateSpace:
    bounds = Bounds(max_states=50_000, deadline=time.monotonic() + 30)
    return explore(net, Marking({"i": 1}), bounds, end="o", is_partial=is_partial)


def test_parallel_branches_are_gone_through_one_after_the_other():
    net = structured.parallel(5)

    assert len(looked_at(net, is_partial=False).states) == 7_778
    assert len(looked_at(net, is_partial=True).states) == 28


def test_every_branch_of_a_choice_is_followed():
    net = nets.net("a: i -> p", "b: i -> q", "good: p -> o", "bad: q x -> o")

    space = looked_at(net, is_partial=True)

    assert space.trace(space.fault) == ("b",)


def test_a_choice_that_another_branch_can_spoil_is_seen():
    # [take] and [use] compete for (p): both orders count, though each lies on its own branch.
    net = nets.net("fork: i -> a b p", "take: a p -> c", "use: b p -> d", "end: c d -> o")

    space = looked_at(net, is_partial=True)

    assert space.fault is not None


def test_what_only_reads_competes_with_what_takes():
    net = nets.net("fork: i -> a p", "look: a -> c; read p", "take: p -> d", "end: c d -> o")

    space = looked_at(net, is_partial=True)

    assert space.marking(space.fault) == {"a": 1, "d": 1}


def test_a_circle_beside_another_branch_does_not_hide_it():
    # Going round for ever on one side must not leave the other unseen.
    net = nets.net(
        "fork: i -> a b", "go: a -> c", "back: c -> a", "stuck: b -> d", "end: d never -> o"
    )

    space = looked_at(net, is_partial=True)

    assert space.fault is not None or faults(space, "o").nearest is not None
