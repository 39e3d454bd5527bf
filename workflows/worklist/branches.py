"""The statement of a list: each branch ends where a page does, and all are one text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, DateTimeField, F, Func, Q, Value
from django.db.models.expressions import OrderBy

from workflows.keyset import Order, Position, beyond_pair
from workflows.models.case import NEVER

MOST_BRANCHES = 20
"""A statement of hundreds of branches takes long to plan: the last one has all further groups."""

BY_KEY = ("pk", "opened_at")
"""Orders by primary key: keys are given in the order in which items open."""

INDEXED = (*BY_KEY, "due_at")


def cut(branch: Any, order: Order, after: Position | None, limit: int) -> Any:
    is_by_key = order.column in BY_KEY
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


def by_branch(groups: Sequence[str]) -> Iterator[Q]:
    alone, together = groups[: MOST_BRANCHES - 1], groups[MOST_BRANCHES - 1 :]
    for name in alone:
        yield Q(group=name)
    if together:
        yield Q(group__in=together)


def united(branches: Sequence[Any]) -> tuple[str, list[Any]]:
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


def with_constants(text: str, parameters: list[Any]) -> tuple[str, list[Any]]:
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
