"""The store: what it reads behind a lock, and that each road writes the same."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.factories import expense_data, leave_data, open_item, publish_flow
from workflows import engine, history, store
from workflows.clock import database_now
from workflows.errors import NotFound
from workflows.models import Candidate, Case, Event, WorkItem
from workflows.store import writing
from workflows.store.sql import CompiledQuery

CHAIN = """
flow: chain
data: {type: object, properties: {}}
places: [start, reviewing, watching, reviewed, watched, end]
tasks:
  watch: {kind: human, title: Watch, assign: requester}
  review: {kind: human, title: Review, assign: "manager_chain(requester, 3)"}
transitions:
  submit: {from: start, to: [reviewing, watching]}
  approve: {task: review, outcome: approve, from: reviewing, to: reviewed}
  seen: {task: watch, outcome: seen, from: watching, to: watched}
  close: {from: [reviewed, watched], to: end}
"""


@pytest.fixture(params=["at once", "in turn"])
def road(request, monkeypatch) -> str:
    """Both roads are open on PostgreSQL; elsewhere there is one."""
    if request.param == "in turn":
        monkeypatch.setattr(writing, "write_at_once", writing.write_in_turn)
    elif connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL writes all at once")
    return request.param


def test_each_road_writes_a_whole_case_with_its_history(road, expense_flow, ada, ben, carl, dana):
    case = engine.start("expense", by=ada, data=expense_data(total=12_000))
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
    engine.claim(open_item(case, "finance_check").pk, by=carl)
    engine.complete(open_item(case, "finance_check").pk, by=carl, outcome="approve")
    engine.complete(open_item(case, "director_review").pk, by=dana, outcome="approve")

    case.refresh_from_db()
    assert case.marking == {"to_pay": 1}
    assert history.verify_case(case) == []
    checked = WorkItem.objects.get(case=case, task__key="finance_check")
    assert (checked.state, checked.claimed_by, checked.completed_by) == ("completed", carl, carl)


def test_each_road_gives_the_new_items_their_own_candidates(road, leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())

    found = Candidate.objects.filter(work_item__case=case).values_list(
        "work_item__task__key", "user"
    )
    assert set(found) == {("manager_review", ben.pk), ("withdraw", ada.pk)}


def test_each_road_cancels_the_jobs_of_items_that_are_withdrawn(road, leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    review = open_item(case, "manager_review")
    before = set(review.jobs.values_list("state", flat=True))

    engine.complete(open_item(case, "withdraw").pk, by=ada, outcome="withdraw")

    assert before == {"due"}
    assert set(review.jobs.values_list("state", flat=True)) == {"cancelled"}


def test_data_that_a_step_leaves_as_it_is_stays_as_it_is(road, leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data(days=6))
    before = Case.objects.get(pk=case.pk).data

    engine.claim(open_item(case, "manager_review").pk, by=ben)

    assert Case.objects.get(pk=case.pk).data == before


def test_more_rows_than_one_statement_takes_are_written(company, ada, monkeypatch):
    monkeypatch.setattr(writing, "MOST_ROWS_AT_ONCE", 1)
    publish_flow(CHAIN)
    case = engine.start("chain", by=ada, data={})

    assert open_item(case, "review").candidates.count() > 1
    assert open_item(case, "watch").candidates.get().user == ada
    assert history.verify_case(case) == []


def test_a_step_is_later_than_all_that_the_history_tells_already(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    ahead = database_now() + timedelta(hours=1)
    Case.objects.filter(pk=case.pk).update(changed_at=ahead)

    engine.claim(open_item(case, "manager_review").pk, by=ben)

    assert Event.objects.filter(case=case).latest("sequence").at > ahead


def test_a_closed_item_still_leads_to_its_case_and_what_is_open_there(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data(days=6))
    closed = open_item(case, "manager_review")
    engine.complete(closed.pk, by=ben, outcome="approve")

    with transaction.atomic():
        locked, items = store.lock_case_of(closed.pk, by=ben)

    assert locked.data == case.data
    assert closed.pk not in [item.pk for item in items]
    assert [item.pk for item in items] == list(
        WorkItem.objects.open().filter(case=case).order_by("pk").values_list("pk", flat=True)
    )


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_who_waits_for_the_lock_reads_the_items_that_were_opened_meanwhile(
    expense_flow, ada, ben, carl
):
    case = engine.start("expense", by=ada, data=expense_data(total=12_000))
    item = open_item(case, "manager_review")
    seen: list[list[str]] = []

    def wait_and_read() -> None:
        with transaction.atomic():
            _, items = store.lock_case_of(item.pk, by=ada)
            seen.append(sorted(item.task.key for item in items))
        connection.close()

    with transaction.atomic():
        store.lock_case(case.pk)
        waiting = threading.Thread(target=wait_and_read)
        waiting.start()
        waiting.join(timeout=0.5)
        assert seen == []
        engine.complete(item.pk, by=ben, outcome="approve")
    waiting.join(timeout=10)

    now_open = WorkItem.objects.open().filter(case=case).values_list("task__key", flat=True)
    assert seen == [sorted(now_open)]


def test_a_compiled_query_is_asked_with_other_parameters_each_time(ada, ben):
    @CompiledQuery
    def people(user_id: int, username: str):
        return type(ada).objects.filter(pk=user_id, username=username).values_list("pk")

    assert people.rows(user_id=ada.pk, username="ada") == [(ada.pk,)]
    assert people.rows(user_id=ben.pk, username="ben") == [(ben.pk,)]
    assert people.rows(user_id=ben.pk, username="ada") == []


def test_a_compiled_query_that_ignores_a_parameter_is_a_mistake(ada):
    @CompiledQuery
    def people(user_id: int):
        return type(ada).objects.values_list("pk")

    with pytest.raises(TypeError, match="user_id"):
        people.rows(user_id=ada.pk)


@pytest.mark.parametrize("model", [Case, WorkItem, Candidate, Event])
def test_a_new_row_is_what_its_model_makes(model):
    made, own = vars(store.new(model)), vars(model())

    assert {**made, "_state": None} == {**own, "_state": None}
    assert made["_state"].adding
    assert not own["_state"].fields_cache


def test_two_new_rows_share_nothing_that_can_be_changed():
    first, second = store.new(Case), store.new(Case)
    first.data["amount"] = 1

    assert second.data == {}


def test_a_locked_case_is_what_its_model_reads(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    item = open_item(case, "manager_review")

    with transaction.atomic():
        locked, items = store.lock_case_of(item.pk, by=ben)

    for row in (locked, *items.whole):
        read = type(row).objects.get(pk=row.pk)
        assert {name: vars(row)[name] for name in vars(read) if name != "_state"} == {
            name: value for name, value in vars(read).items() if name != "_state"
        }


def test_whole_numbers_of_any_size_are_asked_for(ada):
    for number in (1, 2**15, 2**31, 2**63, 10**30) if connection.vendor == "postgresql" else (1,):
        with pytest.raises(NotFound):
            store.lock_case_of(number + 5_000_000, by=ada)
