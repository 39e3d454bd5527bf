"""The same jobs and timers have the same end, whoever carries the wake-ups.

The workers are processes of their own, or the thread beside a web server, on the test's database.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings

from tests.factories import make_company, publish_flow
from tests.plugins.detection import find_services
from workflows import engine, history
from workflows.clock import database_now
from workflows.engine import incidents
from workflows.jobs import handlers, wakeup
from workflows.jobs.handlers import ServiceCall
from workflows.jobs.loop import start_embedded_worker
from workflows.models import Case, CaseState, Event, Job, JobKind, JobState

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 60.0

# Each goes its own way from `begun`; the queue's name is one of this run.
FLOW = """
flow: carried
data: {{type: object, properties: {{way: {{type: string}}}}, required: [way]}}
places: [start, quick, own, broken, late, repeated, watched, end]
tasks:
  work: {{kind: service, handler: faults.quick, queue: "{queue}"}}
  own_work: {{kind: service, handler: faults.quick, queue: "{queue}-payments"}}
  break_down: {{kind: service, handler: faults.raises, queue: "{queue}",
               retry: {{times: 1, first: 0.2 s, limit: 0.2 s}}}}
  pause: {{kind: timer, after: 1 s}}
  bell: {{kind: timer, every: 1 s}}
  stop: {{kind: human, assign: requester}}
transitions:
  to_quick: {{from: start, to: quick, guard: way == "quick"}}
  to_own: {{from: start, to: own, guard: way == "own"}}
  to_broken: {{from: start, to: broken, guard: way == "broken"}}
  to_late: {{from: start, to: late, guard: way == "late"}}
  to_repeated: {{from: start, to: [repeated, watched], default: true}}
  worked: {{task: work, outcome: done, from: quick, to: end}}
  own_worked: {{task: own_work, outcome: done, from: own, to: end}}
  mended: {{task: break_down, outcome: done, from: broken, to: end}}
  went_on: {{task: pause, outcome: due, from: late, to: end}}
  rang: {{task: bell, outcome: due, from: repeated, to: repeated}}
  stopped: {{task: stop, outcome: stop, from: watched, to: end, resets: repeated}}
"""


def test_database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    scheme = {"postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    secret = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    where = f"{database['HOST']}:{database['PORT']}" if database["PORT"] else database["HOST"]
    return f"{scheme}://{database['USER']}{secret}@{where}/{database['NAME']}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


class Carrier:
    """Starts workers of one transport; `queue` is this test's own."""

    def __init__(self, name: str, broker: str) -> None:
        self.name = name
        self.broker = broker
        self.queue = f"t{secrets.token_hex(4)}"

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Work everything but the queue of payments, until the block ends."""
        if self.name == "thread":
            worker = start_embedded_worker()
            worker.queues = (self.queue, "default")
            try:
                yield
            finally:
                worker.stopping.set()
                wakeup.work_is_due.set()
                # The thread ends after the look at hand; the tables are emptied after that.
                time.sleep(1.5)
            return
        if self.name == "run_worker":
            command = ["manage.py", "run_worker", "--queue", self.queue, "--queue", "default"]
        else:
            command = ["-m", "celery", "-A", "goflow_site", "worker", "-c", "2"]
            command += ["-Q", f"{self.queue},default", "-n", f"{self.queue}@%h"]
        with _process(command, self.broker):
            yield


@contextlib.contextmanager
def _process(command: list[str], broker: str) -> Iterator[None]:
    environment = {
        "CELERY_BROKER_URL": broker,
        "DATABASE_URL": test_database_url(),
        "FAULTS_AGAIN_AFTER": "2",
        "GOFLOW_APPS": "tests.faults.world",
        "GOFLOW_STOP_SECONDS": "2",
    }
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(params=["thread", "run_worker", "redis", "rabbitmq"])
def carrier(request: pytest.FixtureRequest) -> Iterator[Carrier]:
    name = request.param
    broker = ""
    if name in ("redis", "rabbitmq"):
        service = find_services()[name]
        if not service.address:
            pytest.skip(f"{service.title}: {service.reason}")
        broker = service.address
    with override_settings(CELERY_BROKER_URL=broker):
        yield Carrier(name, broker)


@pytest.fixture
def ada(transactional_db: None) -> Iterator[User]:
    def quick(call: ServiceCall) -> None:
        """As the workers' own."""

    def raises(call: ServiceCall) -> None:
        raise RuntimeError("as always")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "_handlers", dict(handlers._handlers))
        handlers.handler("faults.quick")(quick)
        handlers.handler("faults.raises")(raises)
        yield make_company().ada


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def is_completed(case: Case) -> bool:
    return Case.objects.filter(pk=case.pk, state=CaseState.COMPLETED).exists()


def rings(case: Case) -> int:
    return Event.objects.filter(case=case, transition="rang").count()


@pytest.mark.django_db(transaction=True)
def test_the_same_work_has_the_same_end_on_every_transport(carrier, ada):
    publish_flow(FLOW.format(queue=carrier.queue))
    cases = {
        way: engine.start("carried", by=ada, data={"way": way})
        for way in ("quick", "own", "broken", "late", "repeated")
    }
    broken = Job.objects.get(case=cases["broken"])

    with carrier.working():
        assert until(lambda: is_completed(cases["quick"])), "a service task runs"
        assert until(lambda: is_completed(cases["late"])), "a timer rings"
        assert until(lambda: rings(cases["repeated"]) >= 2), "a repeat rings again"
        assert until(lambda: Job.objects.get(pk=broken.pk).state == JobState.INCIDENT)

    assert Job.objects.get(pk=broken.pk).attempts == 2
    assert Job.objects.get(case=cases["own"]).state == JobState.DUE, "another queue's"
    rung = Event.objects.get(case=cases["late"], transition="went_on")
    assert rung.at >= Job.objects.get(case=cases["late"], kind=JobKind.TIMER).due_at
    assert [history.verify_case(Case.objects.get(pk=case.pk)) for case in cases.values()] == [
        [] for _ in cases
    ]


@pytest.mark.django_db(transaction=True)
def test_what_no_message_told_of_is_found_on_every_transport(carrier, ada, monkeypatch):
    monkeypatch.setattr(wakeup, "announce", lambda keys: None)
    publish_flow(FLOW.format(queue=carrier.queue))
    case = engine.start("carried", by=ada, data={"way": "quick"})
    given_up = engine.start("carried", by=ada, data={"way": "own"})
    job = Job.objects.get(case=given_up)
    # As an operator finds it, on a queue that is worked here.
    Job.objects.filter(pk=job.pk).update(
        state=JobState.INCIDENT, queue=carrier.queue, due_at=database_now() - timedelta(days=2)
    )
    incidents.retry_job(job.pk, by=User.objects.get(username="admin"), reason="Again")

    with carrier.working():
        assert until(lambda: is_completed(case))
        assert until(lambda: is_completed(given_up))
