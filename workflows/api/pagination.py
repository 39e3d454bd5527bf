"""Pages by cursor: each begins behind the last row of the page before, whatever came since.

A page costs one statement. The cursor holds the last row's place in the order; it gives nobody a
row that the queryset does not.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from workflows.api.errors import BadRequest
from workflows.api.fields import Strict

DEFAULT_LIMIT = 50
MOST_ROWS = 200

_Row = TypeVar("_Row", bound=Model)


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


class PageQuery(Strict):
    """The parameters of every list."""

    cursor = serializers.CharField(required=False, help_text="From `next` of the page before.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_ROWS, help_text=f"Rows a page; {DEFAULT_LIMIT}."
    )


def page_schema(
    name: str, row: type[serializers.BaseSerializer[Any]]
) -> serializers.Serializer[Any]:
    """Return what a page of `row` looks like, for the OpenAPI schema."""
    page: serializers.Serializer[Any] = inline_serializer(
        name,
        {
            "next": serializers.URLField(
                allow_null=True, help_text="The address of the next page; null on the last."
            ),
            "results": row(many=True),
        },
    )
    return page


def paginate(
    request: Request,
    rows: QuerySet[_Row],
    *,
    parameters: Mapping[str, Any],
    show: Callable[[list[_Row]], Any],
    order: Order = OLDEST_FIRST,
) -> Response:
    """Answer one page of `rows`; `show` turns its rows into what the answer lists.

    Raises:
        BadRequest: the cursor is not one that this list has given.
    """
    limit = parameters.get("limit", DEFAULT_LIMIT)
    if "cursor" in parameters:
        rows = rows.filter(_behind(order, _decode(parameters["cursor"], order)))
    found = list(rows.order_by(*order.terms())[: limit + 1])
    page = found[:limit]
    more = len(found) > limit
    following = _address(request, _encode(page[-1], order)) if more else None
    return Response({"next": following, "results": show(page)})


def _behind(order: Order, position: tuple[Any, int]) -> Q:
    value, pk = position
    beyond = "lt" if order.is_descending else "gt"
    if order.column == "pk":
        return Q(**{f"pk__{beyond}": pk})
    if value is None:
        return Q(**{f"{order.column}__isnull": True, f"pk__{beyond}": pk})
    same = Q(**{order.column: value, f"pk__{beyond}": pk})
    behind = Q(**{f"{order.column}__{beyond}": value}) | same
    return behind | Q(**{f"{order.column}__isnull": True}) if order.is_nullable else behind


def _encode(row: Model, order: Order) -> str:
    value = getattr(row, order.column)
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([text, row.pk]).encode()).decode()


def _decode(cursor: str, order: Order) -> tuple[Any, int]:
    """Return the value and the key of the row behind which the page begins."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        is_empty = value is None and order.is_nullable
        position = None if is_empty else order.read(value), int(pk)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise BadRequest("The cursor is none of this list's. Start again without one.") from error
    if not 0 <= position[1] < 2**63 or (order.column == "pk" and position[0] != position[1]):
        raise BadRequest("The cursor is none of this list's. Start again without one.")
    return position


def _address(request: Request, cursor: str) -> str:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)
