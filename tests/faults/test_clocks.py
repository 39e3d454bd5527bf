"""F16 and F18: clocks that disagree, and timers that nobody was there to ring."""

from __future__ import annotations

import glob
from collections import Counter
from datetime import timedelta

import pytest

from tests.faults.client import ClientLog
from tests.faults.conftest import require
from tests.faults.figures import how_many
from tests.faults.stack.postgres import Postgres
from tests.faults.stack.processes import wait_for
from tests.faults.stack.site import Site

ALARM = timedelta(seconds=3)


@pytest.fixture(scope="session")
def faketime() -> str:
    """The library that changes the time of a process, for LD_PRELOAD."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    require(found, "libfaketime")
    return found[0]


def shifted(library: str, by: str) -> dict[str, str]:
    return {"LD_PRELOAD": library, "FAKETIME": by}


def test_f16_no_timer_rings_early_by_a_worker_whose_clock_is_hours_off(
    site: Site, log: ClientLog, faketime: str
) -> None:
    site.serve()
    for by in ("+2h", "-2h"):
        site.start_worker(FAULTS_SLOW_SECONDS="4", **shifted(faketime, by))
        site.struck += 1
    person = site.person("ada", log)
    cases = [person.start("alarm", {}).body["id"] for _ in range(how_many(6, 200))]
    person.start("slow", {})

    wait_for(lambda: not _running(site), seconds=60)
    evidence = site.check(log)

    rung = {e.case: e.at for e in evidence.lines() if e.transition == "ring"}
    lateness = [rung[case] - evidence.cases[case].started_at - ALARM for case in cases]
    assert min(lateness) >= timedelta(0)
    assert max(lateness) < timedelta(seconds=20)
    # A lease that one of them gave looks expired, or eternal, to the other's clock.
    assert len(site.began()) == 1


def test_f16_a_web_server_whose_clock_is_hours_off_sets_the_same_moments(
    site: Site, log: ClientLog, faketime: str
) -> None:
    site.serve(**shifted(faketime, "-2h"))
    site.start_worker()
    site.struck += 1
    started = site.person("ada", log).start("alarm", {})
    assert started.status == 201

    wait_for(lambda: not _running(site), seconds=30)
    evidence = site.check(log)

    (rung,) = [e.at for e in evidence.lines() if e.transition == "ring"]
    late = rung - evidence.cases[started.body["id"]].started_at - ALARM
    assert timedelta(0) <= late < timedelta(seconds=20)


def _running(site: Site) -> int:
    text = f"SELECT COUNT(*) FROM workflows_case WHERE id > {site.after} AND state = 'running'"
    return int(site.ask(text)[0][0])


def test_f18_after_two_days_without_anybody_each_timer_rings_once(
    site: Site, cluster: Postgres, log: ClientLog, faketime: str
) -> None:
    site.serve()
    person = site.person("ada", log)
    once = [person.start(flow, {}).body["id"] for flow in ("alarm", "long_alarm")]
    nagging = person.start("nag", {}).body["id"]
    cluster.stop()

    cluster.start(environment=shifted(faketime, "+2d"))
    site.struck += 1
    site.start_worker()
    wait_for(lambda: _running(site) == 1, seconds=40)
    evidence = site.check(log)
    cluster.restart("fast")

    rung = Counter(e.case for e in evidence.lines() if e.transition == "ring")
    assert rung == {once[0]: 1, once[1]: 1, nagging: 1}
    (waiting,) = [job for job in evidence.jobs if job.kind == "timer" and job.state == "due"]
    assert waiting.case == nagging
    assert timedelta(0) < waiting.due_at - evidence.now <= timedelta(hours=1)
