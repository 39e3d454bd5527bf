"""The shape of a workflow net."""

from __future__ import annotations

import pytest

from tests import nets
from workflows.net.errors import NetError
from workflows.net.structure import sink, sinks, source, sources, workflow_net_problems


@pytest.mark.parametrize(
    "make", [nets.sequence, nets.parallel, nets.withdrawal, nets.milestone, nets.complaint]
)
def test_a_workflow_net_has_one_source_one_sink_and_no_problem(make):
    net = make()

    assert (source(net), sink(net)) == ("i", "o")
    assert workflow_net_problems(net) == ()


def test_two_sources_and_two_sinks_are_named():
    net = nets.net("a: i -> o", "b: j -> x")

    assert sources(net) == ("i", "j")
    assert sinks(net) == ("o", "x")
    first, second = workflow_net_problems(net)
    assert "2 source places" in first
    assert "“j”" in first
    assert "2 sink places" in second


def test_a_net_without_a_beginning_is_told():
    problems = workflow_net_problems(nets.mutual_exclusion())

    assert any("There is no source place" in problem for problem in problems)
    with pytest.raises(NetError, match="one source place"):
        source(nets.mutual_exclusion())


def test_a_node_off_the_way_is_named():
    net = nets.net("a: i -> o", "b: x -> y", "c: y -> x")

    told = " ".join(workflow_net_problems(net))

    assert "“b” cannot be reached from “i”" in told
    assert "“x” has no way to “o”" in told


def test_a_transition_without_inputs_could_fire_for_ever():
    net = nets.net("a: i -> p", "b: p -> o", "spring: -> p")

    assert "“spring” has no input place" in " ".join(workflow_net_problems(net))


def test_a_transition_without_outputs_is_named():
    net = nets.net("a: i -> p o", "drain: p ->")

    assert "“drain” has no output place" in " ".join(workflow_net_problems(net))


def test_a_place_that_only_resets_empty_is_not_the_end():
    net = nets.net("a: i -> p flag", "b: p -> o; reset flag")

    assert sinks(net) == ("o",)
    assert workflow_net_problems(net) == ()


def test_a_step_that_empties_the_whole_net_leaves_it_its_end():
    net = nets.net("a: i -> p", "b: p -> o; reset i p o")

    assert sinks(net) == ("o",)


def test_a_net_without_transitions_is_none():
    assert workflow_net_problems(nets.net(initial={"p": 1})) == ("The net has no transition.",)
