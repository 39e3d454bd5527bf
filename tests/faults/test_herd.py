"""F30: very many timers are due in the same second."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter

from tests.faults.client import ClientLog
from tests.faults.figures import how_many, percentile
from tests.faults.stack.processes import ROOT
from tests.faults.stack.site import Site


def test_f30_timers_due_at_once_ring_once_each_and_people_go_on(site: Site, log: ClientLog) -> None:
    """100,000 of them: `manage.py bench timers`."""
    count = how_many(400, 20_000)
    site.serve()
    subprocess.run(
        [sys.executable, "-m", "tests.faults.stack.burst", "long_alarm", str(count)],
        cwd=ROOT,
        env=site.environment,
        check=True,
    )
    with site.connect() as connection:
        connection.cursor().execute(
            "UPDATE workflows_job SET due_at = NOW() + INTERVAL '1 second' "
            f"WHERE case_id > {site.after}"
        )
        connection.commit()
    due_at = site.ask(f"SELECT MAX(due_at) FROM workflows_job WHERE case_id > {site.after}")[0][0]
    for _ in range(2):
        site.start_worker()

    person, waits = site.person("ben", log), []
    while _running(site):
        began = time.monotonic()
        person.get("work-items/")
        waits.append(time.monotonic() - began)
        time.sleep(0.2)
    evidence = site.check(log)

    rung = [e for e in evidence.lines() if e.transition == "ring"]
    assert Counter(e.case for e in rung) == dict.fromkeys(evidence.cases, 1)
    assert len(rung) == count
    assert min(e.at for e in rung) >= due_at
    assert percentile(waits, 0.95) < 2.0


def _running(site: Site) -> int:
    text = f"SELECT COUNT(*) FROM workflows_case WHERE id > {site.after} AND state = 'running'"
    return int(site.ask(text)[0][0])
