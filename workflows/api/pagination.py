"""Pages by cursor: each begins behind the last row of the page before, whatever came since.

A page costs one statement. The cursor holds the last row's place in the order; it gives nobody a
row that the queryset does not.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from workflows.api.errors import BadRequest
from workflows.api.fields import Strict

DEFAULT_LIMIT = 50
MOST_ROWS = 200

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "no date" where rows are ordered by one, so that those without come last."""

_Row = TypeVar("_Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one column, then by primary key; `read` turns the cursor's text into a value."""

    column: str = "pk"
    is_descending: bool = False
    read: Callable[[Any], Any] = int
    annotations: Mapping[str, Any] = field(default_factory=dict)


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
BY_DUE = Order(
    column="due_or_never",
    read=timestamp,
    annotations={"due_or_never": Coalesce(F("due_at"), Value(NEVER))},
)


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
    rows = rows.annotate(**order.annotations) if order.annotations else rows
    if "cursor" in parameters:
        rows = rows.filter(_behind(order, _decode(parameters["cursor"], order)))
    sign = "-" if order.is_descending else ""
    found = list(rows.order_by(f"{sign}{order.column}", f"{sign}pk")[: limit + 1])
    page = found[:limit]
    more = len(found) > limit
    following = _address(request, _encode(page[-1], order)) if more else None
    return Response({"next": following, "results": show(page)})


def _behind(order: Order, position: tuple[Any, int]) -> Q:
    value, pk = position
    beyond = "lt" if order.is_descending else "gt"
    if order.column == "pk":
        return Q(**{f"pk__{beyond}": pk})
    same = Q(**{order.column: value, f"pk__{beyond}": pk})
    return Q(**{f"{order.column}__{beyond}": value}) | same


def _encode(row: Model, order: Order) -> str:
    value = getattr(row, order.column)
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([text, row.pk]).encode()).decode()


def _decode(cursor: str, order: Order) -> tuple[Any, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        position = order.read(value), int(pk)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise BadRequest("The cursor is none of this list's. Start again without one.") from error
    if not 0 <= position[1] < 2**63 or (order.column == "pk" and position[0] != position[1]):
        raise BadRequest("The cursor is none of this list's. Start again without one.")
    return position


def _address(request: Request, cursor: str) -> str:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)
