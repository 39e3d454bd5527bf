"""F6 and F7: the database goes away, and connections break while they commit."""

from __future__ import annotations

import threading
import time

import pytest

from tests.faults.client import INFO, ClientLog
from tests.faults.conftest import DATABASE
from tests.faults.figures import how_many
from tests.faults.load import orders
from tests.faults.stack.brokers import Redis
from tests.faults.stack.postgres import Postgres
from tests.faults.stack.processes import wait_for
from tests.faults.stack.proxy import CommitCutter
from tests.faults.stack.site import Site

AWAY_SECONDS = 1.5


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
def test_f6_a_database_that_restarts_costs_time_and_nothing_else(
    site: Site, cluster: Postgres, log: ClientLog, mode: str
) -> None:
    web, worker = site.serve(), site.start_worker()
    pids = {web.pid, worker.pid}

    with orders(site, log, people=4).running():
        for _ in range(how_many(1, 10)):
            time.sleep(1.0)
            cluster.stop(mode)
            answer = site.person("ada").send("POST", "cases/", {"flow": "order", "data": {}})
            time.sleep(AWAY_SECONDS)
            cluster.start()
            site.struck += 1
            wait_for(lambda: site.person("ada").send("GET", "work-items/").status == 200)
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
    evidence = site.check(log)

    assert 500 not in log.statuses()
    assert not [o for o in log.operations if o.state == INFO]
    # Nobody had to start anything again.
    assert {web.pid, worker.pid} == pids
    assert web.is_running
    assert worker.is_running
    assert {case.state for case in evidence.cases.values()} == {"completed"}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_f7_a_commit_whose_answer_is_lost_is_done_once(
    site: Site, cluster: Postgres, log: ClientLog, before: bool
) -> None:
    cutter = CommitCutter(cluster.port)
    cutter.before = before
    site.serve(DATABASE_URL=cluster.url(DATABASE, port=cutter.port))
    site.start_worker()

    cutter.nth = 4
    with orders(site, log, people=4, most=how_many(12, 600)).running():
        pass
    site.struck = cutter.cuts
    cutter.nth = 0
    site.check(log)

    unknown = [o for o in log.operations if o.first_unknown_at is not None]
    assert len(unknown) >= 5
    assert not [o for o in log.operations if o.state == INFO]
    assert 500 not in log.statuses()
    site.web.kill()
    cutter.close()


def test_f7_a_backend_that_is_ended_while_it_commits_loses_nothing(
    site: Site, cluster: Postgres, log: ClientLog
) -> None:
    # A commit that waits before it writes is met more often.
    for text in ("commit_delay = 20000", "commit_siblings = 0"):
        cluster.ask("postgres", f"ALTER SYSTEM SET {text}")
    cluster.ask("postgres", "SELECT pg_reload_conf()")
    site.serve()
    site.start_worker()
    stopping = threading.Event()
    killer = threading.Thread(target=_end_commits, args=[site, cluster, stopping])

    killer.start()
    with orders(site, log, people=4, most=how_many(12, 600)).running():
        pass
    stopping.set()
    killer.join()
    cluster.ask("postgres", "ALTER SYSTEM RESET ALL")
    cluster.ask("postgres", "SELECT pg_reload_conf()")
    site.check(log)

    assert site.struck
    assert not [o for o in log.operations if o.state == INFO]


def _end_commits(site: Site, cluster: Postgres, stopping: threading.Event) -> None:
    with cluster.connect(DATABASE) as connection:
        while not stopping.wait(0.02):
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s AND query ILIKE 'commit%%' AND state = 'active'",
                [DATABASE],
            ).fetchall()
            site.struck += len(ended)


def test_f7_work_that_the_broker_was_not_told_of_is_found_by_the_sweep(
    site: Site, redis: Redis, log: ClientLog
) -> None:
    # Dead between the commit and the message, each time.
    site.serve(FAULTPOINT="K7:1", CELERY_BROKER_URL=redis.url)
    site.start_worker(broker=redis.url, FAULTS_AGAIN_AFTER="4")

    with orders(site, log, people=2, most=how_many(4, 100)).running():
        pass
    site.check(log)

    assert site.killed()["K7"] >= how_many(4, 100)
