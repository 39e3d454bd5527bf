"""Verdicts on thousands of random nets, against the definitions spelled out in `naive`."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from tests.net.agreement import checked, random_net
from tests.net.generated import sound, unsound
from tests.net.strategies import any_nets, workflow_nets
from workflows.net import Marking, Net, enabled_transitions, fire, verify
from workflows.net.firing import fire_sequence
from workflows.net.structure import sources, workflow_net_problems

BATCHES, NETS_A_BATCH = 16, 900


# One batch is enough to see a mistake in what one has just changed; all of them hold the promise.
@pytest.mark.parametrize(
    "batch", [0, *(pytest.param(batch, marks=pytest.mark.slow) for batch in range(1, BATCHES))]
)
def test_ten_thousand_verdicts_agree_with_the_definitions(batch):
    found = Counter()
    for seed in range(batch * NETS_A_BATCH, (batch + 1) * NETS_A_BATCH):
        net = random_net(seed)
        if net is not None:
            found[checked(net)] += 1

    assert found.total() * BATCHES > 10_000
    assert min(found["sound"], found["unsound"]) > 100


@pytest.mark.parametrize("size", [3, 6, 12, 30, 60, 120])
def test_nets_made_of_sound_blocks_are_sound(size):
    for seed in range(30):
        assert verify(sound(size, seed)).verdict == "sound", seed


@pytest.mark.parametrize("size", [3, 6, 12, 30, 60, 120])
def test_one_fault_put_into_a_sound_net_is_found_and_shown(size):
    for seed in range(30):
        net, fault = unsound(size, seed)
        verdict = verify(net)

        assert verdict.verdict == "unsound", (seed, fault)
        assert verdict.problems
        for problem in verdict.problems:
            run = fire_sequence(net, Marking({"i": 1}), problem.firing_sequence)
            assert run == problem.marking


@settings(max_examples=60, deadline=None)
@given(workflow_nets())
def test_a_found_counterexample_of_agreement_would_be_small(net):
    if not workflow_net_problems(net):
        checked(net)


@settings(max_examples=80, deadline=None)
@given(any_nets())
def test_any_net_gets_a_verdict_whose_runs_can_be_fired(net):
    verdict = verify(net, max_states=300, seconds=5)

    initial = net.initial or beginning(net)
    for problem in verdict.problems:
        assert fire_sequence(net, initial, problem.firing_sequence) == problem.marking


@settings(max_examples=60, deadline=None)
@given(workflow_nets())
def test_no_shorter_run_leads_to_a_deadlock(net):
    deadlocks = [p for p in verify(net, max_states=500).problems if p.kind == "deadlock"]
    if not deadlocks or workflow_net_problems(net):
        return
    shortest = min(len(problem.firing_sequence) for problem in deadlocks)
    level = {Marking({"i": 1})}
    for _ in range(min(shortest, 12)):
        assert all(marking["o"] or successors_of(net, marking) for marking in level)
        level = {after for marking in level for after in successors_of(net, marking)}


def successors_of(net: Net, marking: Marking) -> list[Marking]:
    return [fire(net, marking, key) for key in enabled_transitions(net, marking)]


def beginning(net: Net) -> Marking:
    starts = sources(net)
    return Marking({starts[0]: 1}) if len(starts) == 1 else Marking()
