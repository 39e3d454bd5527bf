"""Several people at once, each on a connection of their own, with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests import factories
from tests.factories import expense_data, leave_data, open_item
from workflows import engine, history, store
from workflows.errors import WorkItemClosed
from workflows.models import Case, Event, EventKind, WorkItem

ROUNDS = 200


@pytest.fixture
def company(transactional_db) -> SimpleNamespace:
    return factories.make_company()


@pytest.fixture
def checked_by_finance(expense_flow, ada, ben) -> Callable[[], WorkItem]:
    def make() -> WorkItem:
        case = engine.start("expense", by=ada, data=expense_data(total=2000))
        engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
        return open_item(case, "finance_check")

    return make


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls on threads that start together; return each result, or the exception it
    raised."""
    barrier = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(number: int, call: Callable[[], object]) -> None:
        barrier.wait(timeout=20)
        try:
            results[number] = call()
        except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def approve(item: WorkItem, by: User) -> Callable[[], object]:
    return lambda: engine.complete(item.pk, by=by, outcome="approve")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_two_people_who_approve_at_once_one_wins_and_the_other_learns_who(
    checked_by_finance, carl, cleo
):
    for _ in range(ROUNDS):
        item = checked_by_finance()

        results = at_once(approve(item, carl), approve(item, cleo))

        winners = [r for r in results if isinstance(r, Case)]
        losers = [r for r in results if isinstance(r, WorkItemClosed)]
        assert (len(winners), len(losers)) == (1, 1), results
        winner = WorkItem.objects.get(pk=item.pk).completed_by
        assert losers[0].facts["completed_by"] == winner.get_full_name()
        assert Event.objects.filter(work_item=item, kind=EventKind.FIRED).count() == 1


def test_who_comes_second_waits_for_the_lock_and_then_sees_what_the_first_did(
    checked_by_finance, carl, cleo, monkeypatch
):
    """Red without the lock: take `select_for_update()` out of `CaseQuerySet.locked` (PostgreSQL,
    MariaDB), or `transaction_mode` out of the settings (SQLite), and both get as far as writing.
    """
    item = checked_by_finance()
    both_write = threading.Event()
    writers: list[int] = []
    write = store.write_step

    def write_late(*args: object, **kwargs: object) -> None:
        writers.append(threading.get_ident())
        if len(writers) == 2:
            both_write.set()
        both_write.wait(timeout=1)
        write(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "write_step", write_late)
    results = at_once(approve(item, carl), approve(item, cleo))

    assert len(writers) == 1
    assert {type(result) for result in results} == {Case, WorkItemClosed}


def test_two_branches_that_finish_at_once_join_once(expense_flow, ada, ben, carl, dana):
    for _ in range(20):
        case = engine.start("expense", by=ada, data=expense_data(total=12_000))
        engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")

        at_once(
            approve(open_item(case, "finance_check"), carl),
            approve(open_item(case, "director_review"), dana),
        )

        case.refresh_from_db()
        assert case.marking == {"to_pay": 1}
        assert Event.objects.filter(case=case, transition="all_agree").count() == 1
        assert history.verify_case(case) == []


def test_approval_and_withdrawal_at_once_have_one_outcome(leave_flow, ada, ben):
    for _ in range(20):
        case = engine.start("leave", by=ada, data=leave_data())
        review, withdraw = open_item(case, "manager_review"), open_item(case, "withdraw")

        at_once(
            approve(review, ben),
            lambda item=withdraw: engine.complete(item.pk, by=ada, outcome="withdraw"),
        )

        case.refresh_from_db()
        assert case.data["decision"] in ("approved", "withdrawn")
        assert case.marking in ({"to_record": 1}, {"end": 1})
        assert history.verify_case(case) == []


def test_one_key_used_on_eight_connections_starts_one_case(leave_flow, ada):
    calls = [lambda: engine.start("leave", by=ada, data=leave_data(), idempotency_key="once")] * 8

    results = at_once(*calls)

    assert {r.pk if isinstance(r, Case) else r for r in results} == {Case.objects.get().pk}


def test_a_double_click_is_one_approval(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    item = open_item(case, "manager_review")

    results = at_once(approve(item, ben), approve(item, ben))

    assert all(isinstance(result, Case) for result in results), results
    assert Event.objects.filter(work_item=item).count() == 1
