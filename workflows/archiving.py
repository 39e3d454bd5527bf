"""The archive: the history of cases that ended long ago, out of the way of those that run.

Events are most of what a case leaves behind: several lines each, with what people entered. Those of
an old case move to a table of the same shape, all of them in one transaction, as they were written:
the chain of hashes goes on, and a replay gives the same marking. The case, its work items and who
was asked stay: they say who may see it, and cost a work list nothing once they are closed.

The database itself refuses to remove an event that the archive does not have; see
`workflows.guards`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from workflows.clock import database_now
from workflows.models import ArchivedEvent, Case, CaseState, Event, Job
from workflows.querysets import CaseQuerySet

BATCH_SIZE = 100
ENDED = (CaseState.COMPLETED, CaseState.CANCELLED)


def archivable(before: datetime) -> CaseQuerySet:
    """Return the cases that ended before a moment and whose history may move.

    Not a case that runs, stands still or has failed; nor one with a job that somebody still waits
    for, be it a mail.
    """
    unfinished = Job.objects.unfinished().filter(case=OuterRef("pk"))
    ended = Case.objects.filter(archived_at=None, ended_at__lt=before, state__in=ENDED)
    return ended.filter(~Exists(unfinished)).order_by("ended_at", "pk")


def archive(before: datetime) -> Iterator[int]:
    """Move the history of these cases, and yield how many each batch had.

    A batch is one transaction: whenever it is broken off, each case is archived or is not, and
    beginning again goes on where it ended. Cases that somebody has locked are left for the next
    time, none that runs is locked.
    """
    while moved := _archive_batch(before):
        yield moved


@transaction.atomic
def _archive_batch(before: datetime) -> int:
    # Locked by their keys alone: a search that locks what it passes by could lock what runs.
    found = list(archivable(before).values_list("pk", flat=True)[:BATCH_SIZE])
    skips = connection.features.has_select_for_update_skip_locked
    still = Case.objects.filter(pk__in=found, archived_at=None, state__in=ENDED).order_by("pk")
    keys = list(still.select_for_update(skip_locked=skips).values_list("pk", flat=True))
    if keys:
        _copy_events(keys)
        Event.objects.filter(case__in=keys).delete()
        Case.objects.filter(pk__in=keys).update(archived_at=database_now())
    return len(keys)


def _copy_events(keys: Sequence[int]) -> None:
    """Copy within the database: what is read and written again may come back otherwise."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in Event._meta.concrete_fields)
    places = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(ArchivedEvent._meta.db_table)} ({columns}) "  # noqa: S608  names
            f"SELECT {columns} FROM {quote(Event._meta.db_table)} "
            f"WHERE {quote('case_id')} IN ({places})",
            list(keys),
        )
