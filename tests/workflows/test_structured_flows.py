"""Any nesting of AND, XOR, loops and cancel regions runs to its end, whatever people choose."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_user
from tests.patterns.blocks import FlowBuilder, blocks
from workflows import engine, flowfile, history, publishing, store
from workflows.compiled import CompiledFlow
from workflows.models import Case, CaseState, WorkItem
from workflows.net import enabled_transitions, verify

MOST_DECISIONS = 60


@pytest.fixture
def people(db) -> tuple[User, User]:
    requester, reviewer = make_user("rita"), make_user("rolf")
    reviewer.groups.add(Group.objects.create(name="reviewers"))
    return requester, reviewer


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(block=blocks(), amount=st.sampled_from([5, 50]), choices=st.randoms(use_true_random=False))
def test_a_structured_flow_is_sound_and_every_case_of_it_ends(people, block, amount, choices):
    requester, reviewer = people
    definition = flowfile.from_mapping(FlowBuilder().build(block))
    assert verify(definition.net()).verdict == "sound"
    # Of a decision within another one of the same amount a branch may never be reached.
    draft = store.save_draft(definition, by=None)
    version = publishing.publish(draft, by=None, confirm_warnings=True)
    flow = store.load_flow(version.pk)

    case = engine.start("random", by=requester, data={"amount": amount})
    for count in range(MOST_DECISIONS):
        if case.state != CaseState.RUNNING:
            break
        items = list(WorkItem.objects.actionable_by(reviewer).filter(case=case).order_by("pk"))
        assert_items_are_the_enabled_tasks(case, items, flow)
        item = choices.choice(items)
        outcomes = engine_outcomes(item)
        leaving = [o for o in outcomes if o in ("on", "cancel")]
        late = count > MOST_DECISIONS // 2 and leaving
        case = engine.complete(
            item.pk, by=reviewer, outcome=choices.choice(leaving if late else outcomes)
        )

    assert history.verify_case(case) == []
    if case.state == CaseState.COMPLETED:
        assert case.marking == {"end": 1}
        assert not WorkItem.objects.open().filter(case=case).exists()


def engine_outcomes(item: WorkItem) -> list[str]:
    from workflows.engine.possible import possible_outcomes

    return [outcome.key for outcome in possible_outcomes(item)]


def assert_items_are_the_enabled_tasks(
    case: Case, items: list[WorkItem], flow: CompiledFlow
) -> None:
    """One open item for each task that the net enables: none missing, none too many."""
    enabled = set(enabled_transitions(flow.net, case.marking))
    expected = {
        key
        for key, task in flow.tasks.items()
        if any(o.key in enabled for o in task.outcomes.values())
    }
    assert sorted(item.task.key for item in items) == sorted(expected)
