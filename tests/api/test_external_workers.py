"""The worker that docs/external-workers.md shows, run as a process of its own."""

from __future__ import annotations

import ast
import http.client
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from knox.models import AuthToken

from tests import factories
from tests.factories import grant, publish_flow
from tests.workflows.test_topics import FLOW
from workflows import engine, history
from workflows.jobs import topics
from workflows.models import Case, CaseState, Event, Job, JobState

Start = Callable[[str], subprocess.Popen[bytes]]
TEXT = (Path(__file__).parents[2] / "docs" / "external-workers.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

SLOW = """
import pathlib, runpy, sys, time
source = pathlib.Path("worker.py").read_text()
begun = 'pathlib.Path("begun").write_text(idempotency_key); time.sleep(600)'
slow = source.replace('return {"result"', begun + '; return {"result"')
assert slow != source
exec(compile(slow.replace("LEASE_SECONDS = 30", "LEASE_SECONDS = 5"), "slow.py", "exec"))
"""


@pytest.fixture
def case(transactional_db) -> Case:
    people = factories.make_company()
    grant(people.finn, "work_jobs")
    publish_flow(FLOW)
    return engine.start("translation", by=people.ada, data={"text": "hello"})


@pytest.fixture
def start(live_server, case, tmp_path, monkeypatch) -> Iterator[Start]:
    """Return a function that starts a program in the folder of the example."""
    _, token = AuthToken.objects.create(user=User.objects.get(username="finn"))
    environment = {
        "GOFLOW_API": f"{live_server.url}/api/v1",
        "GOFLOW_TOKEN": token,
        "PATH": os.environ["PATH"],
    }
    (tmp_path / "worker.py").write_text(EXAMPLE)
    (tmp_path / "slow.py").write_text(SLOW)
    started = []

    def begin(program: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, program], cwd=tmp_path, env=environment)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait(10)
    # Their last calls may wait still, and would take what the next test offers. One that comes
    # after them is answered when all have been heard.
    monkeypatch.setattr(topics, "is_topic_waiting", lambda topic: False)
    monkeypatch.setattr(topics, "monotonic", lambda: math.inf)
    last = http.client.HTTPConnection(live_server.thread.host, live_server.thread.port, timeout=10)
    last.request("GET", "/healthz")
    last.getresponse().read()
    last.close()
    wait_until(lambda: not any("process_request" in t.name for t in threading.enumerate()))


def wait_until(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.05)


def is_completed(case: Case) -> bool:
    return bool(Case.objects.get(pk=case.pk).state == CaseState.COMPLETED)


def test_the_example_is_short_and_needs_nothing_but_python():
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(EXAMPLE))
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert len(EXAMPLE.splitlines()) < 40
    assert imported <= sys.stdlib_module_names


def test_the_example_does_the_work(case, start):
    start("worker.py")

    wait_until(lambda: is_completed(case))

    assert Case.objects.get().data["translated"] == "bonjour"


def test_the_example_says_when_it_cannot_do_the_work(case, start):
    other = engine.start("translation", by=case.requester, data={"text": "xyzzy"})
    start("worker.py")

    wait_until(lambda: Job.objects.get(case=other).last_error != "")

    assert Job.objects.get(case=other).last_error == "KeyError('xyzzy')"


@pytest.mark.slow
def test_what_a_killed_worker_had_is_done_by_another_once(case, start, tmp_path):
    killed = start("slow.py")
    wait_until((tmp_path / "begun").exists)
    killed.kill()
    killed.wait(10)
    assert Job.objects.get(topic="translate").state == JobState.RUNNING

    start("worker.py")
    wait_until(lambda: is_completed(case))

    job = Job.objects.get(topic="translate")
    assert (job.state, job.attempts, job.lease) == (JobState.DONE, 2, 2)
    assert (tmp_path / "begun").read_text() == job.idempotency_key
    assert Event.objects.filter(case=case, transition="translated").count() == 1
    assert history.verify_case(Case.objects.get()) == []
