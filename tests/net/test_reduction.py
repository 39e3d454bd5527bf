"""Reduction keeps what soundness is made of, and what it leaves is small."""

from __future__ import annotations

import time

import pytest

from tests import nets
from workflows.bench import structured
from workflows.net import Arc, ArcKind, Marking, Net, Place, Transition, verify
from workflows.net.deciding import decide
from workflows.net.explaining import explain
from workflows.net.firing import fire_sequence
from workflows.net.reachability import Bounds
from workflows.net.reduction import reduce

FOREVER = float("inf")


def bounds(max_states: int = 5_000) -> Bounds:
    return Bounds(max_states=max_states, deadline=time.monotonic() + 30)


def left(net: Net) -> tuple[int, int]:
    """Return how many places and transitions the rules leave."""
    residue = reduce(net, FOREVER)
    return len(residue.consumers), len(residue.inputs)


@pytest.mark.parametrize("make", [nets.sequence, nets.parallel, lambda: nets.wide(20)])
def test_structured_nets_shrink_to_one_transition(make):
    assert reduce(make(), FOREVER).is_atom


@pytest.mark.parametrize(
    "make", [nets.xor_split_and_join, nets.and_split_xor_join, nets.piling_up, nets.endless_circle]
)
def test_unsound_nets_do_not(make):
    assert not reduce(make(), FOREVER).is_atom


def test_a_second_place_that_is_never_marked_is_no_soundness():
    # [t] seems to go from the source to the sink, but (x) holds no token to begin with.
    net = nets.net("t: i x -> o x")

    assert not reduce(net, FOREVER).is_atom
    assert decide(net, bounds()).is_unsound


def test_a_reduction_that_takes_too_long_is_given_up():
    assert reduce(nets.wide(20), deadline=0.0) is None


def test_places_that_are_emptied_together_shrink_together():
    # Each region has a branch of two steps beside the region inside it.
    net = structured.cancelling(20)
    places, transitions = left(net)

    assert (len(net.places), len(net.transitions)) == (123, 102)
    assert (places, transitions) == (80, 60)


def test_a_place_that_is_emptied_alone_is_not_merged_with_the_next():
    net = nets.net("fork: i -> p run", "a: p -> q", "join: q run -> o", "cancel: run -> o; reset q")

    decision = decide(net, bounds())

    assert decision.is_unsound
    problem = explain(net, decision, bounds())
    assert problem.kind == "improper_completion"
    assert problem.marking == {"o": 1, "p": 1}


def test_what_an_inhibitor_arc_looks_at_keeps_its_moment():
    # Only while (b) is still empty can [fast] fire; were [fork] and [go] one, it never could.
    net = nets.net(
        "fork: i -> a x",
        "go: a -> b",
        "fast: x -> y; inhibit b",
        "slow: x -> y; read b",
        "end: b y -> o",
    )

    assert decide(net, bounds()).is_sound


def test_heavy_arcs_are_left_as_they_are_and_the_rest_shrinks():
    net = nets.net("a: i -> p", "b: p -> 3*q", "c: q -> r", "d: r -> s", "e: 3*s -> t", "f: t -> o")

    assert left(net) == (6, 5)
    assert decide(net, bounds()).is_sound


def test_a_read_beside_a_reset_of_the_same_place_is_no_token_put_back():
    net = nets.net("a: i -> p q", "b: p -> r; read q; reset q", "c: q r -> o")

    assert decide(net, bounds()).is_unsound


def test_of_two_producers_neither_waits_for_a_consumer_that_the_other_suits():
    """Were they merged, a run that no case takes would seem a dead transition."""
    net = nets.net(
        "t0: i -> p2 p11",
        "t1: i -> o; reset p11 p12 p3 p4 p5 p6",
        "t2: p2 -> p5 p6",
        "t4: p3 p6 -> p12",
        "t5: p4 p11 -> p3",
        "t6: p5 -> p3",
        "t8: p3 -> o; reset p11 p12 p3 p4 p5 p6",
        "t11: p12 -> p4",
    )

    assert decide(net, bounds()).is_sound


def test_a_very_wide_net_is_proved_sound_at_once():
    verdict = verify(nets.wide(60))

    assert (verdict.verdict, verdict.method) == ("sound", "reduction")
    assert verdict.states == 1


def test_branches_that_no_rule_shrinks_are_followed_one_order_at_a_time():
    # Each branch counts to two, by heavy arcs; together they have 3 ** 12 markings and more.
    lines = ["fork: i -> " + " ".join(f"a{n}" for n in range(12))]
    for n in range(12):
        lines += [f"x{n}: a{n} -> 2*b{n}", f"y{n}: b{n} -> c{n}", f"z{n}: 2*c{n} -> d{n}"]
    lines += ["join: " + " ".join(f"d{n}" for n in range(12)) + " -> o"]

    verdict = verify(nets.net(*lines))

    assert (verdict.verdict, verdict.method) == ("sound", "reduction+partial order")
    assert verdict.states < 200


def test_a_fault_deep_in_a_very_wide_net_is_shown_by_a_run():
    wide = nets.wide(30)
    # [join] leaves a token in (extra), and takes the one that [late] would need beside it.
    arcs = (*wide.arcs, Arc("extra", "join", ArcKind.OUTPUT), Arc("extra", "late", ArcKind.INPUT))
    lines = [Arc("r29", "late", ArcKind.INPUT), Arc("o", "late", ArcKind.OUTPUT)]
    net = Net(
        "n",
        (*wide.places, Place("extra")),
        (*wide.transitions, Transition("late")),
        (*arcs, *lines),
    )

    verdict = verify(net, max_states=3_000)

    assert verdict.verdict == "unsound"
    assert verdict.proper_completion is False
    problem = verdict.problems[0]
    assert problem.kind == "improper_completion"
    assert fire_sequence(net, Marking({"i": 1}), problem.firing_sequence) == problem.marking


def test_a_run_that_the_residue_gave_is_shortened():
    """The branches beside the fault need not be gone through to show it."""
    lines = ["fork: i -> bad " + " ".join(f"a{n}" for n in range(30))]
    for n in range(30):
        lines += [f"x{n}: a{n} -> b{n}", f"y{n}: b{n} -> a{n}", f"z{n}: b{n} -> c{n}"]
    lines += ["early: bad -> o late", "slow: bad -> late"]
    lines += ["join: late " + " ".join(f"c{n}" for n in range(30)) + " -> o"]
    net = nets.net(*lines)

    problem = explain(net, decide(net, bounds()), bounds())

    assert problem.firing_sequence == ("fork", "early")


def test_what_a_siphon_leaves_empty_is_dead_however_many_markings_there_are():
    wide = nets.wide(30)
    arcs = [Arc(place, "late", ArcKind.INPUT) for place in ("p0", "never")]
    arcs += [Arc(place, "late", ArcKind.OUTPUT) for place in ("never", "o")]
    places = (*wide.places, Place("never"))
    net = Net("n", places, (*wide.transitions, Transition("late")), (*wide.arcs, *arcs))

    decision = decide(net, bounds(max_states=10))

    assert (decision.is_sound, decision.dead, decision.method) == (False, ("late",), "siphon")
    assert verify(net).dead_transitions == ("late",)


def test_what_a_reset_lets_fire_in_vain_is_not_called_dead():
    # [wait] puts a token for [never], which [go on] takes away before it could fire.
    net = nets.net(
        "begin: i -> a b",
        "begin too: i -> a b; inhibit e",
        "wait: b -> c",
        "go on: a -> d; reset a b c d",
        "never: c d -> o; reset a b c d",
        "round: d -> e",
        "back: e -> d",
        "end: d -> o",
    )

    decision = decide(net, bounds())

    assert (decision.is_sound, decision.dead) == (False, ("never",))
