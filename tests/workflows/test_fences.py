"""Leases and locks of jobs: what two workers, or two operators, cannot both do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction

from tests import factories
from tests.factories import open_item, publish_flow
from tests.workflows.test_jobs import FLOW, Robot, case, expire_lease, robot, take  # noqa: F401
from workflows import engine, store
from workflows.engine import incidents
from workflows.engine.service import finish_job
from workflows.errors import Conflict
from workflows.jobs.ending import again, give_back, give_up
from workflows.jobs.keeper import Keeper
from workflows.jobs.worker import Worker
from workflows.models import Case, Job, JobState

LONG = timedelta(minutes=1)


@pytest.fixture
def asleep(case: Case) -> Job:  # noqa: F811
    """What a worker has taken that slept past its lease."""
    taken = take()
    assert taken is not None
    expire_lease()
    return taken


@pytest.fixture
def awake(asleep: Job) -> Job:
    """The same job, as the next worker has taken it."""
    taken = take()
    assert taken is not None
    return taken


def lease_of(job: Job) -> tuple[str, int]:
    job = Job.objects.get(pk=job.pk)
    return job.state, job.lease


def test_a_worker_that_slept_past_its_lease_ends_nothing_that_another_holds(asleep, awake):
    assert not finish_job(asleep, outcome="done", data={"rate": 4})

    assert lease_of(awake) == (JobState.RUNNING, awake.lease)
    assert "rate" not in Case.objects.get().data


def test_a_worker_that_slept_past_its_lease_does_not_give_up_what_another_holds(asleep, awake):
    assert not give_up(asleep, "I cannot do it")

    assert lease_of(awake) == (JobState.RUNNING, awake.lease)


def test_a_worker_that_slept_past_its_lease_gives_nothing_back_that_another_holds(asleep, awake):
    give_back(asleep)

    assert lease_of(awake) == (JobState.RUNNING, awake.lease)


def test_a_worker_that_slept_past_its_lease_does_not_extend_another_s(asleep, awake):
    assert not store.extend_lease(asleep.pk, lease=asleep.lease, by=LONG)

    assert store.extend_lease(awake.pk, lease=awake.lease, by=LONG)


def test_a_worker_that_comes_back_late_does_not_end_what_was_given_up(case):  # noqa: F811
    late = take()
    give_up(Job.objects.get(), "It hangs")

    assert not finish_job(late, outcome="done", data={"rate": 4})

    assert Job.objects.get().state == JobState.INCIDENT
    assert Case.objects.get().is_running


def test_a_worker_that_comes_back_late_does_not_begin_again_what_was_cancelled(case, ada):  # noqa: F811
    late = take()
    engine.complete(open_item(case, "stop").pk, by=ada, outcome="stop")

    assert not again(late, "It was not there")

    assert Job.objects.get().state == JobState.CANCELLED


def test_a_lease_that_lasts_is_not_freed(case):  # noqa: F811
    take()

    assert store.free_expired() == 0
    assert take() is None


def test_the_death_of_a_worker_frees_what_it_held_and_nothing_else(case, ada):  # noqa: F811
    engine.start("robot", by=ada, data={"amount": 11})
    (held,) = store.take_jobs(worker="dead", lease=LONG)
    (other,) = store.take_jobs(worker="alive", lease=LONG)

    store.free_leases("dead")
    # By the database's clock it has run out in a moment.
    time.sleep(0.01)
    store.free_expired()

    assert lease_of(held)[0] == JobState.DUE
    assert lease_of(other)[0] == JobState.RUNNING


def robots(count: int) -> SimpleNamespace:
    """Start so many cases with a job each, with real commits."""
    people = factories.make_company()
    publish_flow(FLOW)
    for number in range(count):
        engine.start("robot", by=people.ada, data={"amount": number})
    return people


def in_a_thread(call: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Begin a call on a connection of its own; the list gets its result, or what it raised."""
    results: list[object] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001  whatever it is, the test looks at it
            results.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def test_what_one_worker_is_taking_another_does_not_get(transactional_db, robot):  # noqa: F811
    robots(1)
    with transaction.atomic():
        assert take() is not None
        other, found = in_a_thread(take)
        other.join(timeout=0.5)
    other.join(timeout=30)

    assert found == [None]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_what_one_worker_is_taking_another_does_not_wait_for(transactional_db, robot):  # noqa: F811
    robots(2)
    with transaction.atomic():
        first = take()
        other, found = in_a_thread(take)
        other.join(timeout=5)
        found_meanwhile = list(found)
    other.join(timeout=30)

    assert first is not None
    assert [job.pk for job in found_meanwhile] == list(
        Job.objects.exclude(pk=first.pk).values_list("pk", flat=True)
    )


def test_a_given_up_effect_that_two_operators_mend_at_once_is_mended_once(transactional_db):
    admin = factories.make_company().admin
    store.add_effect(handler="tests.gone", key="tell:1", payload={}, max_attempts=1)
    Worker().work_once()
    job = Job.objects.get(state=JobState.INCIDENT)

    with transaction.atomic():
        incidents.retry_job(job.pk, by=admin, reason="The handler is back")
        other, told = in_a_thread(
            lambda: incidents.cancel_job(job.pk, by=admin, reason="Nobody needs it")
        )
        other.join(timeout=0.5)
    other.join(timeout=30)

    assert isinstance(told[0], Conflict), told
    assert Job.objects.get().state == JobState.DUE


def test_a_handler_that_outlasts_its_lease_keeps_its_job(transactional_db, robot, monkeypatch):  # noqa: F811
    extend, freed = Keeper.extend, []

    def extend_and_close(self: Keeper, job: Job) -> bool:
        try:
            return extend(self, job)
        finally:
            connections.close_all()

    # The thread that extends lives as long as its process; the test database is removed before.
    monkeypatch.setattr(Keeper, "extend", extend_and_close)
    robots(1)
    lease = timedelta(seconds=1.5)
    usual = Robot.__call__

    def outlast(self: Robot, call: object) -> object:
        time.sleep(1.4 * lease.total_seconds())
        freed.append(store.free_expired())
        return usual(self, call)  # type: ignore[arg-type]

    monkeypatch.setattr(Robot, "__call__", outlast)
    Worker(lease=lease).work_once()

    assert freed == [0]
    assert Job.objects.get().state == JobState.DONE
