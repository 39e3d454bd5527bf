"""Timers that are all due in the same second: how fast, how late, and what people notice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import Count
from django.test import Client

from workflows import engine, flowfile, publishing, store
from workflows.clock import database_now
from workflows.history import NewEvent, seal
from workflows.models import Case, CaseState, Event, EventKind, Job, JobKind, JobState, WorkItem

from .processes import percentiles, running

FLOW = """
flow: bench_timers
title: Bench
data: {type: object, properties: {}}
places: [start, waiting, end]
tasks:
  pause: {kind: timer, title: Pause, after: 1 hour}
transitions:
  submit: {from: start, to: waiting}
  go_on: {task: pause, outcome: due, from: waiting, to: end}
"""
PROCESSES = 2
AT_ONCE = 1_000
LONGEST_SECONDS = 3_600


def timers(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """Timers due in one second: `steps` thousand of them, and the inbox page meanwhile.

    Prints the rate, how late they rang, and whether any rang early or twice.
    """
    person = User.objects.create(username="bench-person")
    publishing.publish(store.save_draft(flowfile.read(FLOW), by=None), by=None)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    quiet = [_inbox(client) for _ in range(50)]
    due_at = database_now() + timedelta(seconds=3)
    count = steps * 1_000
    _make(person, count)
    due_at = max(due_at, database_now() + timedelta(seconds=5))
    _let_ring_at(due_at)
    worker = ("manage.py", "run_worker", "--processes", str(PROCESSES))
    with running(worker):
        busy = _watch(client, due_at)
    yield from _told(count, due_at, quiet, busy)


def _make(person: User, count: int) -> None:
    """Copy one started case `count` times, each with a history of its own."""
    first = engine.start("bench_timers", by=person, data={})
    item = WorkItem.objects.get(case=first)
    job = Job.objects.get(case=first)
    Job.objects.filter(pk=job.pk).update(due_at=database_now() + timedelta(days=365))
    for begin in range(0, count, AT_ONCE):
        _copy(first, item, job, min(AT_ONCE, count - begin))
    engine.cancel(first.pk, by=_operator(), reason="The mould of the others")


def _copy(first: Case, item: WorkItem, job: Job, count: int) -> None:
    cases = Case.objects.bulk_create(
        Case(
            version_id=first.version_id,
            requester_id=first.requester_id,
            marking=first.marking,
            data=first.data,
            step_count=1,
            started_at=first.started_at,
            changed_at=first.changed_at,
        )
        for _ in range(count)
    )
    lines = [NewEvent(EventKind.STARTED), NewEvent(EventKind.FIRED, transition="submit")]
    Event.objects.bulk_create(
        Event(**vars(line)) for case in cases for line in seal(case, lines, at=first.started_at)
    )
    Case.objects.bulk_update(cases, ["history_length", "history_hash"], batch_size=250)
    items = WorkItem.objects.bulk_create(
        WorkItem(case=case, task_id=item.task_id, opened_at=item.opened_at) for case in cases
    )
    Job.objects.bulk_create(
        Job(
            case=case,
            work_item=own,
            kind=JobKind.TIMER,
            key=f"{case.pk}:1:pause",
            due_at=job.due_at + timedelta(days=365),
            created_at=job.created_at,
        )
        for case, own in zip(cases, items, strict=True)
    )


def _operator() -> User:
    return User.objects.create_superuser("bench-operator")


def _let_ring_at(due_at: datetime) -> None:
    Job.objects.filter(state=JobState.DUE, kind=JobKind.TIMER).update(due_at=due_at)
    WorkItem.objects.filter(state="offered").update(due_at=due_at)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _watch(client: Client, due_at: datetime) -> list[float]:
    """Load the inbox again and again until every timer has rung; return the seconds of each."""
    seconds = []
    deadline = time.monotonic() + LONGEST_SECONDS
    waiting = Job.objects.filter(kind=JobKind.TIMER, state__in=(JobState.DUE, JobState.RUNNING))
    while waiting.exists():
        if time.monotonic() > deadline:
            raise CommandError(f"After {LONGEST_SECONDS} s not every timer has rung.")
        took = _inbox(client)
        if database_now() >= due_at:
            seconds.append(took)
        time.sleep(0.2)
    return seconds


def _inbox(client: Client) -> float:
    begun = time.perf_counter()
    answer = client.get("/inbox/")
    if answer.status_code != 200:
        raise CommandError(f"The inbox answers {answer.status_code}.")
    return time.perf_counter() - begun


def _told(
    count: int, due_at: datetime, quiet: list[float], busy: list[float]
) -> Iterator[dict[str, Any]]:
    common = {
        "bench": "timers",
        "database": connection.vendor,
        "processes": PROCESSES,
        "timers": count,
    }
    rung = Event.objects.filter(kind=EventKind.FIRED, transition="go_on")
    moments = sorted(rung.values_list("at", flat=True))
    seconds = (moments[-1] - due_at).total_seconds()
    yield {**common, "what": "rate", "timers_per_second": round(count / seconds, 1)}
    lateness = percentiles([(at - due_at).total_seconds() for at in moments])
    yield {**common, "what": "lateness", **lateness}
    yield {
        **common,
        "what": "promises",
        "rung": len(moments),
        "early": sum(1 for at in moments if at < due_at),
        "twice": rung.values("case").annotate(n=Count("pk")).filter(n__gt=1).count(),
        "cases_not_completed": Case.objects.filter(state=CaseState.RUNNING).count(),
        "taken_more_than_once": Job.objects.filter(attempts__gt=1).count(),
    }
    yield {**common, "what": "inbox before", **percentiles(quiet)}
    yield {**common, "what": "inbox meanwhile", "pages": len(busy), **percentiles(busy)}
