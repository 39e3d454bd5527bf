"""Human steps a second, beside plain SQL and beside other engines on the same database."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import override_settings

from workflows import engine
from workflows.listeners import case_listeners
from workflows.models import Case

from . import beside, growth
from .bench_flows import AGAIN, WHOLE, decide, make_people, publish, timed
from .five_statements import BareTables, SameRows

Figure = dict[str, Any]
WANTED_OF_PLAIN = 0.75


def steps(*, rounds: int, steps: int) -> Iterator[Figure]:
    """Human steps a second beside five plain statements and other engines, and how a step grows.

    A step is one decision with authorisation, history and the next work item; rounds are
    interleaved, and the medians count. The other engines run on PostgreSQL, where they are
    installed (requirements-bench.txt), in one process and in four.
    """
    people = make_people()
    publish(AGAIN)
    publish(WHOLE)
    common = {"bench": "steps", "database": connection.vendor, "rounds": rounds}
    with nobody_listens():
        case = engine.start("bench_again", by=people["requester"], data={"amount": 100})
        told = _beside_statements(case, people["reviewer"], rounds=rounds, steps=steps)
        yield from (common | figure for figure in told)
        if connection.vendor == "postgresql":
            yield from (common | f for f in beside.engines(rounds=rounds, steps=steps))
        yield from (common | figure for figure in growth.figures(people, rounds=rounds))


@contextmanager
def nobody_listens() -> Iterator[None]:
    """Measure the engine alone: what the portal tells people of a step is measured beside it."""
    with override_settings(GOFLOW_CASE_LISTENERS=[]):
        case_listeners.cache_clear()
        yield
    case_listeners.cache_clear()


@contextmanager
def _portal_listens() -> Iterator[None]:
    names = ("RequestListener", "NoticeListener")
    told = [f"approvals.listeners.{name}" for name in names]
    with override_settings(GOFLOW_CASE_LISTENERS=told):
        case_listeners.cache_clear()
        yield
    case_listeners.cache_clear()


def _beside_statements(case: Case, reviewer: User, *, rounds: int, steps: int) -> Iterator[Figure]:
    same, bare = SameRows(), BareTables()
    with _portal_listens():
        decide(case, reviewer, 5)
    seconds: dict[str, list[float]] = {}
    decide(case, reviewer, steps // 10 + 5)
    for _ in range(rounds):
        seconds.setdefault("goflow", []).append(decide(case, reviewer, steps))
        for plain in (same, bare):
            seconds.setdefault(plain.name, []).append(timed(plain.run, steps))
        with _portal_listens():
            portal = seconds.setdefault("goflow, telling people", [])
            portal.append(decide(case, reviewer, steps))
    same.close()
    bare.close()
    rates = {name: steps / statistics.median(taken) for name, taken in seconds.items()}
    for name, rate in rates.items():
        yield {"what": name, "steps_per_second": round(rate, 1)}
    ratio = {name: round(rates["goflow"] / rates[name], 3) for name in (same.name, bare.name)}
    yield {"what": "ratio", "goflow_to_plain": ratio[same.name], "wanted": WANTED_OF_PLAIN}
    yield {"what": "ratio", "goflow_to_plain_on_bare_tables": ratio[bare.name]}
