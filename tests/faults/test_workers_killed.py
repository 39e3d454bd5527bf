"""F2, F3, F14, F15: workers die, sleep and take too long; others do their work, once."""

from __future__ import annotations

import re
import signal
import time
from typing import Any

import pytest

from tests.faults.client import ClientLog
from tests.faults.figures import how_many, percentile
from tests.faults.load import orders
from tests.faults.stack.processes import Process, wait_for
from tests.faults.stack.site import LEASE_SECONDS, Site, kill_children

POINTS = ("K6", "K9", "K10", "K11")
BROKERS = pytest.mark.parametrize("broker", ["", "redis", "rabbitmq"], indirect=True)


def url_of(broker: Any) -> str:
    return broker.url if broker else ""


@BROKERS
def test_f2_a_worker_that_dies_at_any_point_is_followed_by_another(
    site: Site, log: ClientLog, broker: Any
) -> None:
    """Pool processes die by themselves at the points; the whole group is killed beside that."""
    kills = how_many(1, 50)
    fault = ",".join(f"{point}:p=0.12" for point in POINTS)
    site.serve(CELERY_BROKER_URL=url_of(broker))
    environment = {"FAULTPOINT": fault, "FAULTS_AGAIN_AFTER": "3"}
    workers = [site.start_worker(broker=url_of(broker), **environment) for _ in range(2)]

    deadline = time.monotonic() + how_many(45, 900)
    with orders(site, log, people=3).running():
        wait_for(lambda: site.killed().total() > 0, seconds=30)
        while time.monotonic() < deadline and (min(_killed(site)) < kills or not site.struck):
            _replace(site, workers[site.struck % 2])
            # Long enough for it to come up, and to meet some of the points.
            until = time.monotonic() + 12
            while time.monotonic() < until and min(_killed(site)) < kills:
                time.sleep(0.2)
    for worker in workers:
        worker.kill()
    site.start_worker(broker=url_of(broker), FAULTS_AGAIN_AFTER="3")
    evidence = site.check(log, seconds=60)

    assert min(_killed(site)) >= kills, site.killed()
    assert {case.state for case in evidence.cases.values()} == {"completed"}


def _replace(site: Site, worker: Process) -> None:
    worker.kill()
    worker.start()
    site.struck += 1


def _killed(site: Site) -> list[int]:
    killed = site.killed()
    return [killed[point] for point in POINTS]


@pytest.mark.parametrize("broker", how_many(["redis"], ["", "redis", "rabbitmq"]), indirect=True)
def test_f2_when_the_pool_alone_dies_its_parent_starts_another(
    site: Site, log: ClientLog, broker: Any
) -> None:
    site.serve(CELERY_BROKER_URL=url_of(broker))
    worker = site.start_worker(
        broker=url_of(broker), FAULTS_SLOW_SECONDS="1.5", FAULTS_AGAIN_AFTER="3"
    )
    person = site.person("ada", log)
    cases = [person.start("slow", {}).body["id"] for _ in range(2)]
    wait_for(lambda: len(site.began()) >= 1)

    kill_children(worker)
    site.struck += 1
    evidence = site.check(log)

    assert worker.is_running
    assert {evidence.cases[case].state for case in cases} == {"completed"}


def test_f3_without_any_sweep_nothing_is_lost_and_with_two_nothing_is_doubled(
    site: Site, log: ClientLog
) -> None:
    """Every worker sweeps; there is no other clock process. None for a while, then two."""
    site.serve()
    person = site.person("ada", log)
    cases = [person.start("alarm", {}).body["id"] for _ in range(how_many(10, 200))]
    # Overdue by the time somebody sweeps.
    time.sleep(4)

    site.struck += 1
    site.start_worker()
    site.start_worker()
    evidence = site.check(log)

    rung = [e.case for e in evidence.lines() if e.transition == "ring"]
    assert sorted(rung) == sorted(cases)


def test_f14_a_worker_that_slept_past_its_lease_changes_nothing(site: Site, log: ClientLog) -> None:
    site.serve()
    zombie = site.start_worker("--processes", "1", FAULTS_SLOW_SECONDS="1")
    started = site.person("ada", log).start("slow", {})
    wait_for(lambda: len(site.began()) == 1)
    zombie.send_to_all(signal.SIGSTOP)
    site.struck += 1

    site.start_worker(FAULTS_SLOW_SECONDS="0")
    wait_for(lambda: _state(site, started.body["id"]) == "completed", seconds=LEASE_SECONDS + 15)
    zombie.send_to_all(signal.SIGCONT)
    wait_for(lambda: "no longer ours" in zombie.words(), seconds=15)
    evidence = site.check(log)

    assert len([e for e in evidence.lines() if e.transition == "done"]) == 1
    # Both had begun: that is what the idempotency key is for.
    assert len(site.began()) == 2
    assert len(set(site.began())) == 1


def _state(site: Site, case: int) -> str:
    return str(site.ask(f"SELECT state FROM workflows_case WHERE id = {case}")[0][0])


def test_f15_work_that_is_longer_than_its_lease_is_begun_once(site: Site, log: ClientLog) -> None:
    site.serve()
    for _ in range(2):
        site.start_worker(FAULTS_SLOW_SECONDS=str(3 * LEASE_SECONDS))
    site.person("ada", log).start("slow", {})

    evidence = site.check(log)

    assert len(site.began()) == 1
    assert [job.attempts for job in evidence.jobs if job.kind == "service"] == [1]


def test_f15_without_a_heartbeat_another_does_it_and_the_late_end_counts_for_nothing(
    site: Site, log: ClientLog
) -> None:
    """A worker that cannot keep its lease, since it does not reach the database meanwhile."""
    site.serve()
    # Long enough for the other to come up on a machine that is busy.
    late = site.start_worker(FAULTS_SLOW_SECONDS=str(8 * LEASE_SECONDS), FAULTS_NO_HEARTBEAT="1")
    site.person("ada", log).start("slow", {})
    wait_for(lambda: len(site.began()) == 1)
    late.send(signal.SIGSTOP)
    site.start_worker(FAULTS_SLOW_SECONDS="0")

    wait_for(lambda: "no longer ours" in late.words(), seconds=60)
    late.send(signal.SIGCONT)
    evidence = site.check(log)

    # Twice; where a busy machine lets this short lease run out once more, three times.
    assert len(site.began()) >= 2
    assert len(set(site.began())) == 1
    assert len([e for e in evidence.lines() if e.transition == "done"]) == 1


def test_f2_takeover_takes_no_longer_than_the_lease_and_a_sweep(site: Site, log: ClientLog) -> None:
    """The whole group dies, so that nobody says for it that it is dead."""
    site.serve()
    person = site.person("ada", log)
    times = []
    for _ in range(how_many(1, 20)):
        dying = site.start_worker(FAULTS_SLOW_SECONDS="60")
        before = len(site.began())
        started = person.start("slow", {})
        wait_for(lambda before=before: len(site.began()) > before)  # type: ignore[misc]
        dying.kill()
        site.struck += 1
        other = site.start_worker(FAULTS_SLOW_SECONDS="0")
        done = started.body["id"]
        times.append(wait_for(lambda done=done: _state(site, done) == "completed"))  # type: ignore[misc]
        other.stop()
    site.start_worker()
    site.check(log)

    # The lease, a second between two sweeps, and the start of the other worker.
    assert percentile(times, 0.95) < LEASE_SECONDS + 10
    assert not re.search("Traceback", site.words())
