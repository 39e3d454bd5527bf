"""One proof of a flow: its verdicts, what stands against publishing it, and its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.expressions.strategies import many
from tests.factories import FLOWS
from tests.net.strategies import workflow_nets
from workflows import flowfile
from workflows.definition import (
    FlowDefinition,
    PlaceDefinition,
    TaskDefinition,
    TransitionDefinition,
)
from workflows.net import ArcKind, Net, verify
from workflows.proving import Check, Fault, Proof, PublishProblem, prove
from workflows.proving.guardless import decides_nothing
from workflows.proving.restricted import soundness_with_guards

HEAD = """
flow: sample
data:
  type: object
  properties:
    amount: {type: number, title: Amount}
    days: {type: integer, title: Days}
    note: {type: string, title: Note}
    decision: {type: string, readOnly: true}
  required: [amount, days]
"""


def proved(text: str, **options: Any) -> Proof:
    return prove(flowfile.read(HEAD + text), **options)


def decision(*branches: str, **options: Any) -> Proof:
    rows = "".join(f"  b{n}: {{from: mid, to: end, {b}}}\n" for n, b in enumerate(branches))
    head = "places: [start, mid, end]\ntransitions:\n  go: {from: start, to: mid}\n"
    return proved(head + rows, **options)


@dataclass
class Found:
    problems: Sequence[PublishProblem]

    def as_dict(self) -> Mapping[str, object]:
        return {"looked": "well"}


@pytest.mark.parametrize("key", ["leave", "expense", "purchase"])
def test_of_a_shipped_flow_both_verdicts_are_good_and_nothing_stands_against_it(key):
    proof = prove(flowfile.read((FLOWS / f"{key}.yaml").read_text(encoding="utf-8")))

    told = proof.as_dict()

    assert (told["verdict"], told["guards"]["verdict"]) == ("sound", "proved")
    assert (told["errors"], told["warnings"], told["can_be_published"]) == ([], [], True)


def test_the_json_has_all_that_the_verdict_of_a_net_has():
    proof = decision("guard: amount < 10", "default: true")

    told = json.loads(json.dumps(proof.as_dict()))

    assert set(verify(proof.definition.net()).as_dict()) <= set(told)
    assert told["guards"]["verdict"] == "proved"


def test_a_case_that_gets_stuck_with_some_data_is_an_error_with_its_run():
    proof = decision("guard: amount < 10", "guard: amount > 10")

    (error,) = proof.errors

    assert proof.is_sound
    assert not proof.can_be_published
    assert (error.where, error.run) == ("places.mid", ("go",))
    assert error.example == {"amount": 10, "days": 1}


def test_a_case_that_goes_round_for_ever_with_some_data_is_an_error():
    proof = proved("""
places: [start, mid, end]
transitions:
  go: {from: start, to: mid}
  again: {from: mid, to: mid, guard: amount > 5}
  out: {from: mid, to: end, default: true}
""")

    (error,) = proof.errors

    assert "round for ever" in error.message


def test_what_cannot_be_decided_is_a_warning_that_names_what_it_depends_on():
    proof = proved("""
places: [start, mid, end]
transitions:
  go: {from: start, to: mid, set: {decision: "'yes'"}}
  out: {from: mid, to: end, guard: exists(decision) and decision == 'yes'}
""")

    assert proof.errors == ()
    assert any("gets on from 'mid' depends on the data" in w.message for w in proof.warnings)


def test_a_division_by_zero_is_a_warning_with_an_example():
    proof = decision("guard: amount / days > 3", "default: true")

    warning = proof.warnings[0]

    assert (warning.where, proof.errors) == ("transitions.b0.guard", ())
    assert warning.example == {"amount": 1, "days": 0}


def test_a_guard_that_may_fail_is_told_once():
    proof = decision("guard: len(note) > 3", "default: true")

    told = [w for w in proof.warnings if w.where == "transitions.b0.guard"]

    assert len(told) == 1
    assert "cannot be worked out where Note is empty" in told[0].message


def test_what_is_not_even_a_net_is_told_and_not_raised():
    lonely = FlowDefinition("f", transitions=(TransitionDefinition("go"),))

    told = prove(lonely).as_dict()

    assert (told["verdict"], told["workflow_net"], told["guards"]) == ("unsound", False, None)
    assert told["problems"][0]["kind"] == "not_workflow_net"


def test_a_guard_that_cannot_be_read_leaves_the_second_verdict_open():
    proof = decision("guard: amonut > 3", "default: true")

    assert proof.as_dict()["guards"] is None
    assert "amonut" in proof.errors[0].message


def test_a_further_check_adds_its_problems_and_a_key_to_the_json():
    problem = PublishProblem("tasks.review", "Nobody can do it.")
    check = Check("people", lambda definition, seconds: Found([problem]))

    proof = proved(
        "places: [start, end]\ntransitions:\n  go: {from: start, to: end}\n", checks=[check]
    )

    assert proof.errors == (problem,)
    assert proof.as_dict()["people"] == {"looked": "well"}


def test_a_further_check_is_not_asked_about_a_flow_with_mistakes():
    def fail(definition: FlowDefinition, seconds: float) -> Found:
        raise AssertionError(definition)

    places = (PlaceDefinition("start"), PlaceDefinition("end"))
    go = TransitionDefinition("go", inputs={"start": 1}, outputs={"end": 1}, guard="1 +")

    proof = prove(FlowDefinition("f", places=places, transitions=(go,)), checks=[Check("x", fail)])

    assert proof.errors


def test_a_fault_is_told_as_a_story_beside_the_run_that_shows_it():
    told: list[Fault] = []

    def tell(definition: FlowDefinition, fault: Fault) -> Mapping[str, object]:
        told.append(fault)
        return {"title": fault.kind}

    text = "places: [start, mid, end]\ntransitions:\n  go: {from: start, to: mid}\n"
    text += "  out: {from: mid, to: end, guard: amount < 10}\n"
    guards = proved(text, tell=tell).as_dict()["guards"]

    assert guards["problems"][0]["story"] == {"title": "stuck"}
    assert dict(told[0].marking) == {"mid": 1}


def test_of_a_net_that_is_at_fault_itself_the_second_verdict_says_nothing_more():
    proof = proved("""
places: [start, left, right, end]
transitions:
  split: {from: start, to: left, guard: amount > 1}
  other: {from: start, to: right, default: true}
  join: {from: [left, right], to: end}
""")

    assert not proof.is_sound
    assert proof.problems == ()


def test_a_flow_of_many_branches_in_which_data_decide_nothing_is_proved_by_its_net():
    many = range(20)
    branches = "".join(f"  t{n}: {{task: t{n}, outcome: ok, from: a{n}, to: b{n}}}\n" for n in many)
    tasks = "".join(f"  t{n}: {{kind: human, assign: requester}}\n" for n in many)
    places = ", ".join(f"a{n}, b{n}" for n in many)
    proof = proved(
        f"places: [start, {places}, end]\ntasks:\n{tasks}transitions:\n{branches}"
        f"  split: {{from: start, to: [{', '.join(f'a{n}' for n in many)}]}}\n"
        f"  join: {{from: [{', '.join(f'b{n}' for n in many)}], to: end}}\n"
    )

    assert proof.guards is not None
    assert proof.guards.soundness is not None
    assert (proof.guards.soundness.verdict, proof.problems) == ("proved", ())


def test_a_task_that_never_gets_its_turn_beside_an_automatic_step_is_not_proved():
    proof = proved("""
places: [start, mid, end]
tasks: {stop: {kind: human, assign: requester}}
transitions:
  go: {from: start, to: mid}
  on: {from: mid, to: end}
  stopped: {task: stop, outcome: stop, from: mid, to: end}
""")

    assert proof.is_sound
    assert "'stopped' is reached" in proof.warnings[0].message


@many(60)
@given(workflow_nets(), st.randoms(use_true_random=False))
def test_where_data_decide_nothing_the_second_verdict_is_that_of_a_sound_net(net, chance):
    definition = with_tasks(net, chance)
    assume(decides_nothing(definition) and verify(definition.net()).is_sound)

    assert soundness_with_guards(definition, []).verdict == "proved"


def with_tasks(net: Net, chance: Random) -> FlowDefinition:
    """Return a flow of this net in which some transitions are people's, the rest automatic."""
    human = {t.key for t in net.transitions if chance.random() < 0.7}
    transitions = [
        TransitionDefinition(
            t.key,
            task=t.key if t.key in human else None,
            outcome="ok" if t.key in human else "",
            inputs=arcs_of(net, t.key, ArcKind.INPUT),
            outputs=arcs_of(net, t.key, ArcKind.OUTPUT),
        )
        for t in net.transitions
    ]
    return FlowDefinition(
        "f",
        places=tuple(PlaceDefinition(place.key) for place in net.places),
        tasks=tuple(TaskDefinition(key) for key in sorted(human)),
        transitions=tuple(transitions),
    )


def arcs_of(net: Net, transition: str, kind: ArcKind) -> dict[str, int]:
    arcs = [arc for arc in net.arcs if arc.transition == transition and arc.kind is kind]
    return {arc.place: arc.weight for arc in arcs}


def test_a_proof_that_has_no_time_left_claims_nothing_of_the_guards():
    branches = [f"guard: amount > {n} and days < {n}" for n in range(1, 20)]

    proof = decision(*branches, seconds=0.0)

    assert proof.guards is not None
    assert proof.guards.soundness is not None
    assert proof.guards.soundness.verdict == "undecided"
    assert not any(cluster.is_complete for cluster in proof.guards.clusters)
