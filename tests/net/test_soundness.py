"""Verdicts on nets whose soundness is known."""

from __future__ import annotations

import pytest

from tests import nets
from workflows.net import Marking, verify
from workflows.net.firing import fire_sequence

SOUND = [
    nets.sequence,
    nets.parallel,
    nets.not_free_choice,
    nets.withdrawal,
    nets.milestone,
    nets.batch,
    nets.complaint,
]


def kinds(verdict):
    return [problem.kind for problem in verdict.problems]


def only(verdict, kind):
    (problem,) = [problem for problem in verdict.problems if problem.kind == kind]
    return problem


@pytest.mark.parametrize("make", SOUND)
def test_sound_nets_are_sound_in_every_respect(make):
    verdict = verify(make())

    assert verdict.verdict == "sound"
    assert verdict.workflow_net
    assert verdict.bounded
    assert verdict.option_to_complete
    assert verdict.proper_completion
    assert not verdict.dead_transitions
    assert not verdict.problems


def test_a_join_that_waits_for_a_branch_not_taken_is_a_deadlock():
    verdict = verify(nets.xor_split_and_join())

    assert verdict.verdict == "unsound"
    first, second = [p for p in verdict.problems if p.kind == "deadlock"]
    assert (first.firing_sequence, first.marking) == (("a",), {"p": 1})
    assert (second.firing_sequence, second.marking) == (("b",), {"q": 1})
    assert "“join” waits for a token in “q”" in first.message
    assert verdict.option_to_complete is False


def test_a_branch_left_over_at_the_end_is_improper_completion():
    verdict = verify(nets.and_split_xor_join())

    assert verdict.proper_completion is False
    problem = [p for p in verdict.problems if p.kind == "improper_completion"][0]
    assert problem.firing_sequence == ("fork", "a")
    assert problem.marking == {"o": 1, "q": 1}
    assert "a token in “q”" in problem.message


def test_two_tokens_in_the_end_are_improper_completion():
    verdict = verify(nets.net("a: i -> 2*o"))

    assert only(verdict, "improper_completion").marking == {"o": 2}
    assert "2 tokens in the end instead of one" in verdict.problems[0].message


def test_a_circle_without_a_way_out_is_a_livelock():
    verdict = verify(nets.endless_circle())

    problem = only(verdict, "livelock")
    assert (problem.firing_sequence, problem.marking) == (("enter",), {"p": 1})
    assert "“go”, “back” can still fire" in problem.message
    assert "deadlock" not in kinds(verdict)
    assert verdict.option_to_complete is False


def test_a_circle_from_which_no_arc_leads_to_the_end_is_told_as_both():
    verdict = verify(nets.net("finish: i -> o", "enter: i -> p", "go: p -> q", "back: q -> p"))

    assert verdict.workflow_net is False
    assert only(verdict, "livelock").firing_sequence == ("enter",)
    assert verdict.option_to_complete is False


def test_a_loop_that_can_be_left_is_no_livelock():
    assert verify(nets.net("a: i -> p", "again: p -> p", "b: p -> o")).is_sound


def test_tokens_that_pile_up_are_told_with_the_round_that_does_it():
    verdict = verify(nets.piling_up())

    assert verdict.verdict == "unsound"
    assert verdict.bounded is False
    problem = only(verdict, "unbounded")
    assert problem.marking.covers({"p": 1, "q": 1})
    assert "every round of “again” leaves more in “q”" in problem.message


def test_of_an_unbounded_net_dead_transitions_and_completion_are_known():
    verdict = verify(
        nets.net("a: i -> p", "m: p -> p q", "b: p -> o", "dead: q x -> o", "e: q -> o x; read x")
    )

    assert verdict.bounded is False
    assert verdict.dead_transitions == ("dead", "e")
    assert verdict.proper_completion is False
    assert "coverability" in verdict.method


def test_a_step_that_never_fires_is_dead_and_the_reason_is_told():
    verdict = verify(nets.with_a_dead_step())

    assert verdict.dead_transitions == ("never",)
    problem = only(verdict, "dead_transition")
    assert (problem.firing_sequence, problem.marking) == ((), {"i": 1})
    assert "“p” and “q” never hold what it needs at the same time" in problem.message


def test_the_place_that_a_dead_step_misses_is_named():
    verdict = verify(nets.net("a: i -> p", "b: p -> o", "c: 2*p -> o"))

    assert "“p” never holds 2 tokens" in only(verdict, "dead_transition").message


def test_what_an_inhibitor_arc_holds_back_for_good_is_dead():
    verdict = verify(nets.net("a: i -> p q", "b: p q -> o", "c: p -> o; inhibit q"))

    assert verdict.dead_transitions == ("c",)
    assert "tokens in “q” hold it back" in only(verdict, "dead_transition").message


def test_a_net_that_resets_make_sound_without_a_bound_is_undecided():
    verdict = verify(nets.sound_but_unbounded(), max_states=500)

    assert verdict.verdict == "undecided"
    assert verdict.bounded is False
    assert verdict.option_to_complete is None
    assert kinds(verdict) == ["unbounded"]


def test_a_fault_found_before_the_bound_decides_against():
    net = nets.net(
        "begin: i -> p", "note: p -> p notes", "stop: p -> q", "end: 2*q -> o; reset notes"
    )

    verdict = verify(net, max_states=50)

    assert verdict.verdict == "unsound"
    assert verdict.bounded is False
    assert "deadlock" in kinds(verdict)


def test_bounds_that_end_the_search_leave_it_undecided():
    counting = nets.net("a: i -> 3*p", "b: p -> q", "c: 3*q -> o")

    verdict = verify(counting, max_states=2)

    assert verdict.verdict == "undecided"
    # Two of the net's own, and two of its residue.
    assert verdict.states == 4
    assert not verdict.problems


def test_no_time_leaves_it_undecided():
    net = nets.net("a: i -> p q r", "b: p -> s; inhibit x", "c: q -> x", "d: r s x -> o")

    assert verify(net, seconds=0.0).verdict == "undecided"


def test_a_net_with_two_ends_is_no_workflow_net_yet_its_marking_is_told():
    verdict = verify(nets.net("a: i -> o", "b: i -> x"))

    assert verdict.verdict == "unsound"
    assert verdict.workflow_net is False
    assert kinds(verdict) == ["not_workflow_net"]
    assert (verdict.bounded, verdict.states, verdict.dead_transitions) == (True, 3, ())


def test_an_initial_marking_of_its_own_is_explored_as_it_is():
    verdict = verify(nets.philosophers())

    assert (verdict.verdict, verdict.workflow_net) == ("unsound", False)
    assert verdict.bounded
    problem = only(verdict, "deadlock")
    assert problem.firing_sequence == ("left1", "left2")
    assert problem.marking == {"hungry1": 1, "hungry2": 1}


def test_a_net_that_never_stops_has_no_deadlock():
    verdict = verify(nets.mutual_exclusion())

    assert "deadlock" not in kinds(verdict)
    assert (verdict.bounded, verdict.states, verdict.dead_transitions) == (True, 3, ())


def test_two_cases_at_once_are_an_initial_marking_of_its_own():
    verdict = verify(nets.net("a: i -> p", "b: p -> o", initial={"i": 2}))

    assert verdict.workflow_net is False
    assert "initial marking of its own" in verdict.problems[0].message
    assert verdict.states == 6


def test_one_token_in_the_source_is_the_usual_beginning():
    assert verify(nets.net("a: i -> o", initial={"i": 1})).is_sound


def test_a_case_that_begins_with_no_token_is_explored_all_the_same():
    assert verify(nets.net("a: i -> o", initial={})).is_sound


def test_runs_are_shortest_and_can_be_fired():
    net = nets.net(
        "go: i -> a", "turn: a -> c", "back: c -> a", "z: a -> b", "w: c -> b", "e: 2*b -> o"
    )

    problem = only(verify(net), "deadlock")

    assert len(problem.firing_sequence) == 2
    assert fire_sequence(net, Marking({"i": 1}), problem.firing_sequence) == problem.marking


def test_the_verdict_as_json_has_the_promised_fields():
    told = verify(nets.xor_split_and_join()).as_dict()

    assert list(told) == [
        "verdict",
        "workflow_net",
        "bounded",
        "option_to_complete",
        "proper_completion",
        "dead_transitions",
        "states",
        "seconds",
        "method",
        "problems",
    ]
    assert told["problems"][0] == {
        "kind": "deadlock",
        "message": told["problems"][0]["message"],
        "firing_sequence": ["a"],
        "marking": {"p": 1},
    }


def test_heavy_weights_are_counted_exactly():
    assert verify(nets.net("a: i -> 70000*p", "b: 70000*p -> o")).is_sound
    assert not verify(nets.net("a: i -> 70000*p", "b: 70001*p -> o")).is_sound


def test_many_tokens_from_small_weights_are_counted_exactly():
    net = nets.net("a: i -> x 3*p", "b: p -> 3*q", "c: q -> 3*r", "d: 27*r x -> o")

    assert verify(net).is_sound


def test_messages_use_titles_beside_keys():
    net = nets.with_titles(nets.xor_split_and_join(), {"join": "Sign together", "q": "Checked"})

    message = verify(net).problems[0].message

    assert "“Sign together” (join) waits for a token in “Checked” (q)" in message


def test_no_memory_leaves_it_undecided():
    lines = ["fork: i -> " + " ".join(f"a{n}" for n in range(9))]
    for n in range(9):
        lines += [f"x{n}: a{n} -> b{n}; inhibit c{n}", f"y{n}: b{n} -> c{n}; inhibit a{n}"]
    lines += ["join: " + " ".join(f"c{n}" for n in range(9)) + " -> o"]
    net = nets.net(*lines)

    assert verify(net, max_mib=1).verdict == "undecided"
    assert verify(net).verdict == "sound"
