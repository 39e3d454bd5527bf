"""Reduction keeps what soundness is made of."""

from __future__ import annotations

import random
import time

import pytest

from tests import nets
from tests.net.naive import facts
from tests.net.strategies import Growing
from workflows.net import Arc, ArcKind, Marking, Net, Place, Transition, verify
from workflows.net.firing import fire_sequence
from workflows.net.reachability import Bounds
from workflows.net.reduction import is_reducible, reduce
from workflows.net.shortcut import shortcut
from workflows.net.structure import workflow_net_problems

FOREVER = float("inf")


def bounds() -> Bounds:
    return Bounds(max_states=2_000, deadline=time.monotonic() + 30)


@pytest.mark.parametrize("make", [nets.sequence, nets.parallel, lambda: nets.wide(20)])
def test_structured_nets_shrink_to_one_transition(make):
    assert reduce(make(), FOREVER).is_atom


@pytest.mark.parametrize(
    "make", [nets.xor_split_and_join, nets.and_split_xor_join, nets.piling_up, nets.endless_circle]
)
def test_unsound_nets_do_not(make):
    assert not reduce(make(), FOREVER).is_atom


def test_a_second_place_that_is_never_marked_is_no_soundness():
    # [t] seems to give back all that it takes, but (x) holds no token to begin with.
    net = nets.net("t: i x -> o x")

    assert not reduce(net, FOREVER).is_atom
    assert shortcut(net, bounds()).is_sound is False


def test_a_reduction_that_takes_too_long_is_given_up():
    assert reduce(nets.wide(20), deadline=0.0) is None


@pytest.mark.parametrize("make", [nets.withdrawal, nets.batch])
def test_nets_with_other_arcs_are_not_reduced(make):
    assert not is_reducible(make())


def test_reading_a_token_and_putting_another_beside_it_is_no_plain_arc():
    assert not is_reducible(nets.net("a: i -> p", "b: p -> o", "c: i -> p; read p"))


def test_a_very_wide_net_is_proved_sound_at_once():
    verdict = verify(nets.wide(60))

    assert (verdict.verdict, verdict.method) == ("sound", "reduction")
    assert verdict.seconds < 2


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


@pytest.mark.parametrize("seed", range(4))
def test_the_residue_is_sound_exactly_if_the_net_is(seed):
    compared = {True: 0, False: 0}
    for number in range(200):
        dice = random.Random(100_000 + 1_000 * seed + number)
        growing = Growing(dice)
        for _ in range(dice.randint(1, 10)):
            growing.refine()
        for _ in range(dice.choice([0, 0, 1, 1, 2])):
            growing.disturb()
        net = with_reads(growing.net(with_all_kinds=False), dice)
        if workflow_net_problems(net) or not is_reducible(net):
            continue
        expected = facts(net, "i", "o", cap=300)
        answer = shortcut(net, bounds())
        if expected is None:
            continue
        assert answer.is_sound is expected["sound"]
        compared[answer.is_sound] += 1
        if answer.problem is not None:
            run = fire_sequence(net, Marking({"i": 1}), answer.problem.firing_sequence)
            assert run == answer.problem.marking
    assert min(compared.values()) > 20


def with_reads(net: Net, dice: random.Random) -> Net:
    reads = [
        Arc(dice.choice(net.places).key, dice.choice(net.transitions).key, ArcKind.READ)
        for _ in range(dice.choice([0, 0, 1]))
    ]
    return Net(net.key, net.places, net.transitions, (*net.arcs, *reads))
