"""F40: who is told to stop ends what is at hand, or gives it back."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
import uuid
from typing import Any

import pytest

from tests.faults.client import OK, ClientLog
from tests.faults.figures import how_many
from tests.faults.load import orders
from tests.faults.stack.processes import wait_for
from tests.faults.stack.site import LEASE_SECONDS, Site

GRACE_SECONDS = 10.0


def test_f40_a_web_server_that_is_told_to_stop_answers_what_is_at_hand(
    site: Site, log: ClientLog
) -> None:
    """Each step stands still for a second before its commit: all are at hand when the signal
    comes."""
    web = site.serve(FAULTPOINT="K6:pause:1")
    sent = threading.Barrier(5)
    answers: list[int] = []

    def start() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
        body = json.dumps({"flow": "order", "data": {}, "business_key": uuid.uuid4().hex})
        headers = {
            "Authorization": f"Token {site.tokens['ada']}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        connection.request("POST", "/api/v1/cases/", body, headers)
        sent.wait(10)
        answers.append(connection.getresponse().status)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    sent.wait(10)
    # They have been read, and stand at the point.
    wait_for(lambda: site.killed()["K6"] == 4)
    took = web.stop()
    for thread in threads:
        thread.join(30)
    site.killed().clear()

    assert answers == [201] * 4
    assert took < GRACE_SECONDS
    assert site.last_case() - site.after == 4


def test_f40_a_web_process_that_is_replaced_under_load_costs_nobody_an_error(
    site: Site, log: ClientLog
) -> None:
    web = site.serve()
    site.start_worker()

    with orders(site, log, people=4).running():
        for _ in range(3):
            time.sleep(0.7)
            before = web.children()
            # As on a deployment: the same address, processes one after the other.
            web.send(signal.SIGHUP)
            wait_for(lambda before=before: not set(before) & set(web.children()))  # type: ignore[misc]
    site.check(log)

    assert set(log.statuses()) <= {200, 201, 0}
    assert {operation.state for operation in log.operations} == {OK}


@pytest.mark.parametrize(
    "broker", how_many(["", "redis"], ["", "redis", "rabbitmq"]), indirect=True
)
def test_f40_a_worker_that_is_told_to_stop_ends_its_job_or_gives_it_back(
    site: Site, log: ClientLog, broker: Any
) -> None:
    """The job lasts longer than the grace: another has it at once, and not when the lease ends."""
    address = broker.url if broker else ""
    site.serve(CELERY_BROKER_URL=address)
    worker = site.start_worker(broker=address, FAULTS_SLOW_SECONDS="60", GOFLOW_LEASE_SECONDS="300")
    started = site.person("ada", log).start("slow", {})
    wait_for(lambda: len(site.began()) == 1)

    took = worker.stop()
    ((state, attempts),) = site.ask(
        "SELECT state, attempts FROM workflows_job "
        f"WHERE case_id = {started.body['id']} AND kind = 'service'"
    )
    site.start_worker(broker=address, FAULTS_SLOW_SECONDS="0")
    site.check(log)

    assert took < GRACE_SECONDS
    # Given back is not a try.
    assert (state, attempts) == ("due", 0)
    assert len(site.began()) == 2


def test_f40_a_job_that_ends_within_the_grace_is_not_run_again(site: Site, log: ClientLog) -> None:
    site.serve()
    worker = site.start_worker(FAULTS_SLOW_SECONDS="1.5")
    site.person("ada", log).start("slow", {})
    wait_for(lambda: len(site.began()) == 1)

    worker.stop()
    site.start_worker()
    time.sleep(LEASE_SECONDS / 2)
    evidence = site.check(log)

    assert len(site.began()) == 1
    assert {case.state for case in evidence.cases.values()} == {"completed"}
