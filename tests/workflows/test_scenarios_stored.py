"""Scenarios of a version: kept with it, frozen with it, and in the way of what breaks them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories import make_company
from workflows import flowfile, publishing, store
from workflows.errors import NotPublishable
from workflows.models import FlowVersion

pytestmark = pytest.mark.django_db

FLOW = """
flow: trip
data: {type: object, properties: {price: {type: number}}, required: [price]}
places: [start, asked, end]
tasks: {review: {title: Decide, assign: manager(requester), otherwise: 'group("hr")'}}
transitions:
  submit: {from: start, to: asked}
  approve: {task: review, outcome: approve, from: asked, to: end}
scenarios:
  - title: Agreed
    data: {price: 84.1}
    steps: [{review: approve}]
    expect: {end: %s}
"""
PASSES, FAILS = FLOW % "true", FLOW % "false"


def draft(text: str) -> FlowVersion:
    version = store.save_draft(flowfile.read(text), by=None)
    return FlowVersion.objects.with_net().get(pk=version.pk)


def refusal(text: str) -> NotPublishable:
    with pytest.raises(NotPublishable) as caught:
        publishing.publish(draft(text), by=None)
    return caught.value


def test_scenarios_are_stored_and_read_back_with_their_version():
    definition = flowfile.read(PASSES)

    again = store.definition_of(draft(PASSES))

    assert flowfile.write(again) == flowfile.write(definition)
    assert again == definition


def test_a_flow_is_published_while_its_scenarios_pass():
    version = publishing.publish(draft(PASSES), by=None)

    assert version.verdict["scenarios"]["passed"] is True


def test_a_failing_scenario_blocks_publishing_and_says_where_it_goes_another_way():
    error = refusal(FAILS)

    told = (
        "The scenario 'Agreed' goes another way. "
        "After step 1 ('Decide': approve), it has ended, and should not."
    )
    assert told in error.message
    (problem,) = error.facts["problems"]
    assert (problem["path"], problem["message"]) == ("scenarios[0].expect.end", told)
    assert error.facts["verdict"]["scenarios"]["scenarios"][0]["failures"][0]["step"] == 1


def test_warnings_may_be_confirmed_and_failing_scenarios_may_not():
    with pytest.raises(NotPublishable):
        publishing.publish(draft(FAILS), by=None, confirm_warnings=True)


def test_a_scenario_of_a_task_that_is_gone_blocks_publishing():
    version = draft(PASSES)
    version.scenarios[0]["steps"] = [{"reveiw": "approve"}]
    version.save()

    with pytest.raises(NotPublishable, match="there is no task 'reveiw'. Did you mean 'review'"):
        publishing.publish(version, by=None)


def test_scenarios_are_played_with_the_company_that_there_is():
    make_company()
    named = PASSES.replace(
        "data: {price: 84.1}", "data: {price: 84.1}\n    requester: ada"
    ).replace("{review: approve}", "{task: review, outcome: approve, by: %s}")

    publishing.publish(draft(named % "ben"), by=None)

    assert "'Decide' is not for them to do." in refusal(named % "carl").message


@pytest.mark.parametrize("change", [[], [{"title": "Other", "expect": {"end": True}}]])
def test_the_scenarios_of_a_published_version_never_change(change):
    version = publishing.publish(draft(PASSES), by=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        FlowVersion.objects.filter(pk=version.pk).update(scenarios=change)


def test_starting_a_case_does_not_read_the_scenarios(django_assert_num_queries: Any):
    publishing.publish(draft(PASSES), by=None)

    version = store.published_version("trip")

    assert "scenarios" in version.get_deferred_fields()
