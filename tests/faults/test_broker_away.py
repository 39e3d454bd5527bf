"""F4 and F5: the broker is down, frozen or has forgotten everything; people go on."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.faults.client import OK, ClientLog
from tests.faults.figures import how_many, percentile
from tests.faults.stack.site import Site

BROKERS = pytest.mark.parametrize("broker", ["redis", "rabbitmq"], indirect=True)
RESUMES_WITHIN_SECONDS = 60.0


@pytest.mark.parametrize(
    ("broker", "way"),
    how_many(
        [("redis", "frozen"), ("rabbitmq", "stopped")],
        [(broker, way) for broker in ("redis", "rabbitmq") for way in ("frozen", "stopped")],
    ),
    indirect=["broker"],
)
def test_f4_while_the_broker_is_away_people_go_on_and_the_work_follows(
    site: Site, log: ClientLog, broker: Any, way: str
) -> None:
    site.serve(CELERY_BROKER_URL=broker.url)
    site.start_worker(broker=broker.url, FAULTS_AGAIN_AFTER="3")
    person = site.person("ada", log)
    person.start("quick", {})

    broker.stop() if way == "stopped" else broker.freeze()
    site.struck += 1
    times = []
    for _ in range(how_many(10, 1000)):
        started = time.monotonic()
        person.start("quick", {})
        times.append(time.monotonic() - started)
    broker.start() if way == "stopped" else broker.thaw()
    evidence = site.check(log, seconds=RESUMES_WITHIN_SECONDS)

    assert {operation.state for operation in log.operations} == {OK}
    assert all(len(operation.statuses) == 1 for operation in log.operations)
    assert percentile(times, 0.95) < 1.0
    assert {case.state for case in evidence.cases.values()} == {"completed"}


@BROKERS
def test_f5_a_broker_that_has_forgotten_its_messages_is_told_again(
    site: Site, log: ClientLog, broker: Any
) -> None:
    site.serve(CELERY_BROKER_URL=broker.url)
    person = site.person("ada", log)
    cases = [person.start("quick", {}).body["id"] for _ in range(how_many(10, 100))]
    time.sleep(1)

    broker.forget()
    site.struck += 1
    site.start_worker(broker=broker.url, FAULTS_AGAIN_AFTER="3")
    evidence = site.check(log, seconds=RESUMES_WITHIN_SECONDS)

    assert {evidence.cases[case].state for case in cases} == {"completed"}
    assert len(site.began()) == len(cases)
