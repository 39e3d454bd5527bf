"""Numbers of requests: `LV-2026-0001`."""

from __future__ import annotations

from django.db import connection, transaction

from approvals.models import NumberSeries


@transaction.atomic
def take_number(prefix: str, year: int) -> str:
    """Return the next number of a series. No number is given twice; one may be missing.

    The row of the series stays locked until the surrounding transaction ends.
    """
    locked = NumberSeries.objects.select_for_update().filter(prefix=prefix, year=year)
    series = locked.first()
    if series is None:
        _begin_series(prefix, year)
        series = locked.get()
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return f"{prefix}-{year}-{series.last_number:04d}"


def _begin_series(prefix: str, year: int) -> None:
    """Insert the row of a series unless somebody else just has, and lock it.

    A plain insert that meets the other's row leaves MariaDB with a shared lock; several who then
    want to change it wait for one another: a deadlock. An upsert takes the row for itself.
    """
    takes_target = connection.features.supports_update_conflicts_with_target
    NumberSeries.objects.bulk_create(
        [NumberSeries(prefix=prefix, year=year)],
        update_conflicts=True,
        update_fields=["prefix"],
        unique_fields=["prefix", "year"] if takes_target else None,
    )
