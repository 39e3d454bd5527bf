"""Faults told as stories: what everybody does, what is left, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests import nets
from tests.factories import FLOWS
from tests.net.strategies import workflow_nets
from workflows import flowfile
from workflows.definition import FlowDefinition, PlaceDefinition, TransitionDefinition
from workflows.net import Net, fire_sequence, verify
from workflows.proving import Fault, prove, telling
from workflows.story import Roles, Story, Teller, tell
from workflows.story.firings import beginning

TWO_SAY_YES = """
flow: claim
title: Claim
places: {{start: {{}}, a: {{title: With the manager}}, b: {{title: With Finance}},
  a_ok: {{title: The manager agrees}}, b_ok: {{title: Finance agrees}}, {place}
  end: {{title: Closed}}}}
tasks:
  review: {{title: Decide on the claim, assign: manager(requester)}}
  check: {{title: Check the claim, assign: 'group("finance")'}}
transitions:
  submit: {{title: Submit, from: start, to: [a, b]}}
  approve: {{title: Approve, task: review, outcome: approve, from: a, to: a_ok}}
  reject: {{title: Reject, task: review, outcome: reject, from: a, to: {rejected}}}
  agree: {{title: Agree, task: check, outcome: agree, from: b, to: b_ok}}
  join: {{title: Both agree, from: [a_ok, b_ok], to: end}}
  {more}
"""


def shipped(key: str, *changes: tuple[str, str]) -> FlowDefinition:
    text = (FLOWS / f"{key}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return flowfile.read(text)


def claim(rejected: str, more: str = "") -> FlowDefinition:
    place = "refused: {title: Refused}," if "refused" in rejected + more else ""
    return flowfile.read(TWO_SAY_YES.format(rejected=rejected, more=more, place=place))


def as_flow(net: Net) -> FlowDefinition:
    """Return a flow of automatic steps with this net."""
    return FlowDefinition(
        key=net.key,
        title="Order",
        places=tuple(PlaceDefinition(p.key, p.title) for p in net.places),
        transitions=tuple(
            TransitionDefinition(
                key=t.key,
                title=t.title,
                inputs=dict(net.inputs(t.key)),
                outputs=dict(net.outputs(t.key)),
                reads=dict(net.reads(t.key)),
                inhibitors=dict(net.inhibitors(t.key)),
                resets=tuple(net.resets(t.key)),
            )
            for t in net.transitions
        ),
    )


def faults_of(definition: FlowDefinition) -> list[Fault]:
    verdict = verify(definition.net(), max_states=2_000)
    return [Fault(p.kind, p.message, p.firing_sequence, p.marking) for p in verdict.problems]


def stories_of(definition: FlowDefinition) -> list[Story]:
    found = [tell(definition, fault, Roles(definition)) for fault in faults_of(definition)]
    assert None not in found
    return [story for story in found if story is not None]


def guard_story(definition: FlowDefinition) -> dict[str, Any]:
    """Return the story of the first fault that the second verdict shows with data."""
    told: Any = prove(definition, tell=Teller()).as_dict()
    return next(p["story"] for p in told["guards"]["problems"] if "story" in p)


def test_an_answer_that_stays_behind_is_told_as_such():
    [story] = stories_of(claim("refused", "go_on: {from: [refused, b], to: end}"))
    assert story.headline == (
        "Somebody in Finance agrees while the manager has already rejected; the answer of the "
        "manager stays behind and the claim never ends."
    )
    assert (
        "“Both agree” waits for “The manager agrees”, which nothing brings any more." in story.end
    )
    assert set(story.left) == {"refused", "b_ok"}
    assert set(story.waiting) == {"join", "go_on"}


def test_work_that_is_left_is_told_with_whoever_still_has_it():
    story = stories_of(claim("end"))[0]
    assert story.headline == (
        "The manager rejects and the claim is closed, although somebody in Finance still has "
        "“Check the claim” to do."
    )
    assert "With this the flow is sound: it was tried." in story.hint
    assert "let “reject” also clear away" in story.hint.lower()


def test_a_hint_that_is_called_sound_is_sound():
    definition = claim("end")
    resets = ("b", "b_ok")
    assert "“With Finance” and “Finance agrees”" in stories_of(definition)[0].hint
    mended = tuple(
        replace(t, resets=resets) if t.key == "reject" else t for t in definition.transitions
    )
    assert verify(replace(definition, transitions=mended).net()).is_sound


def test_steps_say_who_does_what():
    story = stories_of(claim("end"))[0]
    assert [step.sentence for step in story.steps] == [
        "The requester submits it. From here on, two things run at once: “With the manager” and "
        "“With Finance”.",
        "The manager rejects in “Decide on the claim”. With that the claim is closed.",
    ]
    assert story.opening == "The requester fills in “Claim”."
    assert [step.who and step.who.name for step in story.steps] == [None, "the manager"]


def test_a_timer_says_how_long_nobody_answered():
    definition = shipped(
        "expense",
        (
            "    from: with_next_manager\n    to: end\n    resets: withdrawable\n",
            "    from: with_next_manager\n    to: end\n",
        ),
    )
    told = [step.sentence for story in stories_of(definition) for step in story.steps]
    assert (
        "After 3 working days, the manager has not answered: “Pass on to the next manager” happens "
        "by itself." in told
    )


def test_the_choice_between_branches_names_the_data():
    story = guard_story(
        shipped("expense", ("to: [with_finance, director_agrees]", "to: with_finance"))
    )
    assert story["opening"] == "The requester fills in “Expense claim”: Total is 1,001."
    assert "As Total is 1,001, the flow goes on with “Over 1,000”." in [
        step["sentence"] for step in story["steps"]
    ]
    assert story["left"] == ["finance_agrees"]
    assert story["hint"].startswith("Let “Over 1,000” also lead to “The director agrees")


def test_a_gap_names_the_rules_none_of_which_holds():
    story = guard_story(shipped("purchase", ("    default: true\n", "    guard: amount < 2000\n")))
    assert story["headline"] == (
        "The manager approves, and with these data the purchase request is stuck at “The manager "
        "agrees”."
    )
    assert "None of these rules holds: “amount > 2000” and “amount < 2000”." in story["end"]
    assert "default branch" in story["hint"]


def test_a_round_that_leaves_more_each_time_is_told_as_one():
    definition = shipped(
        "expense",
        (
            "from: to_correct, to: with_manager}",
            "from: to_correct, to: [with_manager, withdrawable]}",
        ),
    )
    [story] = [s for s in stories_of(definition) if s.kind == "unbounded"]
    assert story.headline == (
        "Each time that the manager returns it and the requester submits again, another “May be "
        "withdrawn” is left, and they pile up without end."
    )
    assert story.hint.startswith("Let “Submit again” no longer lead to “May be withdrawn”.")


def test_an_outcome_that_nobody_can_ever_choose_says_what_it_waits_for():
    definition = shipped(
        "purchase",
        ("    from: with_finance\n", "    from: [with_finance, to_order]\n"),
    )
    story = next(s for s in stories_of(definition) if s.kind == "dead_transition")
    assert story.headline == "Somebody in Finance can never choose “Approve” in “Check the budget”."
    assert story.end.startswith(
        "“Approve” in “Check the budget” waits for “With Finance” and “Approved” together"
    )
    assert story.steps == ()


def test_branches_of_a_choice_that_never_meet_are_told():
    [dead] = [
        s for s in stories_of(as_flow(nets.with_a_dead_step())) if s.kind == "dead_transition"
    ]
    assert "a case is only ever in one of the two" in dead.end


def test_a_circle_without_a_way_out_is_told():
    [story] = [s for s in stories_of(as_flow(nets.endless_circle())) if s.kind == "livelock"]
    assert "goes round for ever and cannot be closed" in story.headline
    assert "“leave” waits for “x”, which nothing brings any more." in story.end


def test_a_flow_without_a_way_to_its_end_is_told_without_jargon():
    definition = claim("refused", "again: {title: Ask again, from: refused, to: refused}")
    story = stories_of(definition)[0]
    assert story.headline == "“Refused” has no way to “Closed”."
    assert story.end == "Once there, the claim could never be closed."


def test_a_flow_with_two_ends_is_told_without_jargon():
    story = stories_of(claim("refused"))[0]
    assert story.headline == "There are 2 places to end in: “Refused”, “Closed”. There must be one."
    assert story.end == "So it is not clear when the claim is over."


def test_a_long_run_is_folded_to_what_matters():
    steps = [f"t{n}: p{n} -> p{n + 1}" for n in range(12)]
    definition = as_flow(nets.net("go: i -> p0", *steps, "other: i -> x", "join: p12 x -> o"))
    long = max(stories_of(definition), key=lambda s: len(s.steps))
    assert len(long.steps) > 10
    assert any("more steps" in line for line in long.lines())
    assert len(long.lines()) < len(long.steps)
    assert not long.steps[0].is_minor


def test_the_command_line_tells_the_story_in_lines():
    told = Teller()(claim("end"), faults_of(claim("end"))[0])
    lines = list(telling.story_lines(told))
    assert lines[0].startswith("   story:   The manager rejects and the claim is closed")
    assert lines[2] == (
        "         2. The manager rejects in “Decide on the claim”. With that the claim is closed."
    )
    assert lines[-1].startswith("   cure:    Let “Reject” also clear away")


@pytest.mark.parametrize(
    "make", [nets.and_split_xor_join, nets.xor_split_and_join, nets.endless_circle, nets.piling_up]
)
def test_each_fault_of_the_gallery_has_a_story_that_ends_where_the_net_ends(
    make: Callable[[], Net],
):
    assert_stories_agree(as_flow(make()))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(workflow_nets())
def test_stories_of_random_nets_fire_and_end_where_the_net_ends(net):
    assert_stories_agree(as_flow(net))


def assert_stories_agree(definition: FlowDefinition) -> None:
    net = definition.net()
    # Asked once: how many faults are found within the bounds may be a matter of time.
    for fault in faults_of(definition):
        story = tell(definition, fault, Roles(definition))
        assert story is not None
        assert story.headline[0].isupper() or story.headline[0] == "“"
        if not fault.firing_sequence:
            continue
        marking = story.start
        for step, transition in zip(story.steps, fault.firing_sequence, strict=True):
            assert (step.transition, step.before) == (transition, marking)
            assert step.after == fire_sequence(net, marking, [transition])
            marking = step.after
        assert marking == fault.marking
        assert story.start == beginning(net)
        assert all(marking[place] for place in story.left)
