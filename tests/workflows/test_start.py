"""Starting a case."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import (
    expense_data,
    leave_data,
    open_item,
    publish_flow,
    publish_unproved,
)
from workflows import engine, store
from workflows.errors import CaseWouldStrand, InvalidData, NobodyCanAct, UnknownFlow
from workflows.models import Case, Event, WorkItem


def test_a_started_case_waits_for_the_manager(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())

    assert case.marking == {"with_manager": 1, "withdrawable": 1}
    assert list(WorkItem.objects.awaited().actionable_by(ben)) == [
        open_item(case, "manager_review")
    ]


def test_a_case_takes_the_published_version(leave_flow, ada):
    case = engine.start("leave", by=ada, data=leave_data())

    assert case.version == leave_flow


def test_an_unknown_flow_is_named(ada):
    with pytest.raises(UnknownFlow, match="holiday"):
        engine.start("holiday", by=ada, data={})


def test_data_of_the_wrong_type_is_refused_with_its_field_and_nothing_is_written(leave_flow, ada):
    with pytest.raises(InvalidData) as refusal:
        engine.start("leave", by=ada, data=leave_data(days="many", start="soon"))

    assert {problem["path"] for problem in refusal.value.facts["problems"]} == {"days", "start"}
    assert Case.objects.count() == Event.objects.count() == 0


def test_a_field_that_the_flow_sets_cannot_be_given(leave_flow, ada):
    with pytest.raises(InvalidData, match="decision"):
        engine.start("leave", by=ada, data=leave_data(decision="approved"))


def test_a_task_that_would_open_for_nobody_refuses_the_start(company, ada):
    publish_unproved(_LONELY.format(assign='group("nobody_in_it")'))

    with pytest.raises(NobodyCanAct, match="nobody_in_it"):
        engine.start("lonely", by=ada, data={})
    assert Case.objects.count() == 0


def test_the_requester_is_never_among_those_who_decide(company, carl, cleo):
    publish_flow(_LONELY.format(assign='group("finance")'))

    case = engine.start("lonely", by=carl, data={})

    item = open_item(case, "review")
    assert item in WorkItem.objects.actionable_by(cleo)
    assert item not in WorkItem.objects.actionable_by(carl)


def test_a_task_names_who_acts_where_nobody_is_found(leave_flow, dana, eve):
    case = engine.start("leave", by=dana, data=leave_data())

    assert open_item(case, "manager_review") in WorkItem.objects.actionable_by(eve)


def test_a_decision_of_which_no_branch_fits_refuses_the_start(company, ada):
    publish_unproved(_GAP)

    with pytest.raises(CaseWouldStrand, match="amount > 10"):
        engine.start("gap", by=ada, data={"amount": 10})
    assert Case.objects.count() == 0


def test_an_open_task_that_nobody_waits_for_does_not_hide_a_stranded_request(company, ada):
    publish_unproved(_GAP_BESIDE_WITHDRAWAL)

    with pytest.raises(CaseWouldStrand, match="amount > 10"):
        engine.start("gap", by=ada, data={"amount": 10})


def test_amounts_and_dates_come_back_exactly(expense_flow, ada):
    data = expense_data(total=Decimal("12000.10"))
    data["lines"][0]["amount"] = Decimal("12000.10")

    case = Case.objects.get(pk=engine.start("expense", by=ada, data=data).pk)

    values = store.values_of(case, store.load_flow(case.version_id))
    assert values["total"] == Decimal("12000.10")
    assert values["lines"][0]["date"] == date(2026, 11, 2)


def test_the_same_key_starts_one_case(leave_flow, ada):
    first = engine.start("leave", by=ada, data=leave_data(), idempotency_key="k1")
    second = engine.start("leave", by=ada, data=leave_data(), idempotency_key="k1")

    assert first == second
    assert Case.objects.count() == 1


_LONELY = """
flow: lonely
data: {{type: object, properties: {{}}}}
places: [start, waiting, end]
tasks:
  review: {{kind: human, title: Review, assign: '{assign}'}}
transitions:
  submit: {{from: start, to: waiting}}
  approve: {{task: review, outcome: approve, from: waiting, to: end}}
"""

_GAP = """
flow: gap
data: {type: object, properties: {amount: {type: number}}, required: [amount]}
places: [start, end]
transitions:
  low: {from: start, to: end, guard: amount < 10}
  high: {from: start, to: end, guard: amount > 10}
"""

_GAP_BESIDE_WITHDRAWAL = """
flow: gap
data: {type: object, properties: {amount: {type: number}}, required: [amount]}
places: [start, decision, withdrawable, end]
tasks:
  withdraw: {kind: human, title: Withdraw, assign: requester, optional: true}
transitions:
  submit: {from: start, to: [decision, withdrawable]}
  low: {from: [decision, withdrawable], to: end, guard: amount < 10}
  high: {from: [decision, withdrawable], to: end, guard: amount > 10}
  withdraw: {task: withdraw, outcome: withdraw, from: withdrawable, to: end, resets: decision}
"""
