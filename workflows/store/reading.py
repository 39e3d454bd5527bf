"""Rows -> case: one statement locks it and reads all that a step needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Case as If
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, When

from workflows import data as case_data
from workflows import faultpoints, logcontext
from workflows.clock import DatabaseNow
from workflows.compiled import CompiledFlow
from workflows.errors import NotFound
from workflows.models import Case, WorkItem
from workflows.models.case import OPEN_STATES

from .sql import CompiledQuery, Row

CASE_FIELDS = [field.attname for field in Case._meta.concrete_fields]
ITEM_FIELDS = [field.attname for field in WorkItem._meta.concrete_fields]
OTHERS = [name for name in CASE_FIELDS if name not in ("id", "step_count")]
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


def lock_case_of(work_item_id: int, *, by: User | None) -> tuple[Case, list[WorkItem]]:
    """Lock and return the case of a work item, with its open items.

    The item itself tells by `is_candidate` whether `by` may act on it.

    Raises:
        NotFound: there is no such work item.
    """
    logcontext.note(work_item=work_item_id)
    rows = _case_and_items.rows(item_id=work_item_id, user_id=_key(by))
    if not rows:
        raise NotFound(f"There is no work item {work_item_id}.")
    asked = next((row for row in rows if row[_ITEM] == work_item_id), None)
    if asked is None or asked[_SEEN] != asked[_STEP_COUNT]:
        # Who had to wait for the lock was told of the items as they were before the wait.
        case = lock_case(rows[0][0])
        return case, open_work_items(case, by=by)
    faultpoints.reach("K2")
    return _case(asked), [_item(row[_ITEM:]) for row in rows]


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
    return (
        Case.objects.locked()
        .only("pk", "step_count")
        .filter(pk=case_id)
        .annotate(now=DatabaseNow(), **{f"its_{name}": F(name) for name in OTHERS})
    )


@CompiledQuery
def _case_and_items(item_id: int, user_id: int) -> QuerySet[Case]:
    """A row for each open item of the item's case, one row if there is none.

    All but the case's key and version comes with the row of the item alone. `seen` is the version
    as the items are told: who waits for the lock gets the case as it is after the wait, but
    PostgreSQL tells everything else as it was when the statement began.
    """
    owner = WorkItem.objects.filter(pk=item_id).values("case")
    seen = Case.objects.filter(pk=OuterRef("pk")).values("step_count")
    is_candidate = WorkItem.objects.filter(pk=OuterRef("item__pk")).offered_to(_person(user_id))
    return (
        Case.objects.locked()
        .only("pk", "step_count")
        .filter(pk=owner[:1])
        .annotate(
            item=FilteredRelation("work_items", condition=Q(work_items__state__in=OPEN_STATES)),
            now=_of_the_item(item_id, DatabaseNow()),
            **{f"its_{name}": _of_the_item(item_id, F(name)) for name in OTHERS},
            seen=seen[:1],
            **{f"item_{name}": F(f"item__{name}") for name in ITEM_FIELDS},
            is_candidate=_of_the_item(item_id, Exists(is_candidate)),
        )
        .order_by("item__pk")
    )


def _of_the_item(item_id: int, what: Any) -> If:
    return If(When(item__pk=item_id, then=what))


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


# Where the columns of a locked case stand: its key, its version, the moment, its other fields;
# where there are items, `seen` and the item's columns follow.
_STEP_COUNT, _NOW, _OTHERS = 1, 2, 3
_SEEN = _OTHERS + len(OTHERS)
_ITEM = _SEEN + 1


def _case(row: Row) -> Case:
    others = dict(zip(OTHERS, row[_OTHERS:_SEEN], strict=True))
    values = {"id": row[0], "step_count": row[_STEP_COUNT], **others}
    case = Case.from_db(connection.alias, CASE_FIELDS, [values[name] for name in CASE_FIELDS])
    now: datetime = row[_NOW]
    # Clocks are set back now and then, and SQLite's tells milliseconds; the history does not go
    # back, and the moment of a step is that of no other step of the case.
    case.locked_at = max(now, case.changed_at + timedelta.resolution)
    logcontext.note(case=case.pk)
    case.locked_data = case.data
    return case


def _item(row: Row) -> WorkItem:
    item = WorkItem.from_db(connection.alias, ITEM_FIELDS, row[:-1])
    item.is_candidate = bool(row[-1])  # type: ignore[attr-defined]  # as by `with_eligibility`
    return item
