"""What is done, present, possible and out of reach."""

from __future__ import annotations

from tests import nets
from workflows.net.progress import NodeState, progress


def test_nodes_are_told_apart_by_what_happened_and_may_happen():
    net = nets.net(
        "submit: i -> p", "no: p -> o", "yes: p -> q", "pay: q -> o", "skip: i -> r", "x: r -> o"
    )

    states = progress(net, {"q": 1}, ["submit", "yes"])

    assert states == {
        "i": NodeState.DONE,
        "p": NodeState.DONE,
        "submit": NodeState.DONE,
        "yes": NodeState.DONE,
        "q": NodeState.PRESENT,
        "pay": NodeState.PRESENT,
        "o": NodeState.POSSIBLE,
        "no": NodeState.UNTOUCHED,
        "skip": NodeState.UNTOUCHED,
        "r": NodeState.UNTOUCHED,
        "x": NodeState.UNTOUCHED,
    }


def test_what_may_happen_again_is_present_not_done():
    net = nets.net("a: i -> p", "b: p -> q", "back: q -> p", "c: q -> o")

    states = progress(net, {"p": 1}, ["a", "b", "back"])

    assert states["b"] is NodeState.PRESENT
    assert states["back"] is NodeState.DONE
    assert states["c"] is NodeState.POSSIBLE


def test_a_transition_of_an_older_version_is_passed_over():
    assert "gone" not in progress(nets.sequence(), {"i": 1}, ["gone"])
