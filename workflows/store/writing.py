"""Case -> rows: one batch writes a step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.sql import UpdateQuery

from workflows import faultpoints
from workflows.history import NewEvent, SealedEvent, seal
from workflows.models import Candidate, Case, Event, Job, JobState, WorkItem

from .kept import Claim, KeptQuery, proof_of, prove_claims, take_claims
from .sql import cursor, table

CASE_CHANGES = (
    "state",
    "marking",
    "data",
    "failure",
    "step_count",
    "history_length",
    "history_hash",
    "changed_at",
    "ended_at",
)
ITEM_CHANGES = ("state", "claimed_by", "completed_by", "outcome", "closed_at")
MOST_ROWS_AT_ONCE = 1_000
"""Databases bound the number of a statement's parameters; the least of them is 32,766."""

_POINTS: dict[object, str] = {Event: "K4", Job: "K5"}

T = TypeVar("T")


def insert_case(case: Case) -> None:
    """Insert a new case, so that it has a key; what it waits for follows by `write_step`."""
    rows = table(Case)
    with cursor() as sent:
        sent.execute(f"{rows.insert(1)} RETURNING {rows.key}", rows.values(case))
        (case.pk,) = sent.fetchone()
    case._state.adding = False
    case._state.db = connection.alias


def write_step(
    case: Case,
    *,
    lines: Sequence[NewEvent],
    closed: Sequence[WorkItem] = (),
    opened: Sequence[tuple[WorkItem, Sequence[Candidate]]] = (),
    jobs: Sequence[Job] = (),
    stopped: Sequence[WorkItem] = (),
    at: datetime,
    is_last: bool = False,
) -> None:
    """Write a step of a locked case: the case once, items, candidates, jobs and events in bulk.

    `closed` are open items that the step has ended or changed; `opened` new ones with their
    candidates; `jobs` belong to new items or to none; unfinished jobs of `stopped` items are
    cancelled. The new items have keys afterwards. On PostgreSQL all is one statement; where it
    `is_last` in its transaction, this is committed with it.
    """
    case.step_count += 1
    case.changed_at = at
    sealed = seal(case, lines, at=at)
    now, stored = case.__dict__, case.stored
    fields = tuple(f for f in CASE_CHANGES if f not in stored or now[f] is not stored[f])
    claims = take_claims()
    changes = _Changes(case, fields, closed, opened, jobs, stopped, sealed, claims, is_last)
    if connection.vendor == "postgresql" and changes.size <= MOST_ROWS_AT_ONCE:
        write_at_once(changes)
    else:
        write_in_turn(changes)
    case.stored = {name: now[name] for name in CASE_CHANGES}


@dataclass(frozen=True, slots=True)
class _Changes:
    case: Case
    fields: tuple[str, ...]
    closed: Sequence[WorkItem]
    opened: Sequence[tuple[WorkItem, Sequence[Candidate]]]
    jobs: Sequence[Job]
    stopped: Sequence[WorkItem]
    events: Sequence[SealedEvent]
    claims: tuple[Claim, ...]
    is_last: bool

    @property
    def size(self) -> int:
        return sum(map(len, (self.closed, self.jobs, self.events, self.owners_of_candidates)))

    @property
    def new_items(self) -> list[WorkItem]:
        return [item for item, _ in self.opened]

    @property
    def candidates(self) -> list[Candidate]:
        return [candidate for _, candidates in self.opened for candidate in candidates]

    @property
    def owners_of_candidates(self) -> tuple[int, ...]:
        """For each candidate, which of the new items is theirs."""
        return tuple(n for n, (_, candidates) in enumerate(self.opened) for _ in candidates)

    @property
    def owners_of_jobs(self) -> tuple[int | None, ...]:
        """For each job, to which of the new items it belongs; None: to the case alone."""
        places = {id(item): n for n, (item, _) in enumerate(self.opened)}
        return tuple(places[id(job.work_item)] if job.work_item else None for job in self.jobs)

    def number_items(self, keys: Sequence[int]) -> None:
        """Give the new items their keys, which are given in their order."""
        for (item, candidates), key in zip(self.opened, keys, strict=True):
            item.__dict__["id"] = key
            item._state.adding = False
            item._state.db = DEFAULT_DB_ALIAS
            for candidate in candidates:
                candidate.__dict__["work_item_id"] = key
        for job in self.jobs:
            job.work_item_id = job.work_item.pk if job.work_item else None


def write_in_turn(changes: _Changes) -> None:
    """Write each kind of row with a statement of its own."""
    prove_claims(changes.claims)
    cases, items = table(Case), table(WorkItem)
    with cursor() as sent:
        changed = cases.changes_of(changes.case, changes.fields)
        sent.execute(cases.update(changes.fields), changed)
        faultpoints.reach("K3")
        keys: list[int] = []
        for batch in _batches([*changes.closed, *changes.new_items]):
            closed = [item for item in batch if item.pk is not None]
            new = batch[len(closed) :]
            text = items.upsert(len(closed), len(new), updates=ITEM_CHANGES)
            sent.execute(text, _item_parameters(closed, new, at=changes.case.changed_at))
            keys += [key for (key,) in sent.fetchall()]
        # Those of new rows are the highest.
        changes.number_items(sorted(keys)[len(changes.closed) :])
        for model, rows in (
            (Event, changes.events),
            (Candidate, changes.candidates),
            (Job, changes.jobs),
        ):
            for some in _batches(rows):
                into = table(model)
                sent.execute(into.insert(len(some)), _flat(map(into.values, some)))
            if rows and model in _POINTS:
                faultpoints.reach(_POINTS[model])
        if changes.stopped:
            sent.execute(_stop(len(changes.stopped))[0], _stop_parameters(changes.stopped))


def write_at_once(changes: _Changes) -> None:
    """Write all rows with one statement, where the database lets statements be parts of others."""
    text = _text_at_once(
        changes.fields,
        len(changes.closed),
        len(changes.opened),
        changes.owners_of_candidates,
        len(changes.events),
        changes.owners_of_jobs,
        len(changes.stopped),
        tuple(claim.query for claim in changes.claims),
    )
    without_owner = ((Candidate, changes.candidates), (Job, changes.jobs))
    items = table(WorkItem)
    parameters = [
        *table(Case).changes_of(changes.case, changes.fields),
        *_flat(items.changes_of(item, ITEM_CHANGES) for item in changes.closed),
        *_flat(map(items.values, changes.new_items)),
        *_flat(map(table(Event).values, changes.events)),
        *_flat(
            table(model).values(row, without="work_item_id")
            for model, rows in without_owner
            for row in rows
        ),
        *_stop_parameters(changes.stopped),
        *_flat(claim.told for claim in changes.claims),
    ]
    with cursor(commits=changes.is_last) as sent:
        sent.execute(text, parameters)
        for point in ("K3", "K4", "K5"):
            faultpoints.reach(point)
        changes.number_items(sent.fetchone()[0] or [])


@lru_cache(maxsize=512)
def _text_at_once(
    fields: tuple[str, ...],
    closed: int,
    opened: int,
    owners_of_candidates: tuple[int, ...],
    events: int,
    owners_of_jobs: tuple[int | None, ...],
    stopped: int,
    claimed: tuple[KeptQuery, ...],
) -> str:
    """Return the statement for so many rows. Its last part tells the keys of the new items, and
    fails where an answer that the step relies on has changed."""
    items = table(WorkItem)
    parts = {"changed": table(Case).update(fields)}
    if closed:
        parts["closed"] = items.update_each(closed, ITEM_CHANGES)
    if opened:
        parts["items"] = f"{items.insert(opened)} RETURNING {items.key}"
        parts["written"] = "SELECT array_agg(id ORDER BY id) AS keys FROM items"
    parts["events"] = table(Event).insert(events)
    for name, model, owners in (
        ("candidates", Candidate, owners_of_candidates),
        ("jobs", Job, owners_of_jobs),
    ):
        if owners:
            keys = ["NULL" if n is None else _key_of_new(n) for n in owners]
            parts[name] = table(model).insert_for("work_item_id", keys)
    if stopped:
        parts["stopped"], _ = _stop(stopped)
    told = ", ".join(f"{name} AS ({text})" for name, text in parts.items())
    shown = "keys" if "items" in parts else "NULL"
    proof = f", {proof_of(claimed)}" if claimed else ""
    source = " FROM written" if "items" in parts else ""
    return f"WITH {told} SELECT {shown}{proof}{source}"  # noqa: S608


def _key_of_new(place: int) -> str:
    return f"(SELECT keys[{place + 1}] FROM written)"  # noqa: S608


@lru_cache(maxsize=64)
def _stop(count: int) -> tuple[str, list[Any]]:
    """Return the statement that cancels the unfinished jobs of so many items, with its parameters;
    whole numbers among them say which item's key stands there."""
    unfinished = Job.objects.unfinished().filter(work_item__in=range(count))
    query: Any = unfinished.query.chain(UpdateQuery)
    query.add_update_values({"state": JobState.CANCELLED})
    text, parameters = query.get_compiler(connection.alias).as_sql()
    return text, list(parameters)


def _stop_parameters(items: Sequence[WorkItem]) -> list[Any]:
    return [items[p].pk if isinstance(p, int) else p for p in _stop(len(items))[1]] if items else []


def _item_parameters(
    closed: Sequence[WorkItem], new: Sequence[WorkItem], *, at: datetime
) -> list[Any]:
    """Return the parameters of `Table.upsert`. What is not updated stays as it is: a moment will do
    for those that were not read."""
    rows = table(WorkItem)
    there = _flat([item.pk, *rows.values(item, unread=at)] for item in closed)
    return there + _flat(map(rows.values, new))


def _flat(rows: Iterable[Sequence[Any]]) -> list[Any]:
    return [value for row in rows for value in row]


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), MOST_ROWS_AT_ONCE):
        yield rows[start : start + MOST_ROWS_AT_ONCE]
