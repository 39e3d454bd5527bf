"""What a step costs, in statements: pinned, so that it cannot grow unseen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import leave_data, open_item, publish_flow
from workflows import engine
from workflows.models import Case

MOST = 8

LOOP = """
flow: loop
data: {type: object, properties: {}}
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Review, assign: manager(requester), due: 2 working days}
transitions:
  submit: {from: start, to: waiting}
  again: {task: review, outcome: again, from: waiting, to: waiting}
  stop: {task: review, outcome: stop, from: waiting, to: end}
"""


def statements_of(call) -> int:
    """Count what one command sends, its BEGIN and COMMIT apart."""
    with CaptureQueriesContext(connection) as captured:
        call()
    told = [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"].upper()]
    return len([sql for sql in told if sql not in ("BEGIN", "COMMIT")])


def test_a_human_step_costs_at_most_eight_statements(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data(days=6))
    item = open_item(case, "manager_review")

    assert statements_of(lambda: engine.complete(item.pk, by=ben, outcome="approve")) <= MOST


@pytest.mark.parametrize("events", [10, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_step_costs_the_same_after_ten_events_and_after_a_thousand(company, ada, ben, events):
    publish_flow(LOOP)
    case = engine.start("loop", by=ada, data={})
    while case.history_length < events:
        case = engine.complete(open_item(case, "review").pk, by=ben, outcome="again")
    item = open_item(case, "review")

    assert statements_of(lambda: engine.complete(item.pk, by=ben, outcome="again")) == MOST


def test_claiming_costs_six_statements(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    item = open_item(case, "manager_review")

    assert statements_of(lambda: engine.claim(item.pk, by=ben)) <= 6


def test_a_step_of_one_case_costs_the_same_beside_a_hundred_others(leave_flow, ada, ben):
    cases: list[Case] = [engine.start("leave", by=ada, data=leave_data()) for _ in range(100)]
    first, last = open_item(cases[0], "manager_review"), open_item(cases[-1], "manager_review")

    alone = statements_of(lambda: engine.complete(first.pk, by=ben, outcome="approve"))
    assert statements_of(lambda: engine.complete(last.pk, by=ben, outcome="approve")) == alone
