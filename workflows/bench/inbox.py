"""The inbox of a company of 5,000 people, beside ever more work items that have ended."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from workflows.keyset import BY_DUE
from workflows.models import WorkItem
from workflows.worklist import WorkList

from .filling import DESK_EVERY, fill, make_company, shelf
from .processes import percentiles

SMALLEST = 10_000
PAGE = 26
PEOPLE_A_ROUND = 40


def inbox(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """The inbox with 10,000 to `steps` thousand work items, one in a hundred of them open.

    First page, next page, filtered page and count: the time within Goflow, and the part of it that
    the database took. On PostgreSQL the sizes are measured in turn, elsewhere one after the other.
    """
    make_company()
    sizes = sorted({SMALLEST, *(size for size in (steps * 100, steps * 1_000) if size > SMALLEST)})
    seconds: dict[tuple[int, str, str], list[tuple[float, float]]] = {}
    if connection.vendor == "postgresql":
        for size in sizes:
            fill(size)
        for _ in range(rounds):
            for size in sizes:
                _measure(size, seconds)
    else:
        already = 0
        for size in sizes:
            fill(size, already=already)
            already = size
            for _ in range(rounds):
                _measure(size, seconds)
    for (size, who, what), both in seconds.items():
        yield {
            "bench": "inbox",
            "database": connection.vendor,
            "work_items": size,
            "who": who,
            "what": what,
            "goflow": percentiles([whole for whole, _ in both]),
            "in_database": percentiles([database for _, database in both]),
        }


def _measure(size: int, seconds: dict[tuple[int, str, str], list[tuple[float, float]]]) -> None:
    """Ask for the lists of some people; the first of each kind only warms up."""
    anybody = list(User.objects.order_by("pk"))
    desk = anybody[::DESK_EVERY]
    with shelf(size):
        for who, people in (("anybody", anybody), ("desk", desk)):
            for number in range(PEOPLE_A_ROUND + 1):
                person = random.choice(people)  # noqa: S311  a sample
                for what, took in _asked(person):
                    if number:
                        seconds.setdefault((size, who, what), []).append(took)


def _asked(person: User) -> Iterator[tuple[str, tuple[float, float]]]:
    work = WorkList(person, is_awaited=True)
    first, took = _timed(lambda: work.page(BY_DUE, limit=PAGE))
    yield "first page", took
    if first:
        last = BY_DUE.position(first[len(first) // 2])
        yield "next page", _timed(lambda: work.page(BY_DUE, after=last, limit=PAGE))[1]
    rare = WorkItem.objects.filter(case__version__flow__key="bench_inbox2")
    late = work.of(rare, due_before=timezone.now())
    yield "filtered page", _timed(lambda: late.page(BY_DUE, limit=PAGE))[1]
    yield "count", _timed(work.count)[1]


def _timed(call: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """Return what the call answers, and how many seconds it and its statements took."""
    told: list[float] = []

    def watch(execute: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*given)
        finally:
            told.append(time.perf_counter() - began)

    with connection.execute_wrapper(watch):
        begun = time.perf_counter()
        found = call()
        return found, (time.perf_counter() - begun, sum(told))
