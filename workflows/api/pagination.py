"""Pages by cursor: each begins behind the last row of the page before, whatever came since.

A page costs one statement. The cursor holds the last row's place in the order; it gives nobody a
row that the queryset does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from workflows.api.errors import BadRequest
from workflows.api.fields import Strict
from workflows.keyset import BY_DUE, NEWEST_FIRST, OLDEST_FIRST, Order, Position, timestamp

__all__ = [
    "BY_DUE",
    "NEWEST_FIRST",
    "OLDEST_FIRST",
    "Order",
    "PageQuery",
    "Rows",
    "page_schema",
    "paginate",
    "timestamp",
]

DEFAULT_LIMIT = 50
MOST_ROWS = 200

_Row = TypeVar("_Row", bound=Model)
_Found = TypeVar("_Found", bound=Model, covariant=True)


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


class Rows(Protocol[_Found]):
    """A list that finds its own pages; see `workflows.worklist`."""

    def page(self, order: Order, *, after: Position | None, limit: int) -> Sequence[_Found]: ...


def paginate(
    request: Request,
    rows: QuerySet[_Row] | Rows[_Row],
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
    after = _position(parameters["cursor"], order) if "cursor" in parameters else None
    if isinstance(rows, QuerySet):
        rows = rows if after is None else rows.filter(order.behind(after))
        found = list(rows.order_by(*order.terms())[: limit + 1])
    else:
        found = list(rows.page(order, after=after, limit=limit + 1))
    page = found[:limit]
    following = _address(request, order.cursor(page[-1])) if len(found) > limit else None
    return Response({"next": following, "results": show(page)})


def _position(cursor: str, order: Order) -> Position:
    try:
        return order.position_of(cursor)
    except ValueError as error:
        raise BadRequest("The cursor is none of this list's. Start again without one.") from error


def _address(request: Request, cursor: str) -> str:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)
