"""Service tasks a second on Celery, beside plain Celery with an empty task and one write."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import connection, transaction

from workflows import engine, flowfile, publishing, store
from workflows.clock import NOW, as_moment
from workflows.jobs.wakeup import wait_until_sent
from workflows.models import Case, CaseState

from . import plain_celery
from .processes import percentiles, running

FLOW = """
flow: bench_jobs
title: Bench
data: {type: object, properties: {}}
places: [start, working, end]
tasks:
  work: {kind: service, title: Work, handler: bench.nothing}
transitions:
  submit: {from: start, to: working}
  worked: {task: work, outcome: done, from: working, to: end}
"""
PROCESSES = 2


def jobs(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """Service tasks a second, from the step that wants them to their result in the case.

    `steps` tasks wait in the broker when the workers start; the rate is that of their ends. The
    round trips are those of single tasks, one after another.
    """
    if not settings.CELERY_BROKER_URL:
        raise CommandError("Name the broker, e.g. CELERY_BROKER_URL=redis://127.0.0.1:6379/9")
    goflow, plain = _Goflow(), _Plain()
    rates: dict[str, list[float]] = {"goflow": [], "plain": []}
    trips: dict[str, list[float]] = {"goflow": [], "plain": []}
    for _ in range(rounds):
        for name, system in (("goflow", goflow), ("plain", plain)):
            rate, trip = _measure(system, steps)
            rates[name].append(rate)
            trips[name] += trip
    common = {
        "bench": "jobs",
        "database": connection.vendor,
        "broker": settings.CELERY_BROKER_URL.split(":")[0],
        "processes": PROCESSES,
        "rounds": rounds,
    }
    for name in rates:
        rate = statistics.median(rates[name])
        yield {**common, "what": name, "tasks_per_second": round(rate, 1)}
        yield {**common, "what": name, "round_trip": percentiles(trips[name])}
    ratio = statistics.median(rates["goflow"]) / statistics.median(rates["plain"])
    yield {**common, "what": "ratio", "goflow_to_plain": round(ratio, 3)}


class _Goflow:
    worker = ("-m", "celery", "-A", "goflow_site", "worker", "-c", str(PROCESSES))

    def __init__(self) -> None:
        # In this process by its import, in the workers' by GOFLOW_APPS.
        importlib.import_module("workflows.bench.handlers")
        self._requester = User.objects.create(username="bench-requester")
        publishing.publish(store.save_draft(flowfile.read(FLOW), by=None), by=None)
        self._first = 0

    def begin(self) -> None:
        last = Case.objects.order_by("-pk").values_list("pk", flat=True).first()
        self._first = (last or 0) + 1

    def make(self) -> None:
        engine.start("bench_jobs", by=self._requester, data={})

    def sent(self) -> None:
        wait_until_sent()

    def ends(self) -> list[tuple[datetime, datetime]]:
        found = Case.objects.filter(pk__gte=self._first, state=CaseState.COMPLETED)
        return list(found.values_list("started_at", "ended_at"))  # type: ignore[arg-type]


class _Plain:
    worker = (
        *("-m", "celery", "-A", "workflows.bench.plain_celery", "worker"),
        *("-c", str(PROCESSES)),
    )

    def __init__(self) -> None:
        kind = "TIMESTAMPTZ" if connection.vendor == "postgresql" else "DATETIME(6)"
        self._now = NOW[connection.vendor]
        self._next = 0
        self._first = 0
        with connection.cursor() as cursor:
            cursor.execute(plain_celery.CREATE.format(t=kind))

    def begin(self) -> None:
        self._first = self._next

    def make(self) -> None:
        row = self._next
        self._next += 1
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO bench_plain (id, made_at) VALUES (%s, {self._now})",  # noqa: S608
                [row],
            )
            transaction.on_commit(lambda: plain_celery.done.delay(row))

    def sent(self) -> None:
        """Celery itself has sent each message when `make` returns."""

    def ends(self) -> list[tuple[datetime, datetime]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT made_at, done_at FROM bench_plain WHERE id >= %s AND done_at IS NOT NULL",
                [self._first],
            )
            return [(as_moment(made), as_moment(done)) for made, done in cursor.fetchall()]


def _measure(system: _Goflow | _Plain, count: int) -> tuple[float, list[float]]:
    """Return the tasks a second of a full queue, and the seconds of single round trips."""
    system.begin()
    for _ in range(count):
        system.make()
    system.sent()
    with running(system.worker, ready="[queues]", GOFLOW_APPS="workflows.bench"):
        ends = sorted(done for _, done in _wait(system.ends, count))
        # The first fifth is for the workers to load what they need.
        ends = ends[count // 5 :]
        rate = (len(ends) - 1) / (ends[-1] - ends[0]).total_seconds()
        system.begin()
        singles = max(10, count // 10)
        for made in range(1, singles + 1):
            system.make()
            _wait(system.ends, made)
        trips = [(done - made).total_seconds() for made, done in system.ends()]
    return rate, trips


def _wait(
    ends: Callable[[], list[tuple[datetime, datetime]]], count: int
) -> list[tuple[datetime, datetime]]:
    deadline = time.monotonic() + 300
    while len(found := ends()) < count:
        if time.monotonic() > deadline:
            raise CommandError(f"Only {len(found)} of {count} tasks have ended within 300 s.")
        time.sleep(0.002 if count < 1000 else 0.1)
    return found
