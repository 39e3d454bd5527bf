"""The cast of a story: today's people, as the engine would ask them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import FLOWS
from workflows import flowfile, publishing, store
from workflows.casting import cast_of, teller
from workflows.definition import FlowDefinition
from workflows.errors import NotPublishable
from workflows.net import verify
from workflows.proving import Fault
from workflows.publishing import prove_definition


def expense(*changes: tuple[str, str]) -> FlowDefinition:
    text = (FLOWS / "expense.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return flowfile.read(text)


@pytest.fixture
def broken() -> FlowDefinition:
    """Who rejects in Finance leaves the director's work open."""
    return expense(("    resets: [with_director, director_agrees, withdrawable]\n", ""))


def first_fault(definition: FlowDefinition) -> Fault:
    problem = verify(definition.net()).problems[0]
    return Fault(problem.kind, problem.message, problem.firing_sequence, problem.marking)


def test_people_play_their_parts(company: Any, broken: FlowDefinition):
    story = teller().story(broken, first_fault(broken))
    assert story is not None
    assert story.headline == (
        "Carl in Finance rejects and the expense claim is closed, although Dana still has “Decide "
        "on the large claim” to do."
    )
    told = [step.sentence for step in story.steps]
    assert told[0].startswith("Ada submits it.")
    assert told[1] == "Ben (Ada's manager) approves in “Decide on the claim”."
    assert "Carl in Finance rejects in “Check the claim”." in told[3]
    assert [step.who.name for step in story.steps if step.who] == ["Ben", "Carl"]


def test_whoever_has_left_is_never_named(company: Any, broken: FlowDefinition):
    for user in (company.ben, company.carl, company.ada):
        user.is_active = False
        user.save()
    story: Any = teller()(broken, first_fault(broken))
    assert story is not None
    told = str(story)
    assert not any(name in told for name in ("Ben", "Carl", "Ada"))
    assert "Cleo in Finance" in told


def test_two_of_one_first_name_are_told_apart(company: Any, broken: FlowDefinition):
    company.ben.first_name = company.carl.first_name = "Kim"
    company.ben.save()
    company.carl.save()
    story = teller().story(broken, first_fault(broken))
    assert story is not None
    assert story.headline.startswith("Kim Carter in Finance rejects")


def test_where_nobody_is_found_the_part_is_played_by_its_role(db: Any, broken: FlowDefinition):
    story = teller().story(broken, first_fault(broken))
    assert story is not None
    assert story.headline.startswith("Somebody in Finance rejects")


def test_a_flow_whose_expressions_cannot_be_read_is_played_by_roles(company: Any):
    definition = expense(('assign: group("finance")', "assign: groups('finance'"))
    assert cast_of(definition, None).requester.name == "the requester"


def test_casting_asks_the_directory_about_few(
    company: Any, broken: FlowDefinition, django_assert_max_num_queries: Any
):
    with django_assert_max_num_queries(160):
        tell = teller()
        tell(broken, first_fault(broken))
        tell(broken, first_fault(broken))


def test_the_refusal_to_publish_tells_the_story(company: Any, broken: FlowDefinition):
    draft = store.save_draft(broken, by=None)
    with pytest.raises(NotPublishable) as refusal:
        publishing.publish(draft, by=None)
    [first, *_] = refusal.value.facts["verdict"]["problems"]
    assert first["story"]["headline"].startswith("Carl in Finance rejects")
    assert first["story"]["steps"][-1]["after"] == first["marking"]


def test_the_second_verdict_tells_its_stories_too(company: Any):
    definition = expense(("to: [with_finance, director_agrees]", "to: with_finance"))
    told: Any = prove_definition(definition).as_dict()
    [problem] = [p for p in told["guards"]["problems"] if p["example"]]
    assert "Total is 1,001" in problem["story"]["opening"]
