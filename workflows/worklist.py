"""The work list of a person: what they may act on now, a page at a time.

However many items there are, a page reads about as many as it shows. Each way in which an item can
reach the person (claimed by them, offered by name, offered to one of their groups) is a branch that
an index gives in the list's order; each branch stops when it has a page, and the best of them are
the page. `WorkItemQuerySet.actionable_by` says the same of single items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BooleanField,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from workflows.keyset import Order, Position, beyond_pair
from workflows.models import Candidate, WorkItem
from workflows.models.case import NEVER
from workflows.querysets import Person, WorkItemQuerySet
from workflows.store.sql import cursor as planning_cursor

MOST_COUNTED = 100
"""Beyond it a count says nothing more: it reads no farther."""

MOST_BRANCHES = 20
"""A statement of hundreds of branches takes long to plan: the last one has all further groups."""

_BY_KEY = ("pk", "opened_at")
"""Orders by primary key: keys are given in the order in which items open."""

_INDEXED = (*_BY_KEY, "due_at")


@dataclass(frozen=True, slots=True)
class Reach:
    """By whom and for whom `person` acts: `people` whose items they may do, and `groups`.

    Both hold whoever stands in for others, too: the more names, the more branches.
    """

    person: int
    people: tuple[int, ...]
    groups: tuple[str, ...]


def reach_of(user: Person) -> Reach:
    """Return what reaches `user`: their own name and their groups. Costs a statement."""
    if user.pk is None:
        return Reach(0, (), ())
    groups = Group.objects.filter(user=user.pk).order_by("pk").values_list("name", flat=True)
    return Reach(user.pk, (user.pk,), tuple(groups))


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
        self.user = user
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
            self.user,
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
        branches = [_cut(branch, order, after, limit) for branch in self._branches(order)]
        text, parameters = _united(branches)
        if not text:
            return []
        way = " DESC" if order.is_descending else ""
        rows = self._send(
            f"SELECT DISTINCT sort_key, item_id FROM ({text}) AS found "  # noqa: S608  compiled
            f"ORDER BY sort_key{way}, item_id{way} LIMIT {limit:d}",
            parameters,
        )
        return [key for _, key in rows]

    def count(self) -> int:
        """Return how many items there are, at most `MOST_COUNTED`."""
        branches = [branch.order_by()[:MOST_COUNTED] for branch in self._branches(Order())]
        text, parameters = _united(branches)
        if not text:
            return 0
        count = f"SELECT COUNT(DISTINCT item_id) FROM ({text}) AS found"  # noqa: S608  compiled
        [(found,)] = self._send(count, parameters)
        return min(int(found), MOST_COUNTED)

    def _send(self, text: str, parameters: list[Any]) -> list[Any]:
        """Let PostgreSQL keep the plan of what everybody asks all day: with a branch for each group
        it takes much longer to make than to run. What filters add is as it comes."""
        if not self._is_whole:
            with connection.cursor() as sent:
                sent.execute(text, parameters)
                return list(sent.fetchall())
        with planning_cursor() as sent:
            sent.execute(*_with_constants(text, parameters))
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
        for group in _by_branch(self.reach.groups):
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
        if order.column not in _INDEXED:
            key = Subquery(item.values(order.column)[:1])
        # A claim by itself: of a comparison PostgreSQL expects that it hardly ever holds, and would
        # rather sort all offers than walk along the index.
        is_there = Subquery(item.annotate(there=Value(True)).values("there")[:1])
        offers = offers.annotate(sort_key=key, item_id=F("work_item_id"), is_there=is_there)
        return offers.filter(is_there=True)

    def _claims(self, order: Order, items: WorkItemQuerySet, person: int) -> Any:
        """Return what somebody has claimed: few enough to be sorted."""
        claimed = items.filter(claimed_by=person, state="claimed").offered_to(self.user)
        if self._due_before is not None:
            claimed = claimed.filter(due_at__lt=self._due_before)
        key: Any = Coalesce("due_at", NEVER) if order.column == "due_at" else F("pk")
        if order.column not in _INDEXED:
            key = F(order.column)
        return claimed.annotate(sort_key=key, item_id=F("pk"))


def _cut(branch: Any, order: Order, after: Position | None, limit: int) -> Any:
    is_by_key = order.column in _BY_KEY
    if after is not None and is_by_key:
        branch = branch.filter(**{f"item_id__{'lt' if order.is_descending else 'gt'}": after[1]})
    elif after is not None and order.column == "due_at":
        branch = _behind_due(branch, after)
    elif after is not None:
        place = (NEVER if after[0] is None else after[0], after[1])
        descending = order.is_descending
        branch = branch.filter(beyond_pair("sort_key", "item_id", place, is_descending=descending))
    names = ("item_id",) if is_by_key else ("sort_key", "item_id")
    terms = [OrderBy(F(name), descending=order.is_descending) for name in names]
    return branch.order_by(*terms)[:limit]


def _behind_due(branch: Any, after: Position) -> Any:
    due_at = Value(NEVER if after[0] is None else after[0], output_field=DateTimeField())
    beyond = _IsBeyond(F("sort_key"), F("item_id"), due_at, Value(after[1]))
    if connection.vendor == "mysql":
        # It finds no place in an index by a pair.
        branch = branch.filter(sort_key__gte=due_at)
    return branch.filter(beyond)


class _IsBeyond(Func):
    """Says whether a pair comes after another one: with an OR, a plan has two parts to sort."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        (a, b, c, d), parameters = (text for text, _ in parts), [p for _, ps in parts for p in ps]
        return f"({a}, {b}) > ({c}, {d})", parameters


def _by_branch(groups: Sequence[str]) -> Iterator[Q]:
    alone, together = groups[: MOST_BRANCHES - 1], groups[MOST_BRANCHES - 1 :]
    for name in alone:
        yield Q(group=name)
    if together:
        yield Q(group__in=together)


def _united(branches: Sequence[Any]) -> tuple[str, list[Any]]:
    """Return one statement of all branches: the ORM unites none that have an end of their own."""
    texts, parameters = [], []
    for number, branch in enumerate(branches):
        found = branch.values_list("sort_key", "item_id")
        try:
            text, given = found.query.get_compiler(connection.alias).as_sql()
        except EmptyResultSet:
            continue
        texts.append(f"SELECT * FROM ({text}) AS branch{number}")  # noqa: S608  compiled
        parameters += given
    return " UNION ALL ".join(texts), parameters


_CONSTANTS = ("running", "claimed", "offered", NEVER)


def _with_constants(text: str, parameters: list[Any]) -> tuple[str, list[Any]]:
    """Put what never changes into the text: a kept plan could not see that an index with this
    condition serves."""
    if connection.vendor != "postgresql":
        return text, parameters
    told, kept = iter(parameters), []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return found[0]
        value = next(told)
        if value is True or value in _CONSTANTS:
            return str(connection.ops.compose_sql("%s", [value]))  # type: ignore[attr-defined]  # PostgreSQL's
        kept.append(value)
        return found[0]

    return re.sub("%%|%s", place, text), kept
