"""Pages by their last row: each begins behind the last row of the page before, whatever came since.

The database finds that place by an index. Skipping rows by their number would read them all again
with every page, and show some twice where rows have gone meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Model, Q
from django.db.models.expressions import OrderBy

Position = tuple[Any, int]
"""A row's place in an order: the value of its column, and its primary key."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one column, then by primary key.

    `read` turns the cursor's text into a value of the column. Rows without a value, where the
    column `is_nullable`, come last; asking for that elsewhere would keep an index from being used.
    """

    column: str = "pk"
    is_descending: bool = False
    read: Callable[[Any], Any] = int
    is_nullable: bool = False

    def terms(self) -> list[OrderBy]:
        nulls_last = self.is_nullable or None
        first = OrderBy(F(self.column), descending=self.is_descending, nulls_last=nulls_last)
        return [first, OrderBy(F("pk"), descending=self.is_descending)]

    def behind(self, position: Position) -> Q:
        """Return what holds for the rows behind a place."""
        value, pk = position
        beyond = "lt" if self.is_descending else "gt"
        if self.column == "pk":
            return Q(**{f"pk__{beyond}": pk})
        if value is None:
            return Q(**{f"{self.column}__isnull": True, f"pk__{beyond}": pk})
        found = beyond_pair(self.column, "pk", position, is_descending=self.is_descending)
        return found | Q(**{f"{self.column}__isnull": True}) if self.is_nullable else found

    def position(self, row: Model) -> Position:
        return getattr(row, self.column), row.pk

    def cursor(self, row: Model) -> str:
        """Return the text that names a row's place; it gives nobody a row that they may not see."""
        value, pk = self.position(row)
        told = value.isoformat() if isinstance(value, datetime) else value
        return base64.urlsafe_b64encode(json.dumps([told, pk]).encode()).decode()

    def position_of(self, cursor: str) -> Position:
        """Return the place that a cursor names.

        Raises:
            ValueError: it is none that an order like this has given.
        """
        try:
            value, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
            is_empty = value is None and self.is_nullable
            position = None if is_empty else self.read(value), int(pk)
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
            raise ValueError("no cursor of this order") from error
        if not 0 <= position[1] < 2**63 or (self.column == "pk" and position[0] != position[1]):
            raise ValueError("no cursor of this order")
        return position


def beyond_pair(column: str, key: str, position: Position, *, is_descending: bool = False) -> Q:
    """Return what holds beyond a place in an order by two columns.

    The first condition says nothing new, but an index can begin with it.
    """
    value, pk = position
    beyond = "lt" if is_descending else "gt"
    farther = Q(**{f"{column}__{beyond}": value})
    return Q(**{f"{column}__{beyond}e": value}) & (farther | Q(**{f"{key}__{beyond}": pk}))


def timestamp(text: Any) -> datetime:
    """Return the time that a cursor holds.

    Raises:
        ValueError: it is no time with its zone.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no time zone")
    return at.astimezone(UTC)


OLDEST_FIRST = Order()
NEWEST_FIRST = Order(is_descending=True)
BY_DUE = Order("due_at", read=timestamp, is_nullable=True)
