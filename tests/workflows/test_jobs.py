"""Service tasks: what a worker takes, runs and writes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests import factories
from tests.factories import publish_flow
from tests.workflows.test_races import at_once
from workflows import engine, history, store
from workflows.engine.service import finish_job
from workflows.errors import NotPublishable
from workflows.jobs import handlers
from workflows.jobs.handlers import Failed, ServiceCall
from workflows.jobs.worker import Worker
from workflows.models import Case, CaseState, Event, Job, JobKind, JobState
from workflows.models.job import DEFAULT_ATTEMPTS

FLOW = """
flow: robot
data: {type: object, properties: {amount: {type: number}, rate: {type: number}}, required: [amount]}
places: [start, working, watching, end]
tasks:
  convert: {kind: service, title: Convert, handler: tests.convert}
  stop: {kind: human, title: Stop, assign: requester, optional: true}
transitions:
  submit: {from: start, to: [working, watching]}
  converted: {task: convert, outcome: done, from: working, to: end, resets: watching}
  broken: {task: convert, outcome: failed, from: working, to: end, resets: watching}
  stopped: {task: stop, outcome: stop, from: watching, to: end, resets: working}
"""


class Robot:
    """A handler that does what a test tells it, and counts its calls."""

    def __init__(self) -> None:
        self.calls: list[ServiceCall] = []
        self.error: Exception | None = None
        self.result: dict[str, object] | None = {"rate": 2}

    def __call__(self, call: ServiceCall) -> dict[str, object] | None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error
        return self.result


@pytest.fixture
def robot() -> Iterator[Robot]:
    robot = Robot()
    handlers.handler("tests.convert")(robot)
    yield robot
    del handlers._handlers["tests.convert"]


@pytest.fixture
def case(company, robot, ada) -> Case:
    publish_flow(FLOW)
    return engine.start("robot", by=ada, data={"amount": 10})


def make_due() -> None:
    Job.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def expire_lease() -> None:
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    store.free_expired()


def take() -> Job | None:
    return next(iter(store.take_jobs(worker="w", lease=timedelta(seconds=60))), None)


def test_a_worker_runs_the_handler_and_the_case_goes_on(case, robot):
    call_command("run_worker", "--once")

    case.refresh_from_db()
    assert case.state == CaseState.COMPLETED
    assert case.data["rate"] == 2
    assert robot.calls[0].values["amount"] == 10
    assert Job.objects.get().state == JobState.DONE
    assert history.verify_case(case) == []


def test_a_handler_that_fails_is_tried_again_with_the_same_key(case, robot):
    robot.error = ConnectionError("down")
    Worker().work_once()
    robot.error = None
    make_due()
    Worker().work_once()

    assert Case.objects.get(pk=case.pk).state == CaseState.COMPLETED
    assert len({call.idempotency_key for call in robot.calls}) == 1


def test_a_failed_try_waits_before_the_next(case, robot):
    robot.error = ConnectionError("down")
    Worker().work_once()

    assert Worker().work_once() is False
    assert Job.objects.get().last_error == "ConnectionError: down"


def test_a_handler_that_keeps_failing_becomes_an_incident(case, robot):
    robot.error = ConnectionError("down")
    for _ in range(DEFAULT_ATTEMPTS):
        make_due()
        Worker().work_once()

    job = Job.objects.get()
    assert (job.state, job.attempts) == (JobState.INCIDENT, DEFAULT_ATTEMPTS)
    assert Case.objects.get(pk=case.pk).is_running


def test_a_handler_may_say_that_the_work_failed(case, robot):
    robot.error = Failed("no such currency")
    Worker().work_once()

    assert Event.objects.filter(case=case, transition="broken").exists()


def test_a_result_that_the_schema_refuses_becomes_an_incident(case, robot):
    robot.result = {"rate": "high"}
    Worker().work_once()

    job = Job.objects.get()
    assert job.state == JobState.INCIDENT
    assert "rate" in job.last_error.lower()


def test_a_result_that_no_data_can_hold_is_a_failure_of_the_handler(case, robot):
    robot.result = {"rate": object()}
    Worker().work_once()

    job = Job.objects.get()
    assert job.state == JobState.DUE
    assert "object" in job.last_error


def test_a_job_whose_worker_died_is_taken_again_when_its_lease_has_run_out(case, robot):
    dead = take()
    assert take() is None
    expire_lease()

    again = take()

    assert again is not None
    assert again.lease == dead.lease + 1


def test_a_worker_that_slept_past_its_lease_ends_nothing(case, robot):
    asleep = take()
    expire_lease()
    awake = take()
    assert finish_job(awake, outcome="done", data={"rate": 3})

    assert not finish_job(asleep, outcome="done", data={"rate": 4})
    assert Case.objects.get(pk=case.pk).data["rate"] == 3


def test_a_job_that_kills_its_workers_becomes_an_incident(case, robot):
    for _ in range(DEFAULT_ATTEMPTS):
        take()
        expire_lease()

    Worker().work_once()

    assert Job.objects.get().state == JobState.INCIDENT
    assert robot.calls == []


def test_what_ends_the_task_otherwise_cancels_its_job(case, robot, ada):
    item = factories.open_item(case, "stop")
    engine.complete(item.pk, by=ada, outcome="stop")

    assert Job.objects.get().state == JobState.CANCELLED
    assert Worker().work_once() is False


def test_cancelling_the_case_cancels_its_jobs(case, robot, admin):
    engine.cancel(case.pk, by=admin, reason="Entered twice")

    assert Job.objects.get().state == JobState.CANCELLED


def test_the_jobs_of_a_suspended_case_wait(case, robot, admin):
    engine.suspend(case.pk, by=admin, reason="Audit")
    assert Worker().work_once() is False

    engine.resume(case.pk, by=admin, reason="Done")
    assert Worker().work_once() is True


def test_a_worker_takes_only_from_its_queues(case, robot):
    assert Worker(queues=["payments"]).work_once() is False
    assert Worker(queues=["default"]).work_once() is True


def test_a_flow_whose_handler_is_not_registered_cannot_be_published(company):
    with pytest.raises(NotPublishable, match=r"no handler 'tests\.convert'"):
        publish_flow(FLOW)


@pytest.mark.django_db(transaction=True)
def test_two_workers_run_no_job_twice(transactional_db, robot):
    ada: SimpleNamespace = factories.make_company().ada
    publish_flow(FLOW)
    cases = [engine.start("robot", by=ada, data={"amount": n}) for n in range(20)]
    stop = threading.Event()

    def work() -> None:
        while Worker().work_once() and not stop.is_set():
            pass

    at_once(work, work)
    while Worker().work_once():
        pass

    assert len(robot.calls) == len(cases)
    assert Case.objects.filter(state=CaseState.COMPLETED).count() == len(cases)


def test_the_history_tells_why_the_work_failed(case, robot):
    robot.error = Failed("no such currency")
    Worker().work_once()

    assert Event.objects.get(transition="broken").payload["error"] == "no such currency"


def test_work_that_failed_where_the_flow_foresees_no_failure_is_an_incident(company, robot, ada):
    lines = [line for line in FLOW.splitlines() if "broken" not in line]
    publish_flow("\n".join(lines))
    engine.start("robot", by=ada, data={"amount": 10})
    robot.error = Failed("no such currency")
    Worker().work_once()

    job = Job.objects.get(kind=JobKind.SERVICE)
    assert job.state == JobState.INCIDENT
    assert job.last_error.startswith("no such currency")
