"""A command whose transaction the database ends for another's sake is run again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from tests import factories
from tests.factories import open_item, publish_flow
from workflows import engine, history, store
from workflows.models import Case, CaseState, Event, EventKind, IdempotencyRecord
from workflows.store.conflicts import MOST_TRIES

FLOW = """
flow: decision
data: {type: object, properties: {}}
places: [start, waiting, end]
tasks: {review: {kind: human, title: Review, assign: user("ben")}}
transitions:
  submit: {from: start, to: waiting}
  approve: {task: review, outcome: approve, from: waiting, to: end}
"""

more_than_one_writer = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="one writer at a time cannot deadlock"
)


@pytest.fixture
def company(transactional_db: Any) -> Any:
    return factories.make_company()


@pytest.fixture
def case(company: Any) -> Case:
    publish_flow(FLOW)
    return engine.start("decision", by=company.ada, data={})


class Adversary:
    """Locks first who decides, and then the case: the other way round than the engine."""

    def __init__(self, case: Case, person: Any) -> None:
        self.has_locked = threading.Event()
        self.engine_writes = threading.Event()
        self.error: Exception | None = None
        self._case, self._person = case, person
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Adversary:
        self._thread.start()
        assert self.has_locked.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)

    def _run(self) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    # Whoever waits for this long first looks for a deadlock, and is its victim.
                    cursor.execute("SET LOCAL deadlock_timeout = '30s'")
                else:
                    # The victim is who has written less.
                    IdempotencyRecord.objects.bulk_create(
                        IdempotencyRecord(identity=str(n), user=self._person, fingerprint="")
                        for n in range(500)
                    )
                cursor.execute(
                    "SELECT id FROM auth_user WHERE id = %s FOR UPDATE", [self._person.pk]
                )
                self.has_locked.set()
                assert self.engine_writes.wait(10)
                Case.objects.select_for_update().get(pk=self._case.pk)
        except Exception as error:  # noqa: BLE001  the test looks at it
            self.error = error
            self.has_locked.set()
        finally:
            connections.close_all()


@more_than_one_writer
def test_a_decision_that_is_the_victim_of_a_deadlock_is_made_all_the_same(case, ben, monkeypatch):
    item = open_item(case, "review")
    write = store.write_step
    tries: list[int] = []

    def write_later(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        adversary.engine_writes.set()
        write(*args, **kwargs)

    monkeypatch.setattr(store, "write_step", write_later)
    with Adversary(case, ben) as adversary:
        done = engine.complete(item.pk, by=ben, outcome="approve")

    assert adversary.error is None
    assert len(tries) == 2
    assert done.state == CaseState.COMPLETED
    assert Event.objects.filter(work_item=item, kind=EventKind.FIRED).count() == 1
    assert history.verify_case(Case.objects.get()) == []


@pytest.fixture
def victim() -> list[int]:
    """Grows with every try."""
    return []


def _conflict() -> OperationalError:
    """Return the error that a real deadlock brings on this database, without one."""
    if connection.vendor == "postgresql":
        from psycopg.errors import DeadlockDetected

        error = OperationalError("deadlock detected")
        error.__cause__ = DeadlockDetected()
        return error
    return OperationalError(1213, "Deadlock found when trying to get lock")


def test_a_conflict_that_does_not_end_is_told_after_a_few_tries(transactional_db, victim):
    @store.again_after_conflict
    def fail() -> None:
        victim.append(1)
        raise _conflict()

    with pytest.raises(OperationalError):
        fail()

    assert len(victim) == MOST_TRIES


def test_another_failure_of_the_database_is_told_at_once(transactional_db, victim):
    @store.again_after_conflict
    def fail() -> None:
        victim.append(1)
        raise OperationalError("the connection is closed")

    with pytest.raises(OperationalError):
        fail()

    assert len(victim) == 1


def test_a_part_of_a_transaction_is_not_run_again_by_itself(transactional_db, victim):
    @store.again_after_conflict
    def fail() -> None:
        victim.append(1)
        raise _conflict()

    with pytest.raises(OperationalError), transaction.atomic():
        fail()

    assert len(victim) == 1
