"""Human steps a second, beside plain SQL on the same database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection

from workflows import engine, flowfile, publishing, store
from workflows.models import Case, WorkItem

from .five_statements import FiveStatements

FLOW = """
flow: bench
title: Bench
data: {type: object, properties: {amount: {type: number}}, required: [amount]}
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Review, assign: group("reviewers"), due: 2 working days}
transitions:
  submit: {from: start, to: waiting}
  again: {task: review, outcome: again, from: waiting, to: waiting, guard: amount > 10}
  stop: {task: review, outcome: stop, from: waiting, to: end}
"""
HISTORIES = (10, 100, 1000)


def steps(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """Human steps a second beside five plain statements, and what a long history costs.

    A step is one decision with authorisation, history and the next work item. On PostgreSQL the
    five statements run through psycopg itself, elsewhere through Django's cursor.
    """
    requester, reviewer = _people()
    case = _start(requester)
    plain = FiveStatements()
    engine_seconds, plain_seconds = [], []
    _decide(case, reviewer, steps // 10 + 1)
    for _ in range(rounds):
        engine_seconds.append(_timed(_decide, case, reviewer, steps))
        plain_seconds.append(_timed(plain.run, steps))
    plain.close()
    rate = steps / statistics.median(engine_seconds)
    plain_rate = steps / statistics.median(plain_seconds)
    common = {"bench": "steps", "database": connection.vendor, "rounds": rounds}
    yield {**common, "what": "goflow", "steps_per_second": round(rate, 1)}
    yield {**common, "what": plain.name, "steps_per_second": round(plain_rate, 1)}
    yield {**common, "what": "ratio", "goflow_to_plain": round(rate / plain_rate, 3)}
    yield from _growth(requester, reviewer, rounds=rounds, common=common)


def _people() -> tuple[User, User]:
    group, _ = Group.objects.get_or_create(name="reviewers")
    requester = User.objects.create(username="requester")
    reviewer = User.objects.create(username="reviewer")
    reviewer.groups.add(group)
    version = store.save_draft(flowfile.read(FLOW), by=None)
    publishing.publish(version, by=None)
    return requester, reviewer


def _start(requester: User) -> Case:
    return engine.start("bench", by=requester, data={"amount": 100})


def _decide(case: Case, reviewer: User, times: int) -> None:
    item = WorkItem.objects.open().filter(case=case).values_list("pk", flat=True)
    for _ in range(times):
        engine.complete(item.get(), by=reviewer, outcome="again")


def _timed(call: Callable[..., None], *args: Any) -> float:
    begun = time.perf_counter()
    call(*args)
    return time.perf_counter() - begun


def _growth(
    requester: User, reviewer: User, *, rounds: int, common: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Time 20 steps on cases with 10, 100 and 1,000 events, in turn."""
    cases = {}
    for length in HISTORIES:
        cases[length] = _start(requester)
        _decide(cases[length], reviewer, length - 1)
    seconds: dict[int, list[float]] = {length: [] for length in HISTORIES}
    for _ in range(rounds):
        for length, case in cases.items():
            seconds[length].append(_timed(_decide, case, reviewer, 20) / 20)
    for length in HISTORIES:
        milliseconds = round(statistics.median(seconds[length]) * 1000, 2)
        yield {**common, "what": "history", "events": length, "ms_per_step": milliseconds}
