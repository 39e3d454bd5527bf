"""Rows -> case: one statement locks it and reads all that a step needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from workflows import data as case_data
from workflows import faultpoints, logcontext
from workflows.clock import DatabaseNow
from workflows.compiled import CompiledFlow
from workflows.errors import NotFound
from workflows.models import Case, WorkItem

from .others import OpenItems, OtherItems, Told
from .sql import CompiledQuery, Row, table

NOBODY = 0


def lock_case(case_id: int) -> Case:
    """Lock and return the case: the first thing that every change of a case does.

    Raises:
        NotFound: there is no such case.
    """
    for row in _case_alone.rows(case_id=case_id):
        faultpoints.reach("K2")
        return _case(row)
    raise NotFound(f"There is no case {case_id}.")


def lock_case_of(work_item_id: int, *, by: User | None) -> tuple[Case, OpenItems]:
    """Lock and return the case of a work item, with its open items.

    The item itself, if it is open, tells by `is_candidate` whether `by` may act on it.

    Raises:
        NotFound: there is no such work item.
    """
    logcontext.note(work_item=work_item_id)
    for row in _case_and_item.rows(item_id=work_item_id, user_id=_key(by)):
        if row[_SEEN] != row[_STEP_COUNT]:
            # Who had to wait for the lock was told of the items as they were before the wait.
            case = lock_case(row[0])
            return case, OpenItems(open_work_items(case, by=by))
        faultpoints.reach("K2")
        asked = _item(row[_ITEM:])
        others = OtherItems(asked.case_id, row[_TOLD] or "")
        return _case(row), OpenItems([asked] if asked.is_open else [], others)
    raise NotFound(f"There is no work item {work_item_id}.")


def open_work_items(case: Case, *, by: User | None) -> list[WorkItem]:
    """Return the open items of a locked case; each tells by `is_candidate` whether `by` may act on
    it."""
    return [_item(row) for row in _items.rows(case_id=case.pk, user_id=_key(by))]


def values_of(case: Case, flow: CompiledFlow) -> dict[str, object]:
    """Return the case's data with its schema's types: exact decimals, dates."""
    return case_data.read(flow.schema, case.data)


def completed_by(case: Case, task_key: str) -> int | None:
    """Return who completed the task last in this case, for `did("task")`."""
    for row in _who_completed.rows(case_id=case.pk, task_key=task_key):
        return row[0]  # type: ignore[no-any-return]
    return None


def _key(by: User | None) -> int:
    return NOBODY if by is None else by.pk


@CompiledQuery
def _case_alone(case_id: int) -> QuerySet[Case]:
    return Case.objects.locked().order_by().filter(pk=case_id).annotate(now=DatabaseNow())


@CompiledQuery
def _case_and_item(item_id: int, user_id: int) -> QuerySet[Case]:
    """The item's case, the item, and in one text which others are open.

    `seen` is the version as the items are told: who waits for the lock gets the case as it is after
    the wait, but PostgreSQL tells everything else as it was when the statement began. The case is
    found by a subquery, since MariaDB locks the rows that it joins, in the order of the joins.
    """
    owner = WorkItem.objects.filter(pk=item_id).order_by().values("case")
    seen = Case.objects.filter(pk=OuterRef("pk")).order_by().values("step_count")
    others = WorkItem.objects.filter(case=OuterRef("pk")).open().exclude(pk=item_id)
    is_candidate = WorkItem.objects.filter(pk=OuterRef("item__pk")).offered_to(_person(user_id))
    return (
        Case.objects.locked()
        .order_by()
        .filter(pk=owner[:1])
        .annotate(
            item=FilteredRelation("work_items", condition=Q(work_items__pk=item_id)),
            now=DatabaseNow(),
            seen=Subquery(seen),
            told=Subquery(others.order_by().values("case").annotate(told=Told()).values("told")),
            **{f"item_{name}": F(f"item__{name}") for name in table(WorkItem).attributes},
            is_candidate=Exists(is_candidate),
        )
    )


@CompiledQuery
def _items(case_id: int, user_id: int) -> QuerySet[WorkItem]:
    items = WorkItem.objects.filter(case=case_id).open().order_by("pk")
    return items.with_eligibility(_person(user_id))


@CompiledQuery
def _who_completed(case_id: int, task_key: str) -> QuerySet[Any, Any]:
    done = WorkItem.objects.filter(case=case_id, task__key=task_key, state="completed")
    return done.order_by("-closed_at", "-pk").values_list("completed_by")[:1]


def _person(user_id: int) -> Any:
    return SimpleNamespace(pk=user_id)


# Where the columns of a locked case stand: its own, and the moment; where an item was asked for,
# `seen`, what is told of the others, and the item's columns follow.
_COLUMNS = [field.attname for field in Case._meta.concrete_fields]
_STEP_COUNT = _COLUMNS.index("step_count")
_NOW = len(_COLUMNS)
_SEEN, _TOLD, _ITEM = _NOW + 1, _NOW + 2, _NOW + 3


def _case(row: Row) -> Case:
    case: Case = table(Case).loaded(row[:_NOW])
    now: datetime = row[_NOW]
    # Clocks are set back now and then, and SQLite's tells milliseconds; the history does not go
    # back, and the moment of a step is that of no other step of the case.
    case.locked_at = max(now, case.changed_at + timedelta.resolution)
    logcontext.note(case=case.pk)
    case.stored = dict(zip(_COLUMNS, row, strict=False))
    return case


def _item(row: Row) -> WorkItem:
    item: WorkItem = table(WorkItem).loaded(row[:-1])
    item.is_candidate = bool(row[-1])  # type: ignore[attr-defined]  # as by `with_eligibility`
    return item
