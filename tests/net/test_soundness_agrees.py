"""Verdicts on thousands of random nets, against the definitions spelled out in `naive`."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from tests.net.naive import facts
from tests.net.strategies import Growing, any_nets, workflow_nets
from workflows.net import Marking, Net, enabled_transitions, fire, verify
from workflows.net.firing import fire_sequence
from workflows.net.structure import sources, workflow_net_problems


def assert_agrees(net: Net) -> str:
    verdict = verify(net, max_states=1_000)
    expected = facts(net, "i", "o", cap=300)
    for problem in verdict.problems:
        run = fire_sequence(net, Marking({"i": 1}), problem.firing_sequence)
        assert run == problem.marking
    if expected is None:
        assert verdict.verdict != "sound" or verdict.states > 300 or "reduction" in verdict.method
        return "too large"
    assert verdict.verdict == ("sound" if expected["sound"] else "unsound")
    assert verdict.bounded is True
    assert verdict.option_to_complete is expected["option"]
    assert verdict.proper_completion is expected["proper"]
    assert list(verdict.dead_transitions) == expected["dead"]
    assert any(p.kind == "deadlock" for p in verdict.problems) is expected["deadlock"]
    return verdict.verdict


@pytest.mark.parametrize("seed", range(8))
def test_verdicts_agree_with_the_definitions(seed):
    found = {"sound": 0, "unsound": 0, "too large": 0}
    for number in range(250):
        dice = random.Random(1_000 * seed + number)
        growing = Growing(dice)
        for _ in range(dice.randint(1, 9)):
            growing.refine()
        for _ in range(dice.choice([0, 0, 1, 1, 2, 3])):
            growing.disturb()
        net = growing.net(with_all_kinds=dice.random() < 0.5)
        if not workflow_net_problems(net):
            found[assert_agrees(net)] += 1
    assert found["sound"] > 20
    assert found["unsound"] > 20


@settings(max_examples=60, deadline=None)
@given(workflow_nets())
def test_a_found_counterexample_of_agreement_would_be_small(net):
    if not workflow_net_problems(net):
        assert_agrees(net)


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
