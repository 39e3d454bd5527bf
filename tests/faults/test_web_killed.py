"""F1: kill -9 of a web process in the middle of a step, at each of the named points."""

from __future__ import annotations

import time

from tests.faults.client import INFO, ClientLog
from tests.faults.figures import how_many
from tests.faults.load import orders
from tests.faults.stack.site import Site

POINTS = [f"K{number}" for number in range(1, 9)]
# K5 and K7 are met by the steps alone that open a job.
SHARES = dict.fromkeys(POINTS, 0.02) | {"K5": 0.08, "K7": 0.08}


def test_f1_a_killed_web_process_loses_nothing_and_does_nothing_twice(
    site: Site, log: ClientLog
) -> None:
    kills, longest_seconds = how_many(2, 50), how_many(60, 1800)
    fault = ",".join(f"{point}:p={share}" for point, share in SHARES.items())
    # K3 to K5 fall together where a step is written with one statement.
    site.serve(FAULTPOINT=fault, FAULTS_WRITE_IN_TURN="1")
    site.start_worker()

    deadline = time.monotonic() + longest_seconds
    with orders(site, log, people=4).running():
        while time.monotonic() < deadline and min(_killed(site)) < kills:
            time.sleep(0.2)
    evidence = site.check(log)

    assert min(_killed(site)) >= kills, site.killed()
    assert not [o for o in log.operations if o.state == INFO]
    assert {case.state for case in evidence.cases.values()} == {"completed"}


def _killed(site: Site) -> list[int]:
    killed = site.killed()
    return [killed[point] for point in POINTS]
