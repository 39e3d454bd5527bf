"""Human steps a second, beside plain SQL on the same database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import override_settings

from workflows import engine, flowfile, publishing, store
from workflows.listeners import case_listeners
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
    engine_seconds, portal_seconds, plain_seconds = [], [], []
    with _nobody_listens():
        _decide(case, reviewer, steps // 10 + 1)
    for _ in range(rounds):
        with _nobody_listens():
            engine_seconds.append(_decide(case, reviewer, steps))
        portal_seconds.append(_decide(case, reviewer, steps))
        plain_seconds.append(_timed(plain.run, steps))
    plain.close()
    rate, portal_rate, plain_rate = (
        steps / statistics.median(seconds)
        for seconds in (engine_seconds, portal_seconds, plain_seconds)
    )
    common = {"bench": "steps", "database": connection.vendor, "rounds": rounds}
    yield {**common, "what": "goflow", "steps_per_second": round(rate, 1)}
    yield {
        **common,
        "what": "goflow, telling people",
        "steps_per_second": round(portal_rate, 1),
    }
    yield {**common, "what": plain.name, "steps_per_second": round(plain_rate, 1)}
    yield {**common, "what": "ratio", "goflow_to_plain": round(rate / plain_rate, 3)}
    with _nobody_listens():
        yield from _growth(requester, reviewer, rounds=rounds, common=common)


@contextmanager
def _nobody_listens() -> Iterator[None]:
    """Measure the engine alone: what the portal tells people of a step is measured beside it."""
    with override_settings(GOFLOW_CASE_LISTENERS=[]):
        case_listeners.cache_clear()
        yield
    case_listeners.cache_clear()


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


def _decide(case: Case, reviewer: User, times: int) -> float:
    """Decide so often; return the seconds it took, without those in which the item was found."""
    seconds = 0.0
    open_items = WorkItem.objects.open().filter(case=case).values_list("pk", flat=True)
    for _ in range(times):
        item = open_items.get()
        seconds += _timed(engine.complete, item, by=reviewer, outcome="again")
    return seconds


def _timed(call: Callable[..., object], *args: Any, **options: Any) -> float:
    begun = time.perf_counter()
    call(*args, **options)
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
            seconds[length].append(_decide(case, reviewer, 20) / 20)
    for length in HISTORIES:
        milliseconds = round(statistics.median(seconds[length]) * 1000, 2)
        yield {**common, "what": "history", "events": length, "ms_per_step": milliseconds}
