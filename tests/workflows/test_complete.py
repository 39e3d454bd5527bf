"""Ending a work item with an outcome."""

from __future__ import annotations

import pytest

from approvals.models import Employee
from tests.factories import (
    expense_data,
    leave_data,
    open_item,
    publish_flow,
    publish_unproved,
)
from workflows import engine, history
from workflows.engine.possible import possible_outcomes
from workflows.errors import (
    CaseFailed,
    CaseNotRunning,
    EvaluationRefused,
    IdempotencyKeyReused,
    InvalidData,
    NotAllowed,
    NotFound,
    OutcomeNotEnabled,
    OwnRequest,
    StalePage,
    WorkItemClosed,
)
from workflows.models import Case, CaseState, Event, WorkItem, WorkItemState


@pytest.fixture
def leave(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


def complete(case: Case, task: str, by, outcome: str, **more) -> Case:
    return engine.complete(open_item(case, task).pk, by=by, outcome=outcome, **more)


def test_a_leave_goes_through_the_manager_and_hr_to_its_end(leave, ben, eve):
    complete(leave, "manager_review", ben, "approve")
    case = complete(leave, "record", eve, "record")

    assert case.state == CaseState.COMPLETED
    assert case.marking == {"end": 1}
    assert case.data["decision"] == "approved"
    assert not WorkItem.objects.filter(case=case).open().exists()


def test_six_days_need_the_next_manager_too(leave_flow, ada, ben, dana):
    case = engine.start("leave", by=ada, data=leave_data(days=6))

    complete(case, "manager_review", ben, "approve")

    assert open_item(case, "next_manager_review") in WorkItem.objects.actionable_by(dana)


def test_exactly_five_days_do_not(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data(days=5))

    case = complete(case, "manager_review", ben, "approve")

    assert case.marking == {"to_record": 1}


def test_withdrawing_takes_the_request_out_of_the_managers_inbox(leave, ada, ben):
    case = complete(leave, "withdraw", ada, "withdraw")

    assert case.state == CaseState.COMPLETED
    assert not WorkItem.objects.actionable_by(ben).exists()
    assert WorkItem.objects.get(task__key="manager_review").state == WorkItemState.WITHDRAWN


def test_an_approval_after_the_withdrawal_is_refused_and_says_what_happened(leave, ada, ben):
    item = open_item(leave, "manager_review")
    complete(leave, "withdraw", ada, "withdraw")

    with pytest.raises(WorkItemClosed, match="Ada Archer"):
        engine.complete(item.pk, by=ben, outcome="approve")


def test_a_decided_request_can_no_longer_be_withdrawn(leave, ada, ben):
    complete(leave, "manager_review", ben, "approve")

    assert not WorkItem.objects.open().filter(case=leave, task__key="withdraw").exists()


def test_a_returned_request_is_corrected_and_comes_back(leave, ada, ben):
    complete(leave, "manager_review", ben, "return", comment="Which week?")
    case = complete(leave, "correct", ada, "resubmit", data={"days": 2, "end": "2026-12-08"})

    assert case.data["days"] == 2
    assert open_item(case, "manager_review") in WorkItem.objects.actionable_by(ben)


def test_a_field_without_the_right_to_edit_it_cannot_be_changed(leave, ben):
    with pytest.raises(InvalidData, match="days"):
        complete(leave, "manager_review", ben, "approve", data={"days": 1})
    assert Case.objects.get(pk=leave.pk).data["days"] == 3


def test_a_large_expense_waits_for_finance_and_director_at_once(expense_flow, ada, ben, carl, dana):
    case = engine.start("expense", by=ada, data=expense_data(total=12_000))
    complete(case, "manager_review", ben, "approve")

    complete(case, "finance_check", carl, "approve")
    assert open_item(case, "director_review") in WorkItem.objects.actionable_by(dana)
    case = complete(case, "director_review", dana, "approve")
    assert case.marking == {"to_pay": 1}
    case = complete(case, "pay", carl, "paid")

    assert case.state == CaseState.COMPLETED
    assert case.data["paid_on"]


def test_a_rejection_in_one_branch_withdraws_the_other(expense_flow, ada, ben, carl, dana):
    case = engine.start("expense", by=ada, data=expense_data(total=12_000))
    complete(case, "manager_review", ben, "approve")

    case = complete(case, "finance_check", carl, "reject", comment="No budget")

    assert case.marking == {"end": 1}
    assert not WorkItem.objects.actionable_by(dana).exists()


@pytest.mark.parametrize(
    ("total", "marking"),
    [
        (1000, {"to_pay": 1}),
        (1001, {"with_finance": 1, "director_agrees": 1, "withdrawable": 1}),
        (10_000, {"with_finance": 1, "director_agrees": 1, "withdrawable": 1}),
        (10_001, {"with_finance": 1, "with_director": 1, "withdrawable": 1}),
    ],
)
def test_the_limits_of_an_expense_have_no_gap(expense_flow, ada, ben, total, marking):
    case = engine.start("expense", by=ada, data=expense_data(total=total))

    case = complete(case, "manager_review", ben, "approve")

    assert case.marking == marking


def test_an_outcome_that_the_task_does_not_have_is_refused_with_those_it_has(leave, ben):
    with pytest.raises(OutcomeNotEnabled, match="approve, return, reject"):
        complete(leave, "manager_review", ben, "pay")


def test_an_outcome_whose_guard_does_not_hold_is_refused(company, ada, ben):
    publish_flow(_GUARDED)
    case = engine.start("guarded", by=ada, data={"amount": 5})

    with pytest.raises(OutcomeNotEnabled):
        complete(case, "review", ben, "fast")
    assert complete(case, "review", ben, "slow").state == CaseState.COMPLETED


def test_a_stranger_learns_nothing_of_the_work_item(leave, finn):
    with pytest.raises(NotFound):
        complete(leave, "manager_review", finn, "approve")


def test_nobody_approves_their_own_request(leave, ada):
    with pytest.raises(OwnRequest):
        complete(leave, "manager_review", ada, "approve")


def test_a_superuser_who_is_no_candidate_does_not_decide(leave, admin):
    with pytest.raises(NotAllowed):
        complete(leave, "manager_review", admin, "approve")


def test_a_second_person_is_told_who_was_faster(expense_flow, ada, ben, carl, cleo):
    case = engine.start("expense", by=ada, data=expense_data(total=2000))
    complete(case, "manager_review", ben, "approve")
    item = open_item(case, "finance_check")
    engine.complete(item.pk, by=carl, outcome="approve")

    with pytest.raises(WorkItemClosed, match="Carl Carter") as refusal:
        engine.complete(item.pk, by=cleo, outcome="reject")

    assert refusal.value.facts["completed_by"] == "Carl Carter"
    assert refusal.value.facts["outcome"] == "approve"


def test_doing_the_same_again_returns_the_case_and_changes_nothing(leave, ben):
    item = open_item(leave, "manager_review")
    first = engine.complete(item.pk, by=ben, outcome="approve")

    second = engine.complete(item.pk, by=ben, outcome="approve")

    assert second.history_length == first.history_length


def test_a_repeated_key_with_another_request_is_refused(leave, ben):
    item = open_item(leave, "manager_review")
    engine.complete(item.pk, by=ben, outcome="approve", idempotency_key="k")

    with pytest.raises(IdempotencyKeyReused):
        engine.complete(item.pk, by=ben, outcome="reject", idempotency_key="k")


def test_a_page_that_was_overtaken_is_refused(leave, ada, ben):
    item = open_item(leave, "manager_review")
    seen = leave.step_count - 1

    with pytest.raises(StalePage):
        engine.complete(item.pk, by=ben, outcome="approve", expected_version=seen)


def test_a_suspended_case_stands_still(leave, ben, admin):
    engine.suspend(leave.pk, by=admin, reason="Audit")

    with pytest.raises(CaseNotRunning, match="suspended"):
        complete(leave, "manager_review", ben, "approve")


def test_a_flow_that_does_not_come_to_rest_fails_the_case_and_says_why(company, ada, ben):
    publish_unproved(_LIVELOCK)
    case = engine.start("round", by=ada, data={"again": True})

    with pytest.raises(CaseFailed, match="does not come to rest"):
        complete(case, "review", ben, "approve")

    case = Case.objects.get(pk=case.pk)
    assert case.state == CaseState.FAILED
    assert not WorkItem.objects.filter(case=case).open().exists()
    assert history.verify_case(case) == []


def test_a_guard_that_cannot_be_worked_out_refuses_the_step_whole(company, ada, ben):
    publish_flow(_DIVISION)
    case = engine.start("division", by=ada, data={"people": 0})

    with pytest.raises(EvaluationRefused):
        complete(case, "review", ben, "approve")

    assert open_item(case, "review").state == WorkItemState.OFFERED
    assert Event.objects.filter(case=case, work_item__isnull=False).count() == 0


def test_a_guard_that_cannot_be_worked_out_leaves_the_other_outcomes_possible(ada, ben):
    publish_flow(_GUARDED.replace(", required: [amount]", ""))
    case = engine.start("guarded", by=ada, data={})

    assert [o.key for o in possible_outcomes(open_item(case, "review"))] == ["slow"]
    assert complete(case, "review", ben, "slow").state == CaseState.COMPLETED


def test_a_guard_that_cannot_be_worked_out_refuses_its_own_outcome(ada, ben):
    publish_flow(_GUARDED.replace(", required: [amount]", ""))
    case = engine.start("guarded", by=ada, data={})

    with pytest.raises(EvaluationRefused):
        complete(case, "review", ben, "fast")


def test_a_guard_that_asks_for_people_in_a_circle_hides_its_outcome_alone(ada, ben):
    publish_flow(_GUARDED.replace("amount > 10", "exists(manager(requester))"))
    case = engine.start("guarded", by=ada, data={"amount": 1})
    Employee.objects.filter(user=ben).update(manager=Employee.objects.get(user=ada))

    assert [o.key for o in possible_outcomes(open_item(case, "review"))] == ["slow"]


_GUARDED = """
flow: guarded
data: {type: object, properties: {amount: {type: number}}, required: [amount]}
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Review, assign: manager(requester)}
transitions:
  submit: {from: start, to: waiting}
  fast: {task: review, outcome: fast, from: waiting, to: end, guard: amount > 10}
  slow: {task: review, outcome: slow, from: waiting, to: end}
"""

_LIVELOCK = """
flow: round
data: {type: object, properties: {again: {type: boolean}}, required: [again]}
places: [start, waiting, left, right, end]
tasks:
  review: {kind: human, title: Review, assign: manager(requester)}
transitions:
  submit: {from: start, to: waiting}
  approve: {task: review, outcome: approve, from: waiting, to: left}
  over: {from: left, to: right, guard: again}
  out: {from: left, to: end, default: true}
  back: {from: right, to: left}
"""

_DIVISION = """
flow: division
data: {type: object, properties: {people: {type: number}}, required: [people]}
places: [start, waiting, decided, end]
tasks:
  review: {kind: human, title: Review, assign: manager(requester)}
transitions:
  submit: {from: start, to: waiting}
  approve: {task: review, outcome: approve, from: waiting, to: decided}
  many: {from: decided, to: end, guard: 100 / people > 10}
  few: {from: decided, to: end, default: true}
"""
