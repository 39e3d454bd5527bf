"""Jobs are handed to workers: locked, leased and counted in one go.

Of two workers that ask at once, each gets others: what one has locked, the other skips. SQLite has
one writer, so who asks there has locked all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.sql import UpdateQuery

from workflows.clock import DatabaseNow
from workflows.models import Job, JobKind, JobState

from .sql import CompiledQuery, cursor, table

FIELDS = [field.attname for field in Job._meta.concrete_fields]
WORKER = "\ue000worker"
"""Stands in the compiled statement for the name of who takes."""


def take_jobs(
    *,
    worker: str,
    lease: timedelta,
    limit: int = 1,
    keys: Collection[str] | None = None,
    queues: Collection[str] = (),
    kind: JobKind | None = None,
    topic: str | None = None,
) -> list[Job]:
    """Lease up to `limit` due jobs to `worker`, those first that have been due longest.

    `keys` names jobs, else they are those of `queues` (none named: of all) and of one `kind`;
    `topic` those that only external workers fetch.
    """
    count = None if keys is None else len(keys)
    wanted = _Wanted(count, tuple(sorted(queues)), kind, topic, limit, lease)
    names = dict(zip(_stand_ins(count or 0), keys or (), strict=True))
    found = _take(wanted, {WORKER: worker, **names})
    return sorted(found, key=lambda job: (job.due_at, job.pk))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is taken; `count` is how many jobs are named by their keys, None if none is."""

    count: int | None
    queues: tuple[str, ...]
    kind: JobKind | None
    topic: str | None
    limit: int
    lease: timedelta

    def keys(self) -> QuerySet[Any, Any]:
        due = Job.objects.takeable()
        due = due.for_workers() if self.topic is None else due.of_topic(self.topic)
        if self.count is None:
            due = due.in_queues(self.queues)
        else:
            due = due.filter(key__in=_stand_ins(self.count))
        due = due if self.kind is None else due.filter(kind=self.kind)
        skips = connection.features.has_select_for_update_skip_locked
        locked = due.select_for_update(skip_locked=skips).order_by("due_at", "pk")
        return locked.values("pk")[: self.limit]


def _stand_ins(count: int) -> list[str]:
    return [f"\ue000{number}" for number in range(count)]


def _take(wanted: _Wanted, names: dict[str, str]) -> list[Job]:
    """Lock and lease, on PostgreSQL and SQLite with one statement."""
    with transaction.atomic(), cursor() as sent:
        if connection.vendor != "mysql":
            text, parameters = _text_at_once(connection.alias, wanted)
            sent.execute(text, [names.get(p, p) if isinstance(p, str) else p for p in parameters])
            return [_job(row) for row in sent.fetchall()]
        text, parameters = _select(wanted)
        sent.execute(text, [names.get(p, p) if isinstance(p, str) else p for p in parameters])
        keys = [key for (key,) in sent.fetchall()]
        if not keys:
            return []
        places = ", ".join(["%s"] * len(keys))
        text, parameters = _update(wanted.lease)
        given = [names.get(p, p) if isinstance(p, str) else p for p in parameters]
        rows = table(Job)
        sent.execute(f"{text} WHERE {rows.key} IN ({places})", [*given, *keys])
        return list(Job.objects.filter(pk__in=keys))


@lru_cache(maxsize=128)
def _text_at_once(alias: str, wanted: _Wanted) -> tuple[str, list[Any]]:
    selected, chosen = _select(wanted)
    updated, changes = _update(wanted.lease)
    rows = table(Job)
    columns = ", ".join([rows.key, *rows.columns])
    text = (
        # A list that is made once: a plan may otherwise ask for the rows again, and get others.
        f"WITH due AS MATERIALIZED ({selected}) {updated} "  # noqa: S608
        f"WHERE {rows.key} IN (SELECT pk FROM due) RETURNING {columns}"
    )
    return text, [*chosen, *changes]


def _select(wanted: _Wanted) -> tuple[str, list[Any]]:
    text, parameters = wanted.keys().query.get_compiler(connection.alias).as_sql()
    return text, list(parameters)


@lru_cache(maxsize=16)
def _update(lease: timedelta) -> tuple[str, list[Any]]:
    query: Any = Job.objects.all().query.chain(UpdateQuery)
    query.add_update_values(
        {
            "state": JobState.RUNNING,
            "attempts": F("attempts") + 1,
            "lease": F("lease") + 1,
            "leased_by": WORKER,
            "leased_until": DatabaseNow() + lease,
        }
    )
    text, parameters = query.get_compiler(connection.alias).as_sql()
    return text, list(parameters)


def _job(row: Sequence[Any]) -> Job:
    return Job.from_db(connection.alias, FIELDS, _one.converted(row))


@CompiledQuery
def _one(job_id: int) -> QuerySet[Job]:
    return Job.objects.filter(pk=job_id)
