"""Claiming, releasing and transferring."""

from __future__ import annotations

import pytest

from tests.factories import expense_data, leave_data, open_item, publish_flow
from workflows import engine
from workflows.errors import InvalidData, NotAllowed, NotFound, OwnRequest, WorkItemClaimed
from workflows.jobs import handlers
from workflows.models import WorkItem, WorkItemState


@pytest.fixture
def pooled(expense_flow, ada, ben) -> WorkItem:
    """An item that Finance, Carl and Cleo, may take."""
    case = engine.start("expense", by=ada, data=expense_data(total=2000))
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
    return open_item(case, "finance_check")


def test_a_claimed_item_leaves_the_pool_of_the_others(pooled, carl, cleo):
    engine.claim(pooled.pk, by=carl)

    assert pooled in WorkItem.objects.actionable_by(carl)
    assert pooled not in WorkItem.objects.actionable_by(cleo)


def test_a_second_claim_is_refused_and_names_the_holder(pooled, carl, cleo):
    engine.claim(pooled.pk, by=carl)

    with pytest.raises(WorkItemClaimed, match="Carl Carter"):
        engine.claim(pooled.pk, by=cleo)


def test_another_candidate_cannot_end_a_claimed_item(pooled, carl, cleo):
    engine.claim(pooled.pk, by=carl)

    with pytest.raises(WorkItemClaimed):
        engine.complete(pooled.pk, by=cleo, outcome="approve")


def test_claiming_twice_changes_nothing(pooled, carl):
    first = engine.claim(pooled.pk, by=carl)
    second = engine.claim(pooled.pk, by=carl)

    assert second.history_length == first.history_length


def test_a_released_item_is_back_in_the_pool(pooled, carl, cleo):
    engine.claim(pooled.pk, by=carl)
    engine.release(pooled.pk, by=carl)

    assert pooled in WorkItem.objects.actionable_by(cleo)


def test_a_transferred_item_belongs_to_the_other_person(pooled, carl, cleo, gina):
    engine.transfer(pooled.pk, by=carl, to=gina)

    assert pooled in WorkItem.objects.actionable_by(gina)
    assert pooled not in WorkItem.objects.actionable_by(cleo)


def test_an_item_cannot_be_transferred_to_the_requester(pooled, carl, ada):
    with pytest.raises(OwnRequest):
        engine.transfer(pooled.pk, by=carl, to=ada)


def test_an_item_cannot_be_transferred_to_a_leaver(pooled, carl, gina):
    gina.is_active = False
    gina.save()

    with pytest.raises(InvalidData, match="not active"):
        engine.transfer(pooled.pk, by=carl, to=gina)


def test_a_stranger_cannot_transfer_what_they_cannot_see(pooled, finn, gina):
    with pytest.raises(NotFound):
        engine.transfer(pooled.pk, by=finn, to=gina)


def test_the_requester_sees_the_item_but_cannot_claim_it(pooled, ada):
    with pytest.raises(OwnRequest):
        engine.claim(pooled.pk, by=ada)


def test_an_item_cannot_be_transferred_to_somebody_whom_the_flow_excludes(ada, carl, cleo):
    publish_flow(_FOUR_EYES)
    case = engine.start("four_eyes", by=ada, data={})
    engine.complete(open_item(case, "check").pk, by=carl, outcome="agree")

    with pytest.raises(NotAllowed, match="Carl Carter"):
        engine.transfer(open_item(case, "approve").pk, by=cleo, to=carl)


def test_who_has_just_done_a_task_is_excluded_from_the_next(ada, carl, cleo):
    publish_flow(_FOUR_EYES)
    case = engine.start("four_eyes", by=ada, data={})
    engine.complete(open_item(case, "check").pk, by=carl, outcome="agree")
    item = open_item(case, "approve")

    assert item in WorkItem.objects.actionable_by(cleo)
    with pytest.raises(NotAllowed):
        engine.complete(item.pk, by=carl, outcome="approve")


def test_a_workers_item_cannot_be_handed_to_a_person(ada, admin, gina, monkeypatch):
    monkeypatch.setattr(handlers, "_handlers", dict(handlers._handlers))
    handlers.handler("tests.idle")(lambda call: None)
    publish_flow(_ROBOT)
    case = engine.start("robot", by=ada, data={})

    with pytest.raises(NotAllowed, match="worker"):
        engine.transfer(open_item(case, "convert").pk, by=admin, to=gina)


def test_an_operator_transfers_what_is_offered_to_others(pooled, admin, gina):
    engine.transfer(pooled.pk, by=admin, to=gina, reason="Carl and Cleo are away")

    assert WorkItem.objects.get(pk=pooled.pk).claimed_by == gina


def test_an_item_held_by_transfer_alone_cannot_be_released_to_nobody(leave_flow, ada, ben, gina):
    case = engine.start("leave", by=ada, data=leave_data())
    item = open_item(case, "withdraw")
    item.candidates.all().delete()
    engine.claim(open_item(case, "manager_review").pk, by=ben)

    with pytest.raises(NotAllowed):
        engine.claim(item.pk, by=ben)


def test_a_new_member_of_the_group_sees_items_that_are_already_open(pooled, gina, carl):
    gina.groups.add(*carl.groups.all())

    assert pooled in WorkItem.objects.actionable_by(gina)


def test_who_left_the_group_sees_them_no_longer(pooled, carl):
    carl.groups.clear()

    assert pooled not in WorkItem.objects.actionable_by(carl)


def test_who_left_the_group_cannot_end_what_they_had_claimed(pooled, carl):
    engine.claim(pooled.pk, by=carl)
    carl.groups.clear()

    assert pooled not in WorkItem.objects.actionable_by(carl)
    with pytest.raises(NotAllowed):
        engine.complete(pooled.pk, by=carl, outcome="approve")


def test_a_comment_that_is_too_long_for_the_history_is_refused(pooled, carl):
    with pytest.raises(InvalidData, match="4,000"):
        engine.complete(pooled.pk, by=carl, outcome="approve", comment="x" * 4001)


def test_a_work_items_state_cannot_be_written_around_its_life_cycle(pooled):
    with pytest.raises(AttributeError):
        pooled.state = WorkItemState.COMPLETED


def test_reloading_a_row_that_is_gone_leaves_the_state_protected(pooled):
    ghost = WorkItem.objects.get(pk=pooled.pk)
    ghost.pk = 0
    with pytest.raises(WorkItem.DoesNotExist):
        ghost.refresh_from_db()

    with pytest.raises(AttributeError):
        pooled.state = WorkItemState.COMPLETED


_FOUR_EYES = """
flow: four_eyes
places: [start, to_check, to_approve, end]
tasks:
  check: {kind: human, assign: group("finance")}
  approve: {kind: human, assign: group("finance") - did("check")}
transitions:
  submit: {from: start, to: to_check}
  agree: {task: check, outcome: agree, from: to_check, to: to_approve}
  approve: {task: approve, outcome: approve, from: to_approve, to: end}
"""

_ROBOT = """
flow: robot
places: [start, working, end]
tasks:
  convert: {kind: service, handler: tests.idle}
transitions:
  submit: {from: start, to: working}
  done: {task: convert, outcome: done, from: working, to: end}
  failed: {task: convert, outcome: failed, from: working, to: end}
"""
