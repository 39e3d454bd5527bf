"""How workers hear of jobs: at the commit, and from the sweep whatever a broker forgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone
from kombu.exceptions import OperationalError

from goflow_site.celery import app
from tests.workflows.test_jobs import case, robot  # noqa: F401
from workflows import engine, store
from workflows.jobs import sweep, wakeup
from workflows.models import Job, JobState

QUEUE = "swept"
unreachable = Celery("unreachable", broker="redis://127.0.0.1:1/0")
# Redis' client asks again for seconds otherwise.
unreachable.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0}


@pytest.fixture
def broker(settings: Any) -> Iterator[Any]:
    """A broker within this process: the client and the messages are real, the network is not
    there."""
    settings.CELERY_BROKER_URL = app.conf.broker_url
    assert app.conf.broker_url.startswith("memory:")
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue(QUEUE)
        queue.clear()
        yield queue
        queue.close()


@pytest.fixture
def told(broker: Any) -> Any:
    """Return the keys of the messages that have come since."""

    def read() -> list[str]:
        keys: list[str] = []
        while broker.qsize():
            message = broker.get_nowait()
            message.ack()
            keys += message.payload[0][0]
        return keys

    return read


@pytest.fixture
def due(db: Any) -> Job:
    store.add_effect(handler="tests.tell", key="tell:1", payload={}, queue=QUEUE)
    return Job.objects.get()


def test_workers_are_told_of_a_job_when_it_is_committed(
    case,  # noqa: F811
    ada,
    django_capture_on_commit_callbacks,
):
    wakeup.work_is_due.clear()
    with django_capture_on_commit_callbacks(execute=True):
        engine.start("robot", by=ada, data={"amount": 1})
        assert not wakeup.work_is_due.is_set()

    assert wakeup.work_is_due.is_set()


def test_the_sweep_tells_once_of_what_is_due(due, told):
    sweep.sweep()
    sweep.sweep()

    assert told() == [due.key]


def test_the_sweep_does_not_tell_of_what_is_not_due_yet(due, told):
    Job.objects.update(due_at=timezone.now() + timedelta(hours=1))

    sweep.sweep()

    assert told() == []


def test_a_job_whose_message_was_lost_is_told_of_by_the_sweep(due, told):
    sweep.sweep()
    assert told() == [due.key]
    # Nobody has taken it for a while.
    Job.objects.update(dispatched_at=timezone.now() - 2 * sweep.AGAIN_AFTER)

    sweep.sweep()

    assert told() == [due.key]


def test_what_the_broker_did_not_take_is_told_by_the_next_sweep(due, told, settings):
    usual = settings.GOFLOW_CELERY_APP
    settings.GOFLOW_CELERY_APP = f"{__name__}.unreachable"
    with pytest.raises(OperationalError):
        sweep.sweep()

    settings.GOFLOW_CELERY_APP = usual
    sweep.sweep()

    assert told() == [due.key]


def test_of_what_a_dead_worker_held_the_sweep_tells_at_once(due, told):
    sweep.sweep()
    told()
    store.take_jobs(worker="dead", lease=timedelta(minutes=1))
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    sweep.sweep()

    assert told() == [due.key]
    assert Job.objects.get().state == JobState.DUE
