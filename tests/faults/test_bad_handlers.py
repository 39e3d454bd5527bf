"""F28 and F29: handlers that raise, hang, crash and eat memory; an outside world that is ill."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from tests.faults.client import ClientLog
from tests.faults.figures import how_many
from tests.faults.load import orders
from tests.faults.stack.processes import wait_for
from tests.faults.stack.site import Site

BAD = ("raises", "hangs", "dies", "eats")
TRIES = 3


@pytest.mark.parametrize("broker", how_many(["redis"], ["", "redis", "rabbitmq"]), indirect=True)
def test_f28_bad_handlers_become_incidents_and_hold_nobody_up(
    site: Site, log: ClientLog, broker: Any
) -> None:
    address = broker.url if broker else ""
    site.serve(CELERY_BROKER_URL=address)
    site.start_worker(broker=address, GOFLOW_HANDLER_MEMORY_MB="600", FAULTS_AGAIN_AFTER="3")
    person = site.person("ada", log)
    bad = {person.start(flow, {}).body["id"]: flow for flow in BAD}
    good = [person.start("quick", {}).body["id"] for _ in range(how_many(12, 1000))]
    site.struck += len(BAD)

    wait_for(lambda: _states(site)["incident"] == len(BAD), seconds=60)
    evidence = site.check(log, seconds=60, given_up=len(BAD))

    incidents = {bad[job.case]: job for job in evidence.jobs if job.state == "incident"}
    assert set(incidents) == set(BAD)
    assert {evidence.cases[case].state for case in good} == {"completed"}
    assert "RuntimeError" in incidents["raises"].last_error
    assert "longer than" in incidents["hangs"].last_error
    assert "MemoryError" in incidents["eats"].last_error
    # Its process was gone each time: nobody was left to count but the one that takes.
    assert incidents["dies"].attempts == TRIES + 1


def _states(site: Site) -> Counter[str]:
    text = f"SELECT state FROM workflows_job WHERE case_id > {site.after}"
    return Counter(state for (state,) in site.ask(text))


def test_f29_an_outside_world_that_is_ill_is_asked_less_and_less(
    site: Site, log: ClientLog
) -> None:
    seconds, cases = how_many(6, 120), how_many(3, 60)
    site.serve()
    site.start_worker()
    site.recorder.mode = "500"
    site.struck += 1
    began = time.time()
    with orders(site, log, people=2, most=cases).running():
        pass
    wait_for(lambda: len({call.key for call in site.recorder.seen()}) == cases)
    time.sleep(seconds)

    asked = len(site.recorder.seen())
    site.recorder.mode = "ok"
    well_at = time.time()
    evidence = site.check(log, seconds=how_many(60, 900))

    assert {case.state for case in evidence.cases.values()} == {"completed"}
    # Pauses of 1, 1.5, 2.3, 3.4, 4 s, at least half of each: never more than two a second and case.
    assert cases <= asked <= cases * 2 * (time.time() - began)
    after = Counter(int(call.at) for call in site.recorder.seen() if call.at > well_at)
    assert max(after.values(), default=0) <= cases
    assert len({call.key for call in site.recorder.seen()}) == cases
