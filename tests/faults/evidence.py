"""What a run has left behind: rows of the database as plain facts, by SQL and not by the engine."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Arcs:
    """A net as the database holds it; transition -> place -> weight."""

    start: str
    end: str
    inputs: Mapping[str, Counts]
    outputs: Mapping[str, Counts]
    reads: Mapping[str, Counts] = field(default_factory=dict)
    inhibitors: Mapping[str, Counts] = field(default_factory=dict)
    resets: Mapping[str, Counts] = field(default_factory=dict)
    automatic: frozenset[str] = frozenset()
    guarded: frozenset[str] = frozenset()

    @property
    def transitions(self) -> list[str]:
        return sorted({*self.inputs, *self.outputs})

    @property
    def places(self) -> list[str]:
        kinds = (self.inputs, self.outputs, self.reads, self.inhibitors, self.resets)
        return sorted({place for kind in kinds for arcs in kind.values() for place in arcs})


@dataclass
class EventRow:
    case: int
    sequence: int
    kind: str
    at: datetime
    actor: int | None
    item: int | None
    transition: str
    payload: dict[str, Any]
    key: str | None
    previous_hash: str
    hash: str


@dataclass
class CaseRow:
    pk: int
    version: int
    business_key: str
    state: str
    marking: dict[str, int]
    history_length: int
    history_hash: str
    started_at: datetime


@dataclass
class ItemRow:
    pk: int
    case: int
    task: str
    kind: str
    state: str
    outcome: str


@dataclass
class JobRow:
    pk: int
    case: int | None
    item: int | None
    kind: str
    key: str
    state: str
    attempts: int
    lease: int
    due_at: datetime
    leased_until: datetime | None
    last_error: str = ""


@dataclass
class Evidence:
    now: datetime
    nets: dict[int, Arcs]
    cases: dict[int, CaseRow]
    events: dict[int, list[EventRow]]
    items: list[ItemRow]
    jobs: list[JobRow]

    def lines(self) -> list[EventRow]:
        return [event for events in self.events.values() for event in events]


def collect(connection: Any, *, after: int = 0, now: str = "CLOCK_TIMESTAMP()") -> Evidence:
    """Read the cases with a higher key than `after`; `connection` is any DB-API connection."""

    def rows(text: str) -> Sequence[Sequence[Any]]:
        cursor = connection.cursor()
        cursor.execute(text)
        return list(cursor.fetchall())

    cases = [
        CaseRow(*row[:4], _json(row[4]), *row[5:])
        for row in rows(
            "SELECT id, version_id, business_key, state, marking, history_length, history_hash, "
            f"started_at FROM workflows_case WHERE id > {after} ORDER BY id"
        )
    ]
    events: dict[int, list[EventRow]] = defaultdict(list)
    for row in rows(
        "SELECT case_id, sequence, kind, at, actor_id, work_item_id, transition, payload, "
        "idempotency_key, previous_hash, hash FROM workflows_event "
        f"WHERE case_id > {after} ORDER BY case_id, sequence"
    ):
        events[row[0]].append(EventRow(*row[:7], _json(row[7]), *row[8:]))
    items = rows(
        "SELECT i.id, i.case_id, t.key, t.kind, i.state, i.outcome FROM workflows_workitem i "
        f"JOIN workflows_task t ON t.id = i.task_id WHERE i.case_id > {after} ORDER BY i.id"
    )
    jobs = rows(
        "SELECT id, case_id, work_item_id, kind, key, state, attempts, lease, due_at, "
        f"leased_until, last_error FROM workflows_job WHERE case_id > {after} ORDER BY id"
    )
    ((moment,),) = rows(f"SELECT {now}")
    return Evidence(
        now=moment,
        nets=_nets(rows),
        cases={case.pk: case for case in cases},
        events=dict(events),
        items=[ItemRow(*row) for row in items],
        jobs=[JobRow(*row) for row in jobs],
    )


def _nets(rows: Any) -> dict[int, Arcs]:
    kinds: dict[int, dict[str, dict[str, dict[str, int]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    for version, transition, place, kind, weight in rows(
        "SELECT a.version_id, t.key, p.key, a.kind, a.weight FROM workflows_arc a "
        "JOIN workflows_transition t ON t.id = a.transition_id "
        "JOIN workflows_place p ON p.id = a.place_id"
    ):
        kinds[version][kind][transition][place] = weight
    automatic: dict[int, set[str]] = defaultdict(set)
    guarded: dict[int, set[str]] = defaultdict(set)
    for version, key, task, guard in rows(
        "SELECT version_id, key, task_id, guard FROM workflows_transition"
    ):
        if task is None:
            automatic[version].add(key)
        if guard:
            guarded[version].add(key)
    nets = {}
    for version, arcs in kinds.items():
        taken = {place for each in arcs["input"].values() for place in each}
        put = {place for each in arcs["output"].values() for place in each}
        nets[version] = Arcs(
            start=next(iter(taken - put), ""),
            end=next(iter(put - taken), ""),
            inputs=arcs["input"],
            outputs=arcs["output"],
            reads=arcs["read"],
            inhibitors=arcs["inhibitor"],
            resets=arcs["reset"],
            automatic=frozenset(automatic[version]),
            guarded=frozenset(guarded[version]),
        )
    return nets


def _json(value: Any) -> Any:
    return json.loads(value, parse_float=Decimal) if isinstance(value, str | bytes) else value
