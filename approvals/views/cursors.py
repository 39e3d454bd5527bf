"""Pages that begin behind the last row of the page before; see `workflows.keyset`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.http import HttpRequest, QueryDict

from workflows.keyset import Order, Position

PARAMETER = "after"


@dataclass(frozen=True, slots=True)
class CursorPage:
    """What `components/pagination.html` shows: empty addresses where there is nowhere to go."""

    first_url: str
    next_url: str

    @property
    def has_previous(self) -> bool:
        return bool(self.first_url)

    @property
    def has_next(self) -> bool:
        return bool(self.next_url)


def position_in(request: HttpRequest, order: Order) -> Position | None:
    """Return behind which row the page begins; what is no place of this order is the beginning."""
    try:
        return order.position_of(request.GET[PARAMETER])
    except (KeyError, ValueError):
        return None


def page_of(request: HttpRequest, found: Sequence[Model], order: Order, *, size: int) -> CursorPage:
    """Return the way on from a page; `found` has one row more than the page where more follow."""
    is_first = position_in(request, order) is None
    return CursorPage(
        first_url="" if is_first else _address(request, None),
        next_url=_address(request, order.cursor(found[size - 1])) if len(found) > size else "",
    )


def _address(request: HttpRequest, cursor: str | None) -> str:
    query: QueryDict = request.GET.copy()
    query.pop(PARAMETER, None)
    if cursor is not None:
        query[PARAMETER] = cursor
    return f"{request.path}?{query.urlencode()}"
