"""Weights of places by which no firing makes a marking heavier prove that a net is bounded."""

from __future__ import annotations

import pytest

from tests import nets
from tests.net.agreement import random_net
from tests.net.naive import facts
from workflows.bench import structured
from workflows.net import Marking, Net, verify
from workflows.net.invariants import is_covered

FOREVER = float("inf")


@pytest.mark.parametrize(
    "make", [nets.sequence, nets.parallel, nets.batch, nets.withdrawal, nets.mutual_exclusion]
)
def test_bounded_nets_of_the_gallery_are_covered(make):
    assert is_covered(make(), FOREVER)


def test_a_wide_net_is_covered_without_looking_at_its_markings():
    assert is_covered(structured.parallel(30), FOREVER)


@pytest.mark.parametrize("make", [nets.piling_up, nets.sound_but_unbounded])
def test_unbounded_nets_are_not(make):
    assert not is_covered(make(), FOREVER)


def test_nothing_is_claimed_without_time():
    assert not is_covered(nets.sequence(), 0.0)


def test_what_is_covered_is_bounded_on_random_nets():
    covered = 0
    for seed in range(400):
        net = random_net(seed)
        if net is None or not is_covered(net, FOREVER):
            continue
        covered += 1
        found = facts(net, "i", "o", cap=3_000)
        assert found is not None or verify(net, max_states=30_000).bounded

    assert covered > 100


def test_a_net_that_is_too_large_to_decide_is_told_to_be_bounded():
    lines = ["fork: i -> " + " ".join(f"a{n}" for n in range(12))]
    for n in range(12):
        lines += [f"x{n}: a{n} -> b{n}; inhibit c{n}", f"y{n}: b{n} -> c{n}; inhibit a{n}"]
    lines += ["join: " + " ".join(f"c{n}" for n in range(12)) + " -> o"]

    verdict = verify(nets.net(*lines), max_states=500)

    assert (verdict.verdict, verdict.bounded) == ("undecided", True)


def test_so_is_a_net_that_is_no_workflow_net():
    wide = structured.parallel(8)
    net = Net("two", wide.places, wide.transitions, wide.arcs, initial=Marking({"i": 2}))

    verdict = verify(net, max_states=100)

    assert (verdict.verdict, verdict.bounded) == ("unsound", True)
