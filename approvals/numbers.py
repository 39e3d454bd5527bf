"""Numbers of requests: `LV-2026-0001`."""

from __future__ import annotations

from django.db import transaction

from approvals.models import NumberSeries


@transaction.atomic
def take_number(prefix: str, year: int) -> str:
    """Return the next number of a series. No number is given twice; one may be missing.

    The row of the series stays locked until the surrounding transaction ends.
    """
    series, _ = NumberSeries.objects.select_for_update().get_or_create(prefix=prefix, year=year)
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return f"{prefix}-{year}-{series.last_number:04d}"
