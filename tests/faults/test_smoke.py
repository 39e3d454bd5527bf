"""The harness itself: without a fault everything goes through."""

from __future__ import annotations

from tests.faults.client import ClientLog
from tests.faults.load import order
from tests.faults.stack.site import Site


def test_without_a_fault_every_order_is_agreed_told_and_closed(site: Site, log: ClientLog) -> None:
    site.serve()
    site.start_worker()
    for number in range(5):
        order(site, log, number)

    evidence = site.check(log)

    assert {case.state for case in evidence.cases.values()} == {"completed"}
    assert len(site.recorder.seen()) == 5
