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
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings
from kombu.connection import Connection

from tests.factories import make_company, publish_flow
from tests.plugins.detection import find_services
from workflows import engine, history
from workflows.engine import incidents
from workflows.jobs import handlers, wakeup
from workflows.jobs.loop import start_embedded_worker
from workflows.models import Case, CaseState, Event, Job, JobKind, JobState

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_SECONDS = 60.0
STOP_SECONDS = 1

# Each goes its own way from `start`; the queue's name is one of this run.
FLOW = """
flow: carried
data: {{type: object, properties: {{way: {{type: string}}}}, required: [way]}}
places: [start, quick, own, foreign, broken, hung, slow, late, repeated, watched, end]
tasks:
  work: {{kind: service, handler: faults.quick, queue: "{queue}"}}
  own_work: {{kind: service, handler: faults.quick, queue: "{queue}-payments"}}
  foreign_work: {{kind: service, handler: faults.quick, queue: "{queue}-others"}}
  break_down: {{kind: service, handler: faults.raises, queue: "{queue}",
               retry: {{times: 1, first: 0.2 s, limit: 0.2 s}}}}
  hang: {{kind: service, handler: faults.hangs, queue: "{queue}", timeout: 1 s,
         retry: {{times: 1, first: 0.2 s, limit: 0.2 s}}}}
  last: {{kind: service, handler: faults.slow, queue: "{queue}"}}
  pause: {{kind: timer, after: 1 s}}
  bell: {{kind: timer, every: 1 s}}
  stop: {{kind: human, assign: requester}}
transitions:
  to_quick: {{from: start, to: quick, guard: way == "quick"}}
  to_own: {{from: start, to: own, guard: way == "own"}}
  to_foreign: {{from: start, to: foreign, guard: way == "foreign"}}
  to_broken: {{from: start, to: broken, guard: way == "broken"}}
  to_hung: {{from: start, to: hung, guard: way == "hung"}}
  to_slow: {{from: start, to: slow, guard: way == "slow"}}
  to_late: {{from: start, to: late, guard: way == "late"}}
  to_repeated: {{from: start, to: [repeated, watched], default: true}}
  worked: {{task: work, outcome: done, from: quick, to: end}}
  own_worked: {{task: own_work, outcome: done, from: own, to: end}}
  foreign_worked: {{task: foreign_work, outcome: done, from: foreign, to: end}}
  mended: {{task: break_down, outcome: done, from: broken, to: end}}
  woke_up: {{task: hang, outcome: done, from: hung, to: end}}
  lasted: {{task: last, outcome: done, from: slow, to: end}}
  went_on: {{task: pause, outcome: due, from: late, to: end}}
  rang: {{task: bell, outcome: due, from: repeated, to: repeated}}
  stopped: {{task: stop, outcome: stop, from: watched, to: end, resets: repeated}}
"""


class Carrier:
    """Starts a worker of one transport; `queue` is this test's own."""

    def __init__(self, name: str, broker: str, folder: Path) -> None:
        self.broker = broker
        self.queue = f"t{secrets.token_hex(4)}"
        self.is_process = name != "thread"
        self._words = folder / "worker.log"
        self._calls = folder / "calls"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CELERY_BROKER_URL": self.broker,
            "DATABASE_URL": test_database_url(),
            "FAULTS_AGAIN_AFTER": "2",
            "FAULTS_EFFECTS": str(self._calls),
            "FAULTS_SLOW_SECONDS": "60",
            "GOFLOW_APPS": "tests.faults.world",
            "GOFLOW_STOP_SECONDS": str(STOP_SECONDS),
        }

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Work this test's queues but that of others, until the block ends.

        Nobody touches the database after that: the tables are emptied next.
        """
        queues = (self.queue, f"{self.queue}-payments", "default")
        if not self.is_process:
            with _thread(queues):
                yield
            return
        if self.broker:
            command = ["-m", "celery", "-q", "-A", "goflow_site", "worker", "-c", "2"]
            command += ["-Q", ",".join(queues), "-n", f"{self.queue}@%h"]
        else:
            command = ["manage.py", "run_worker"]
            command += [word for queue in queues for word in ("--queue", queue)]
        with self._process(command):
            yield

    def lose_messages(self) -> int:
        """Empty this test's queue at the broker; return how many messages were in it."""
        with Connection(self.broker) as broker:
            return broker.default_channel.queue_purge(self.queue)

    def calls_for(self, case: Case) -> list[str]:
        """Return, call by call, "<idempotency key> <attempt>" of the handler."""
        key = job_of(case).idempotency_key
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        words = [line.split() for line in lines]
        return [f"{found} {attempt}" for found, _, attempt in words if found == key]

    def clean(self) -> None:
        """RabbitMQ keeps a queue, and Redis its name, for good."""
        if self.broker:
            with Connection(self.broker) as broker:
                for part in ("", "-payments", "-others"):
                    broker.default_channel.queue_delete(f"{self.queue}{part}")

    @contextlib.contextmanager
    def _process(self, command: list[str]) -> Iterator[None]:
        with self._words.open("ab") as words:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdout=words,
                stderr=subprocess.STDOUT,
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
            # Shown by pytest where the test fails.
            print(self._words.read_text(errors="replace"))  # noqa: T201


@contextlib.contextmanager
def _thread(queues: tuple[str, ...]) -> Iterator[None]:
    before = set(threading.enumerate())
    worker = start_embedded_worker()
    worker.queues = queues
    mine = set(threading.enumerate()) - before
    try:
        yield
    finally:
        worker.stopping.set()
        wakeup.work_is_due.set()
        for thread in mine:
            if thread.name in ("goflow-worker", "goflow-sweep"):
                thread.join(20)


def test_database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    scheme = {"postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    secret = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    where = f"{database['HOST']}:{database['PORT']}" if database["PORT"] else database["HOST"]
    return f"{scheme}://{database['USER']}{secret}@{where}/{database['NAME']}"


test_database_url.__test__ = False  # type: ignore[attr-defined]

app: Celery
"""Sends this process's wake-ups: that of the site was made without a broker."""


# The thread shows what all of them must do; to start processes takes long.
OTHERS = [
    pytest.param(name, marks=pytest.mark.slow) for name in ("run_worker", "redis", "rabbitmq")
]


@pytest.fixture(params=["thread", *OTHERS])
def carrier(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Carrier]:
    name = request.param
    broker = ""
    if name in ("redis", "rabbitmq"):
        service = find_services()[name]
        if not service.address:
            pytest.skip(f"{service.title}: {service.reason}")
        broker = service.address
    carrier = Carrier(name, broker, tmp_path)
    sender = Celery("transports", broker=broker or "memory://", set_as_current=False)
    monkeypatch.setattr(sys.modules[__name__], "app", sender, raising=False)
    monkeypatch.setenv("FAULTS_EFFECTS", carrier.environment["FAULTS_EFFECTS"])
    with override_settings(CELERY_BROKER_URL=broker, GOFLOW_CELERY_APP=f"{__name__}.app"):
        yield carrier
        wakeup.wait_until_sent()
    sender.close()
    carrier.clean()


@pytest.fixture
def ada(transactional_db: None) -> Iterator[User]:
    # What is registered by now stays so after the test.
    handlers.registered_handlers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handlers, "_handlers", dict(handlers._handlers))
        from tests.faults.world import handlers as world

        for name in ("quick", "raises", "hangs", "slow"):
            handlers.handler(f"faults.{name}")(getattr(world, name))
        yield make_company().ada


def begin(way: str, by: User) -> Case:
    return engine.start("carried", by=by, data={"way": way})


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def is_completed(case: Case) -> bool:
    return Case.objects.filter(pk=case.pk, state=CaseState.COMPLETED).exists()


def job_of(case: Case) -> Job:
    """Workers also tell people what has happened; that is not meant."""
    return Job.objects.exclude(kind=JobKind.EFFECT).get(case=case)


def is_given_up(case: Case) -> bool:
    return job_of(case).state == JobState.INCIDENT


def rings(case: Case) -> list[Event]:
    return list(Event.objects.filter(case=case, transition__in=["rang", "went_on"]))


@pytest.mark.django_db(transaction=True)
def test_the_same_work_has_the_same_end_on_every_transport(carrier, ada):
    """One test, since a worker takes longer to start than to do all this."""
    publish_flow(FLOW.format(queue=carrier.queue))
    admin = User.objects.get(username="admin")
    quick, own, foreign, broken, late, repeated, held = cases = [
        begin(way, ada)
        for way in ("quick", "own", "foreign", "broken", "late", "repeated", "quick")
    ]
    engine.suspend(held.pk, by=admin, reason="Audit")
    if carrier.broker:
        wakeup.wait_until_sent()
        assert carrier.lose_messages() == 3, "those of quick, broken and held"

    with carrier.working():
        # A thread cannot be interrupted: its job would only be left to others.
        hung = begin("hung", ada) if carrier.is_process else None
        assert until(lambda: is_completed(quick)), "the sweep tells again what was lost"
        assert until(lambda: is_completed(own)), "a worker has its queues"
        assert until(lambda: is_completed(late)), "a timer rings"
        assert until(lambda: is_given_up(broken)), "the last try has failed"
        assert until(lambda: len(rings(repeated)) >= 2), "a repeat rings again"
        if hung:
            assert until(lambda: is_given_up(hung)), "work over its time limit is interrupted"
        assert job_of(held).state == JobState.DUE, "a suspended case waits"
        assert job_of(foreign).state == JobState.DUE, "another queue's"

        engine.resume(held.pk, by=admin, reason="Done")
        incidents.retry_job(job_of(broken).pk, by=admin, reason="Again")
        assert until(lambda: is_completed(held))
        assert until(lambda: len(carrier.calls_for(broken)) == 4 and is_given_up(broken))
        slow = begin("slow", ada) if carrier.is_process else None
        if slow:
            assert until(lambda: len(carrier.calls_for(slow)) == 1)
        told_at = time.monotonic()

    if slow:
        assert time.monotonic() - told_at < 12
        given_back = job_of(slow)
        assert (given_back.state, given_back.attempts) == (JobState.DUE, 0)
    if hung:
        assert "longer than" in job_of(hung).last_error
    key = job_of(broken).idempotency_key
    assert carrier.calls_for(broken) == [f"{key} {attempt}" for attempt in (1, 2, 1, 2)]
    assert len(rings(late)) == 1
    for event in [*rings(late), *rings(repeated)]:
        assert event.at >= Job.objects.get(work_item=event.work_item_id).due_at, "not early"
    assert [history.verify_case(Case.objects.get(pk=case.pk)) for case in cases] == [[]] * 7
