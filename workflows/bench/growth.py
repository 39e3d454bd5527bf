"""What a step costs when there is more of something: history, other cases, branches, data."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from workflows import engine
from workflows.models import Candidate, Case, Event, WorkItem
from workflows.store.sql import table

from .bench_flows import decide, publish, wide
from .five_statements import BareTables

Figure = dict[str, Any]
HISTORIES = (10, 100, 1_000)
CASES = (1_000, 100_000)
BRANCHES = (1, 10, 100)
KILOBYTES = (0, 64)
STEPS = 20


def figures(people: Mapping[str, User], *, rounds: int) -> Iterator[Figure]:
    yield from _history(people, rounds)
    yield from _data(people, rounds)
    yield from _width(people, rounds)
    yield from _cases(people, rounds)


def _history(people: Mapping[str, User], rounds: int) -> Iterator[Figure]:
    cases = {length: _start(people) for length in HISTORIES}
    for length, case in cases.items():
        _decide(case, people, length - 2)
    analyze()
    ms = _in_turn(cases, people, rounds)
    for length in HISTORIES:
        yield {"what": "history", "events": length, "ms_per_step": round(ms[length], 3)}
    yield _exponent("history", ms, wanted=0.05)


def _data(people: Mapping[str, User], rounds: int) -> Iterator[Figure]:
    cases = {size: _start(people, note="x" * (1_000 * size)) for size in KILOBYTES}
    ms = _in_turn(cases, people, rounds)
    for size in KILOBYTES:
        yield {"what": "data", "kilobytes": size, "ms_per_step": round(ms[size], 3)}
    yield {"what": "growth", "of": "data", "ratio": round(ms[KILOBYTES[-1]] / ms[0], 3)}


def _width(people: Mapping[str, User], rounds: int) -> Iterator[Figure]:
    for branches in BRANCHES:
        publish(wide(branches))
        _run_wide(branches, people)
    taken: dict[int, list[float]] = {branches: [] for branches in BRANCHES}
    for _ in range(rounds):
        for branches in BRANCHES:
            # As many steps of each.
            runs = BRANCHES[-1] // branches // 5 or 1
            each = [_run_wide(branches, people) for _ in range(runs)]
            taken[branches].append(statistics.mean(each))
    ms = {branches: 1_000 * statistics.median(seconds) for branches, seconds in taken.items()}
    for branches in BRANCHES:
        yield {"what": "width", "branches": branches, "ms_in_total": round(ms[branches], 2)}
    yield _exponent("width", ms, wanted=1.05)


def _cases(people: Mapping[str, User], rounds: int) -> Iterator[Figure]:
    """They cannot be measured in turn, so the yardstick is measured beside each."""
    mould, plain = _start(people), BareTables("bench_cases")
    relative: dict[int, float] = {}
    for count in CASES:
        _copy(mould, up_to=count)
        analyze()
        case = _start(people)
        _decide(case, people, 10)
        ms, ratios = [], []
        for _ in range(rounds):
            ms.append(1_000 * _decide(case, people, STEPS) / STEPS)
            began = time.perf_counter()
            plain.run(STEPS)
            ratios.append(ms[-1] * STEPS / (1_000 * (time.perf_counter() - began)))
        relative[count] = statistics.median(ratios)
        told = {"ms_per_step": round(statistics.median(ms), 3)}
        yield {"what": "cases", "cases": count} | told | {"to_plain": round(relative[count], 3)}
    plain.close()
    yield _exponent("cases", relative, wanted=0.05)


def _start(people: Mapping[str, User], **data: str) -> Case:
    return engine.start("bench_again", by=people["requester"], data={"amount": 100, **data})


def _in_turn(
    cases: Mapping[int, Case], people: Mapping[str, User], rounds: int
) -> dict[int, float]:
    """Return for each case the median of its milliseconds a step."""
    taken: dict[int, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            taken[name].append(1_000 * _decide(case, people, STEPS) / STEPS)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _decide(case: Case, people: Mapping[str, User], times: int) -> float:
    return decide(case, people["reviewer"], times)


def _run_wide(branches: int, people: Mapping[str, User]) -> float:
    """Run a case with so many branches to its end; return the seconds of its steps."""
    began = time.perf_counter()
    case = engine.start(f"bench_wide_{branches}", by=people["requester"], data={})
    seconds = time.perf_counter() - began
    items = list(WorkItem.objects.open().filter(case=case).values_list("pk", flat=True))
    for item in items:
        began = time.perf_counter()
        case = engine.complete(item, by=people["reviewer"], outcome="done")
        seconds += time.perf_counter() - began
    if not case.is_closed or len(items) != branches:
        raise RuntimeError("The case has not ended.")
    return seconds


def _copy(mould: Case, *, up_to: int) -> None:
    """Copy a started case until there are so many, each with its item, candidates and history.

    All of them tell the mould's hashes: nobody reads these histories.
    """
    first = Case.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    case, item = table(Case), table(WorkItem)
    while (missing := up_to - Case.objects.count()) > 0:
        columns = ", ".join(case.columns)
        _send(
            f"INSERT INTO {case.name} ({columns}) SELECT {columns} FROM {case.name} "  # noqa: S608
            f"WHERE {case.key} = {mould.pk} OR {case.key} >= {first} LIMIT {missing}"
        )
    own = f"{case.name} c ON c.{case.key} >= {first}"
    for rows in (item, table(Event)):
        columns = ", ".join(["case_id", *_but(rows.columns, "case_id", "work_item_id")])
        told = ", ".join(f"r.{name}" for name in _but(rows.columns, "case_id", "work_item_id"))
        _send(
            f"INSERT INTO {rows.name} ({columns}) SELECT c.{case.key}, {told} "  # noqa: S608
            f"FROM {rows.name} r JOIN {own} WHERE r.case_id = {mould.pk}"
        )
    rows = table(Candidate)
    names = _but(rows.columns, "work_item_id")
    _send(
        f"INSERT INTO {rows.name} (work_item_id, {', '.join(names)}) "  # noqa: S608
        f"SELECT i.{item.key}, {', '.join(f'r.{name}' for name in names)} "
        f"FROM {item.name} i JOIN {rows.name} r ON i.case_id >= {first} "
        f"AND r.work_item_id = (SELECT MIN({item.key}) FROM {item.name} "
        f"WHERE case_id = {mould.pk})"
    )


def _but(columns: Sequence[str], *left_out: str) -> list[str]:
    return [name for name in columns if name.strip('"`') not in left_out]


def _send(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def analyze() -> None:
    """Have PostgreSQL look at the tables, as it does by itself within a minute of much writing."""
    if connection.vendor == "postgresql":
        _send("ANALYZE")


def _exponent(what: str, costs: Mapping[int, float], *, wanted: float) -> Figure:
    """Return the slope of the least-squares line through the logarithms."""
    logs = [(math.log(size), math.log(cost)) for size, cost in costs.items()]
    slope, _ = statistics.linear_regression([x for x, _ in logs], [y for _, y in logs])
    return {"what": "growth", "of": what, "exponent": round(slope, 3), "must_hold_exponent": wanted}
