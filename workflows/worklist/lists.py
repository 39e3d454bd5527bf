"""What reaches one person: whole or filtered, a page or a count at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from workflows.keyset import Order, Position
from workflows.models import Candidate, WorkItem
from workflows.models.case import NEVER
from workflows.querysets import Person, WorkItemQuerySet
from workflows.store.sql import cursor as planning_cursor

from .branches import INDEXED, by_branch, cut, united, with_constants
from .reach import Reach, reach_of

MOST_COUNTED = 100
"""Beyond it a count says nothing more: it reads no farther."""

Statement = tuple[str, list[Any]]
"""A text and its parameters."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What two users' whole lists have in common where they differ by names only: the statement."""

    people: int
    groups: int
    is_awaited: bool
    is_pool: bool

    @property
    def reach(self) -> Reach:
        """Stand-ins, which are no key and no name of anything else."""
        people = tuple(_STAND_IN + number for number in range(self.people))
        groups = tuple(f"\ue000{number}" for number in range(self.groups))
        return Reach(_STAND_IN - 1, people, groups)

    @property
    def list(self) -> WorkList:
        reach = self.reach
        somebody: Any = SimpleNamespace(pk=reach.person)
        return WorkList(
            somebody,
            is_awaited=self.is_awaited,
            is_pool=self.is_pool,
            reach=reach,
        )


_STAND_IN = 2_147_480_000


@lru_cache(maxsize=256)
def _kept_page(alias: str, shape: _Shape, order: Order, limit: int) -> Statement:
    """Compile once what everybody asks all day: to compile it costs several times its answer."""
    return shape.list.page_statement(order, None, limit)


@lru_cache(maxsize=256)
def _kept_count(alias: str, shape: _Shape) -> Statement:
    return shape.list.count_statement()


class WorkList:
    """What reaches one person, of `items`: all, or those that a filter leaves.

    The groups are read once, each page costs two statements, each count one.
    """

    def __init__(
        self,
        user: Person,
        items: WorkItemQuerySet | None = None,
        *,
        is_awaited: bool = False,
        is_pool: bool = False,
        due_before: datetime | None = None,
        load: WorkItemQuerySet | None = None,
        reach: Reach | None = None,
    ) -> None:
        """With `is_awaited`, leave out what nobody waits for; with `is_pool`, keep what is offered
        to a group and claimed by nobody. `load` says what is read with each item.

        Name `due_before` here, not as a filter of `items`: an index ends there.
        """
        self._person = user
        self.reach = reach or reach_of(user)
        self._is_whole = items is None and due_before is None
        self._due_before = due_before
        self._items = WorkItem.objects.all() if items is None else items
        self._is_awaited = is_awaited
        self._load = WorkItem.objects.for_list() if load is None else load
        self._is_pool = is_pool

    def of(
        self,
        items: WorkItemQuerySet | None,
        *,
        is_pool: bool = False,
        due_before: datetime | None = None,
    ) -> WorkList:
        """Return another list of the same person, without asking for their groups again."""
        return WorkList(
            self._person,
            items,
            is_awaited=self._is_awaited,
            is_pool=is_pool,
            due_before=due_before,
            load=self._load,
            reach=self.reach,
        )

    def page(
        self, order: Order, *, after: Position | None = None, limit: int
    ) -> Sequence[WorkItem]:
        """Return the first items of the list, or the first behind `after`."""
        keys = self.keys(order, after=after, limit=limit)
        found = {row.pk: row for row in self._load.filter(pk__in=keys)} if keys else {}
        return [found[key] for key in keys if key in found]

    def keys(self, order: Order, *, after: Position | None = None, limit: int) -> list[int]:
        """Return the primary keys of a page, in its order."""
        if self._is_whole and after is None:
            statement = self._kept(_kept_page(connection.alias, self._shape, order, limit))
        else:
            statement = self.page_statement(order, after, limit)
        return [key for _, key in self._send(*statement)]

    def count(self) -> int:
        """Return how many items there are, at most `MOST_COUNTED`."""
        if self._is_whole:
            statement = self._kept(_kept_count(connection.alias, self._shape))
        else:
            statement = self.count_statement()
        return min(sum(int(found) for (found,) in self._send(*statement)), MOST_COUNTED)

    def page_statement(self, order: Order, after: Position | None, limit: int) -> Statement:
        """Return what asks for the keys of a page; an empty text where nothing reaches the user."""
        branches = [cut(branch, order, after, limit) for branch in self._branches(order)]
        text, parameters = united(branches)
        if not text:
            return "", []
        way = " DESC" if order.is_descending else ""
        return (
            f"SELECT DISTINCT sort_key, item_id FROM ({text}) AS found "  # noqa: S608  compiled
            f"ORDER BY sort_key{way}, item_id{way} LIMIT {limit:d}",
            parameters,
        )

    def count_statement(self) -> Statement:
        """Return what counts the items; an empty text where nothing reaches the user."""
        branches = [branch.order_by()[:MOST_COUNTED] for branch in self._branches(Order())]
        text, parameters = united(branches)
        if not text:
            return "", []
        return f"SELECT COUNT(DISTINCT item_id) FROM ({text}) AS found", parameters  # noqa: S608  compiled

    @property
    def _shape(self) -> _Shape:
        reach = self.reach
        return _Shape(len(reach.people), len(reach.groups), self._is_awaited, self._is_pool)

    def _kept(self, statement: Statement) -> Statement:
        """Return a statement of the same shape with this user's own names."""
        text, parameters = statement
        reach, stand_ins = self.reach, self._shape.reach
        told: dict[Any, Any] = dict(zip(stand_ins.groups, reach.groups, strict=True))
        told |= dict(zip(stand_ins.people, reach.people, strict=True))
        told[stand_ins.person] = reach.person
        return text, [told.get(value, value) for value in parameters]

    def _send(self, text: str, parameters: list[Any]) -> list[Any]:
        """Let PostgreSQL keep the plan of what everybody asks all day: with a branch for each group
        it takes much longer to make than to run. What filters add is as it comes."""
        if not text:
            return []
        if not self._is_whole:
            with connection.cursor() as sent:
                sent.execute(text, parameters)
                return list(sent.fetchall())
        with planning_cursor() as sent:
            sent.execute(*with_constants(text, parameters))
            return list(sent.fetchall())

    def _branches(self, order: Order) -> Iterator[Any]:
        items = self._items.filter(case__state="running").order_by()
        items = items.awaited() if self._is_awaited else items
        excluded = Candidate.objects.filter(
            work_item=OuterRef("pk"), user=self.reach.person, is_excluded=True
        )
        for person in self.reach.people:
            if self._is_pool:
                yield self._offers(order, items.pooled(), Q(user=person))
            else:
                yield self._offers(order, items, Q(user=person))
                yield self._claims(order, items, person)
        for group in by_branch(self.reach.groups):
            yield self._offers(order, items.filter(~Exists(excluded)), group)

    def _offers(self, order: Order, items: WorkItemQuerySet, whose: Q) -> Any:
        """Return the offers of `items` to somebody, as an index has them.

        A value is asked of each offer's item, not a join: a join may be begun at its other end, at
        all cases that run, and the index would be of no use.
        """
        item = items.filter(pk=OuterRef("work_item_id"))
        offers = Candidate.objects.filter(whose, is_offered=True)
        if self._due_before is not None:
            offers = offers.filter(due_at__lt=self._due_before)
        key: Any = F("due_at") if order.column == "due_at" else F("work_item_id")
        if order.column not in INDEXED:
            key = Subquery(item.values(order.column)[:1])
        # A claim by itself: of a comparison PostgreSQL expects that it hardly ever holds, and would
        # rather sort all offers than walk along the index.
        is_there = Subquery(item.annotate(there=Value(True)).values("there")[:1])
        offers = offers.annotate(sort_key=key, item_id=F("work_item_id"), is_there=is_there)
        return offers.filter(is_there=True)

    def _claims(self, order: Order, items: WorkItemQuerySet, person: int) -> Any:
        """Return what somebody has claimed: few enough to be sorted."""
        claimed = items.filter(claimed_by=person, state="claimed").offered_to(self._person)
        if self._due_before is not None:
            claimed = claimed.filter(due_at__lt=self._due_before)
        key: Any = Coalesce("due_at", NEVER) if order.column == "due_at" else F("pk")
        if order.column not in INDEXED:
            key = F(order.column)
        return claimed.annotate(sort_key=key, item_id=F("pk"))
