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
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import leave_data, open_item, publish_flow
from workflows import engine, store
from workflows.engine.service import finish_job
from workflows.errors import IdempotencyKeyReused
from workflows.listeners import case_listeners
from workflows.models import Case, WorkItem

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
    """Count how often one command waits for PostgreSQL, its BEGIN and its COMMIT included."""
    with tempfile.TemporaryFile("w+") as told:
        connection.connection.pgconn.trace(told.fileno())
        try:
            call()
        finally:
            connection.connection.pgconn.untrace()
        told.seek(0)
        lines = told.read().splitlines()
    assert any("BEGIN" in line for line in lines)
    assert any("COMMIT" in line for line in lines)
    return sum("ReadyForQuery" in line for line in lines)


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
def test_a_human_step_waits_twice_for_postgresql(loop, ben):
    case = loop()
    for _ in range(6):
        case = engine.complete(open_item(case, "review").pk, by=ben, outcome="again")
    item = open_item(case, "review")

    # BEGIN and what it reads; what it writes, with the directory's answer proved, and COMMIT.
    assert round_trips_of(lambda: engine.complete(item.pk, by=ben, outcome="again")) == 2


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_starting_a_case_waits_three_times_for_postgresql(loop):
    for _ in range(6):
        loop()

    assert round_trips_of(loop) == 3


def planned(case: Case, ben: Any) -> Case:
    """Let PostgreSQL plan what a step sends: from then on it sends BEGIN and COMMIT along."""
    for _ in range(5):
        case = engine.complete(open_item(case, "review").pk, by=ben, outcome="again")
    return case


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_with_the_commit_leaves_nothing_behind(loop, ben):
    first, second = planned(loop(), ben), loop()
    engine.complete(open_item(first, "review").pk, by=ben, outcome="again", idempotency_key="k")
    item = open_item(second, "review")

    with pytest.raises(IdempotencyKeyReused):
        engine.complete(item.pk, by=ben, outcome="again", idempotency_key="k")

    assert WorkItem.objects.get(pk=item.pk).is_open
    assert Case.objects.get(pk=second.pk).step_count == second.step_count
    engine.complete(item.pk, by=ben, outcome="again", idempotency_key="another")
    assert WorkItem.objects.get(pk=item.pk).outcome == "again"


@pytest.mark.django_db(transaction=True)
def test_a_step_within_another_transaction_is_not_committed_before_it(loop, ben):
    case = planned(loop(), ben)
    item = open_item(case, "review")

    with transaction.atomic():
        engine.complete(item.pk, by=ben, outcome="again")
        transaction.set_rollback(True)

    assert WorkItem.objects.get(pk=item.pk).is_open
    assert Case.objects.get(pk=case.pk).step_count == case.step_count


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


WIDE = """
flow: wide
data: {type: object, properties: {}}
places: [start, a, b, c, done_b, done_c, end]
tasks:
  ask_a: {kind: human, title: A, assign: user("ben"), due: 2 days}
  ask_b: {kind: human, title: B, assign: user("ben"), due: 2 days}
  ask_c: {kind: human, title: C, assign: user("ben"), due: 2 days}
transitions:
  submit: {from: start, to: [a, b, c]}
  join: {from: [a, done_b, done_c], to: end}
  stop: {task: ask_a, outcome: stop, from: a, to: end, resets: [b, c, done_b, done_c]}
  yes_b: {task: ask_b, outcome: "yes", from: b, to: done_b}
  yes_c: {task: ask_c, outcome: "yes", from: c, to: done_c}
"""


@pytest.fixture
def wide(company: object, ada) -> Case:
    publish_flow(WIDE)
    return engine.start("wide", by=ada, data={})


def test_ending_one_of_many_open_items_reads_and_writes_no_other(wide, ben):
    item = open_item(wide, "ask_b")

    sent = statements_of(lambda: engine.complete(item.pk, by=ben, outcome="yes"))

    # It opens nothing: elsewhere the case, its item and the event.
    assert len(sent) == (2 if POSTGRESQL else 4)
    assert [i.task.key for i in WorkItem.objects.open().order_by("pk")] == ["ask_a", "ask_c"]


def test_withdrawing_the_other_items_costs_no_statement_more(wide, ben):
    engine.claim(open_item(wide, "ask_c").pk, by=ben)
    before = WorkItem.objects.in_bulk(field_name="pk")
    item = open_item(wide, "ask_a")

    sent = statements_of(lambda: engine.complete(item.pk, by=ben, outcome="stop"))

    assert len(sent) == (2 if POSTGRESQL else 4)
    for found in WorkItem.objects.exclude(pk=item.pk):
        was = before[found.pk]
        assert found.state == "withdrawn"
        assert (found.opened_at, found.due_at) == (was.opened_at, was.due_at)
        assert found.claimed_by_id == was.claimed_by_id
        assert found.closed_at is not None
