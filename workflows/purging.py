"""What may be forgotten after a while. Cases and their history are not among it.

An app says in a module `purging` what of its own goes, and which setting holds how long it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.module_loading import autodiscover_modules

from workflows.clock import database_now
from workflows.models import IdempotencyRecord, Job, JobState

BATCH_SIZE = 500

OldRows = Callable[[datetime], "models.QuerySet[models.Model]"]


@dataclass(frozen=True, slots=True)
class Purge:
    """`old_rows` returns what is older than a moment; `setting` names the days that it stays."""

    title: str
    setting: str
    old_rows: OldRows

    def rows(self) -> models.QuerySet[models.Model]:
        """Return what has stayed long enough, by the database's clock."""
        days: int = getattr(settings, self.setting)
        return self.old_rows(database_now() - timedelta(days=days))

    def run(self) -> int:
        """Delete it, in batches that hold no lock for long; return how many rows."""
        rows, deleted = self.rows(), 0
        while keys := list(rows.values_list("pk", flat=True)[:BATCH_SIZE]):
            rows.model._default_manager.filter(pk__in=keys).delete()
            deleted += len(keys)
        return deleted


_purges: dict[str, Purge] = {}


def purges(title: str, *, setting: str) -> Callable[[OldRows], OldRows]:
    """Register a function that returns the rows older than a moment."""

    def register(old_rows: OldRows) -> OldRows:
        _purges[title] = Purge(title, setting, old_rows)
        return old_rows

    return register


def registered_purges() -> list[Purge]:
    """Return what every app has registered, by title."""
    autodiscover_modules("purging")
    return [_purges[title] for title in sorted(_purges)]


@purges("answers to requests with an Idempotency-Key", setting="GOFLOW_KEEP_IDEMPOTENCY_DAYS")
def _idempotency_records(before: datetime) -> models.QuerySet[models.Model]:
    return IdempotencyRecord.objects.filter(created_at__lt=before)


@purges("jobs that are done or were cancelled", setting="GOFLOW_KEEP_JOBS_DAYS")
def _ended_jobs(before: datetime) -> models.QuerySet[models.Model]:
    ended = Job.objects.filter(state__in=(JobState.DONE, JobState.CANCELLED))
    return ended.filter(created_at__lt=before, due_at__lt=before)
