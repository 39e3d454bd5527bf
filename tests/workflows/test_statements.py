"""What a step costs, in statements and round trips: pinned, so that it cannot grow unseen.

A step asks the company's directory for people and its calendar for working days; each answer is a
statement of the portal's, and is counted apart.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import leave_data, open_item, publish_flow
from workflows import engine, store
from workflows.engine.service import finish_job
from workflows.listeners import case_listeners
from workflows.models import Case

POSTGRESQL = connection.vendor == "postgresql"
only_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="round trips are traced by libpq")

LOOP = """
flow: loop
data: {type: object, properties: {}}
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Review, assign: user("ben")}
transitions:
  submit: {from: start, to: waiting}
  again: {task: review, outcome: again, from: waiting, to: waiting}
  stop: {task: review, outcome: stop, from: waiting, to: end}
"""


SERVED = """
flow: served
data: {type: object, properties: {}}
places: [start, printing, end]
tasks:
  print: {kind: service, title: Print, topic: print}
transitions:
  submit: {from: start, to: printing}
  printed: {task: print, outcome: done, from: printing, to: end}
  jammed: {task: print, outcome: failed, from: printing, to: end}
"""


def statements_of(call: Callable[[], object]) -> list[str]:
    """Return the statements that one command sends about cases, its BEGIN and COMMIT apart."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return [q["sql"] for q in captured if "workflows_" in q["sql"]]


def round_trips_of(call: Callable[[], object]) -> int:
    """Count how often one command waits for PostgreSQL between its BEGIN and its COMMIT."""
    with tempfile.TemporaryFile("w+") as told:
        connection.connection.pgconn.trace(told.fileno())
        try:
            call()
        finally:
            connection.connection.pgconn.untrace()
        told.seek(0)
        lines = told.read().splitlines()
    assert any("BEGIN" in line for line in lines)
    return sum("ReadyForQuery" in line for line in lines) - 2


@pytest.fixture
def loop(company: object, ada) -> Callable[[], Case]:
    publish_flow(LOOP)
    return lambda: engine.start("loop", by=ada, data={})


def test_a_human_step_reads_once_and_writes_each_kind_of_row_once(loop, ben):
    item = open_item(loop(), "review")

    sent = statements_of(lambda: engine.complete(item.pk, by=ben, outcome="again"))

    # On PostgreSQL all is written at once; elsewhere case, items, events and candidates in turn.
    assert len(sent) == (2 if POSTGRESQL else 5)


def test_claiming_reads_once_and_writes_case_item_and_event(loop, ben):
    item = open_item(loop(), "review")

    sent = statements_of(lambda: engine.claim(item.pk, by=ben))

    assert len(sent) == (2 if POSTGRESQL else 4)


def test_starting_a_case_asks_for_the_flow_and_inserts_the_case_besides(loop):
    loop()

    sent = statements_of(loop)

    assert len(sent) == (3 if POSTGRESQL else 6)


def test_ending_a_service_task_ends_its_job_besides(company, ada):
    publish_flow(SERVED)
    engine.start("served", by=ada, data={})
    (job,) = store.take_jobs(worker="w", lease=timedelta(minutes=1), topic="print")

    sent = statements_of(lambda: finish_job(job, outcome="done"))

    # It opens nothing: the case, its item, the events, and before them the job.
    assert len(sent) == (3 if POSTGRESQL else 5)


@pytest.fixture
def portal(settings: Any) -> None:
    """Requests follow their cases, and people are told, as in the portal."""
    names = ("RequestListener", "NoticeListener")
    settings.GOFLOW_CASE_LISTENERS = [f"approvals.listeners.{name}" for name in names]
    case_listeners.cache_clear()


def test_a_decision_in_the_portal_costs_eight_statements_at_most(portal, leave_flow, ada, ben):
    def decide(outcome: str, *, days: int) -> int:
        case = engine.start("leave", by=ada, data=leave_data(days=days))
        item = open_item(case, "manager_review")
        with CaptureQueriesContext(connection) as captured:
            engine.complete(item.pk, by=ben, outcome=outcome)
        told = [q["sql"] for q in captured]
        return len([sql for sql in told if "SAVEPOINT" not in sql.upper()])

    costs = [
        decide("approve", days=3),
        decide("approve", days=8),
        decide("return", days=3),
        decide("reject", days=3),
    ]
    assert max(costs) <= (4 if POSTGRESQL else 8)


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_human_step_waits_three_times_for_postgresql(loop, ben):
    case = loop()
    for _ in range(5):
        case = engine.complete(open_item(case, "review").pk, by=ben, outcome="again")
    item = open_item(case, "review")

    # What it reads, the directory's answer, what it writes.
    assert round_trips_of(lambda: engine.complete(item.pk, by=ben, outcome="again")) == 3


@pytest.mark.parametrize("events", [10, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_step_costs_the_same_after_ten_events_and_after_a_thousand(loop, ben, events):
    case = loop()
    item = open_item(case, "review")
    at_first = statements_of(lambda: engine.complete(item.pk, by=ben, outcome="again"))
    while case.history_length < events:
        case = engine.complete(open_item(case, "review").pk, by=ben, outcome="again")
    last = open_item(case, "review")

    later = statements_of(lambda: engine.complete(last.pk, by=ben, outcome="again"))
    assert len(later) == len(at_first)


def test_a_step_of_one_case_costs_the_same_beside_a_hundred_others(leave_flow, ada, ben):
    cases: list[Case] = [engine.start("leave", by=ada, data=leave_data()) for _ in range(100)]
    first, last = open_item(cases[0], "manager_review"), open_item(cases[-1], "manager_review")

    alone = statements_of(lambda: engine.complete(first.pk, by=ben, outcome="approve"))
    beside = statements_of(lambda: engine.complete(last.pk, by=ben, outcome="approve"))
    assert len(beside) == len(alone)
