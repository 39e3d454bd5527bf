"""F8, F9, F10, F11, F19, F25: many people at once, over HTTP, on PostgreSQL."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.faults.client import FAIL, OK, ClientLog, Operation, at_once
from tests.faults.figures import how_many
from tests.faults.stack.site import Site

ROUNDS = how_many(4, 100)
CONTESTS = 12
CONTEST_ROUNDS = how_many(1, 10)
BRANCHES = (2, 8, 64)
PUBLISH_SECONDS = 0.1
STARTS = how_many(200, 500)

SHIFTING: dict[str, Any] = {
    "flow": "shifting",
    "data": {"type": "object"},
    "tasks": {
        "first": {"kind": "human", "assign": 'user("ben")'},
        "second": {"kind": "human", "assign": 'user("ben")'},
    },
}


@pytest.fixture(autouse=True)
def _at_work(site: Site) -> None:
    """Timers ring and notices are sent meanwhile."""
    site.serve()
    site.start_worker()


def started(site: Site, log: ClientLog, flow: str, by: str = "ada", **data: Any) -> dict[str, Any]:
    """Start a case and return what the caller is told of it."""
    operation = site.person(by, log).start(flow, data)
    assert operation.state == OK, operation
    told: dict[str, Any] = operation.body
    return told


def items_of(case: dict[str, Any]) -> dict[str, int]:
    return {item["task"]: item["id"] for item in case["work_items"]}


def told_yes(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.state == OK]


@pytest.mark.parametrize("people", [2, 5, 20])
def test_f8_of_people_who_decide_at_once_one_wins_and_all_others_learn_who(
    site: Site, log: ClientLog, people: int
) -> None:
    names = [f"p{number:02}" for number in range(people)]

    for _ in range(ROUNDS):
        (item,) = items_of(started(site, log, "decision", amount=1)).values()
        operations: list[Operation] = at_once(
            *(
                partial(site.person(name, log).complete, item, random.choice(("approve", "reject")))
                for name in names
            )
        )

        (winner,) = told_yes(operations)
        for loser in operations:
            if loser is not winner:
                assert (loser.state, loser.status) == (FAIL, 409)
                assert loser.body["code"] == "work_item_closed"
                assert loser.body["completed_by"] == winner.by
                assert loser.body["completed_at"]

    site.check(log)


def test_f9_of_approve_reject_withdraw_and_a_timer_one_happens(site: Site, log: ClientLog) -> None:
    for _ in range(CONTEST_ROUNDS):
        _contest(site, log)


def _contest(site: Site, log: ClientLog) -> None:
    site.begin()
    log.operations.clear()
    contests = [started(site, log, "contest") for _ in range(CONTESTS)]
    # The timer rings after 2 s, when a worker next looks: all four come at that moment.
    rings_at = time.monotonic() + 1.5

    def act(name: str, item: int, outcome: str) -> Operation:
        time.sleep(max(0.0, rings_at + random.uniform(0, 1.0) - time.monotonic()))
        return site.person(name, log).complete(item, outcome)

    operations: list[Operation] = at_once(
        *(
            partial(act, name, items_of(case)[task], outcome)
            for case in contests
            for name, task, outcome in (
                ("carl", "decide", "approve"),
                ("cleo", "decide", "reject"),
                ("ada", "withdraw", "withdraw"),
            )
        )
    )
    evidence = site.check(log)

    assert {operation.status for operation in operations} <= {200, 409}
    firings = [
        event
        for events in evidence.events.values()
        for event in events
        if event.kind == "fired" and event.item is not None
    ]
    assert Counter(e.case for e in firings) == {case["id"]: 1 for case in contests}
    assert len(told_yes(operations)) == sum(e.transition != "expire" for e in firings)
    assert {case.state for case in evidence.cases.values()} == {"completed"}


@pytest.mark.parametrize("branches", BRANCHES)
def test_f10_branches_that_end_together_join_once(
    site: Site, log: ClientLog, branches: int
) -> None:
    case = started(site, log, f"join_{branches}")
    names = ("carl", "cleo")

    at_once(
        *(
            partial(site.person(names[n % 2], log).complete, item, "approve")
            for n, item in enumerate(items_of(case).values())
        )
    )
    evidence = site.check(log)

    joins = [event for event in evidence.events[case["id"]] if event.transition == "join"]
    assert len(joins) == 1
    assert evidence.cases[case["id"]].state == "completed"


def test_f11_a_request_that_is_sent_ten_times_at_once_is_one_request(
    site: Site, log: ClientLog
) -> None:
    for _ in range(ROUNDS):
        key = f"f11-{random.getrandbits(64):x}"
        body = {"flow": "decision", "data": {"amount": 1}, "business_key": key}
        # For the checker: ten requests, one thing that somebody wants.
        log.add(Operation(key, "start", "ada", time.time(), key, state=OK, status=201))
        answers = at_once(
            *(partial(site.person("ada").send, "POST", "cases/", body, key=key) for _ in range(10))
        )

        assert {answer.status for answer in answers} == {201}
        assert len({answer.body["id"] for answer in answers}) == 1
        assert len({str(answer.body) for answer in answers}) == 1

    evidence = site.check(log)
    assert len(evidence.cases) == ROUNDS


def test_f11_a_key_with_another_body_is_refused_and_changes_nothing(
    site: Site, log: ClientLog
) -> None:
    ada = site.person("ada")
    body: dict[str, Any] = {"flow": "decision", "data": {"amount": 1}}
    key = f"f11-{random.getrandbits(64):x}"
    ada.send("POST", "cases/", body, key=key)

    answer = ada.send("POST", "cases/", body | {"data": {"amount": 2}}, key=key)

    assert (answer.status, answer.body["code"]) == (422, "idempotency_key_reused")
    assert len(site.check(log).cases) == 1


class Publisher(threading.Thread):
    """Publishes a new version again and again. Its net names the number: nothing can be mixed
    without being seen."""

    def __init__(self, site: Site) -> None:
        super().__init__(daemon=True)
        self.published: list[tuple[float, int]] = []
        self.stopping = threading.Event()
        self._admin = site.person("admin")

    def once(self) -> None:
        n = len(self.published)
        net = {
            "places": [f"start_{n}", f"one_{n}", f"two_{n}", f"end_{n}"],
            "transitions": {
                f"submit_{n}": {"from": f"start_{n}", "to": f"one_{n}"},
                f"do_first_{n}": {
                    "task": "first",
                    "outcome": "done",
                    "from": f"one_{n}",
                    "to": f"two_{n}",
                },
                f"do_second_{n}": {
                    "task": "second",
                    "outcome": "done",
                    "from": f"two_{n}",
                    "to": f"end_{n}",
                },
            },
        }
        made = self._admin.send("POST", "flows/", SHIFTING | net)
        assert made.status == 201, made
        number = made.body["number"]
        path = f"flows/shifting/versions/{number}/publish/"
        answer = self._admin.send("POST", path, {"confirm_warnings": True})
        assert answer.status == 200, answer
        self.published.append((time.monotonic(), number))

    def run(self) -> None:
        while not self.stopping.wait(PUBLISH_SECONDS):
            self.once()


def test_f19_cases_keep_the_version_with_which_they_began(site: Site, log: ClientLog) -> None:
    publisher = Publisher(site)
    publisher.once()
    numbers = iter(range(STARTS))
    guard = threading.Lock()
    taken: list[tuple[int, int]] = []

    def go_through() -> None:
        ada, ben = site.person("ada", log), site.person("ben", log)
        while True:
            with guard:
                if next(numbers, None) is None:
                    return
            least = publisher.published[-1][1]
            case = ada.start("shifting", {}).body
            taken.append((least, case["version"]))
            case = ben.complete(items_of(case)["first"], "done").body
            ben.complete(items_of(case)["second"], "done")

    publisher.start()
    at_once(*[go_through] * 6)
    publisher.stopping.set()
    publisher.join(30)
    evidence = site.check(log)

    # Each transition that fired, and each item, is of the version that its case has.
    assert len(evidence.cases) == STARTS
    assert {case.state for case in evidence.cases.values()} == {"completed"}
    for events in evidence.events.values():
        suffixes = {e.transition.rpartition("_")[2] for e in events if e.transition}
        assert len(suffixes) == 1
    (mixed,) = site.ask(
        "SELECT COUNT(*) FROM workflows_workitem i JOIN workflows_task t ON t.id = i.task_id "
        f"JOIN workflows_case c ON c.id = i.case_id WHERE c.id > {site.after} "
        "AND t.version_id <> c.version_id"
    )
    assert mixed[0] == 0
    assert all(version >= least for least, version in taken)
    assert len({version for _, version in taken}) > 5


def test_f25_fifty_people_who_rest_on_the_same_version_of_a_case_do_one_step(
    site: Site, log: ClientLog
) -> None:
    case = started(site, log, "crowded")
    items = list(items_of(case).values())

    def act(number: int) -> Operation:
        person = site.person(f"p{number:02}", log)
        mark = f"f25-{number}-{random.getrandbits(64):x}"
        body = {"outcome": "done", "comment": mark, "step": case["step"]}
        return person.act("complete", f"work-items/{items[number]}/complete/", body, mark=mark)

    operations: list[Operation] = at_once(*(partial(act, number) for number in range(50)))
    evidence = site.check(log)

    (winner,) = told_yes(operations)
    assert {o.status for o in operations if o is not winner} == {409}
    assert {o.body["code"] for o in operations if o is not winner} == {"stale"}
    assert sum(event.item is not None for event in evidence.events[case["id"]]) == 1


def test_f25_fifty_writers_on_one_case_are_all_served(site: Site, log: ClientLog) -> None:
    case = started(site, log, "crowded")

    operations: list[Operation] = at_once(
        *(
            partial(site.person(f"p{number:02}", log).complete, item, "done")
            for number, item in enumerate(items_of(case).values())
        )
    )
    evidence = site.check(log)

    assert {operation.state for operation in operations} == {OK}
    # One who had to wait for too long may have been told so, and has asked again.
    assert {status for operation in operations for status in operation.statuses} <= {200, 503}
    assert evidence.cases[case["id"]].state == "completed"
