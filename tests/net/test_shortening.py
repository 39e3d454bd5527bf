"""A run to a fault, without what the fault does not need."""

from __future__ import annotations

import pytest

from tests import nets
from workflows.net import Marking
from workflows.net.shortening import shortened

FIRST = Marking({"i": 1})


def test_rounds_of_a_loop_are_left_out():
    net = nets.net("a: i -> p", "go: p -> q", "back: q -> p", "bad: q -> x", "end: x y -> o")
    run = ["a", "go", "back", "go", "back", "go", "bad"]

    assert shortened(net, FIRST, run, "o") == (("a", "go", "bad"), Marking({"x": 1}))


def test_a_branch_beside_the_fault_is_left_out():
    net = nets.net("f: i -> a b", "x: a -> c", "y: c -> d", "bad: b -> o", "end: d b -> o")

    run, marking = shortened(net, FIRST, ["f", "x", "y", "bad"], "o")

    assert (run, marking) == (("f", "bad"), Marking({"o": 1, "a": 1}))


def test_a_stuck_case_stays_a_stuck_case():
    # Without [late] the end would be reached too early: a fault as well, but another.
    net = nets.net("f: i -> a b", "early: a -> o", "late: a -> c", "x: b -> d", "end: c d z -> o")

    run, marking = shortened(net, FIRST, ["f", "late", "x"], "o")

    assert (run, marking) == (("f", "late", "x"), Marking({"c": 1, "d": 1}))


def test_a_run_that_shows_no_fault_is_refused():
    with pytest.raises(ValueError, match="no fault"):
        shortened(nets.sequence(), FIRST, ["a", "b"], "o")
