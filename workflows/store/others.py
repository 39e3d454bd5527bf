"""The open items of a case beside the one that a step is about: read in one text, made on demand.

A case may wait for a hundred tasks at once, and most steps end one of them and leave the others
alone. To read all of them whole would make each step as slow as the case is wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Aggregate, F, TextField

from workflows.models import WorkItem, WorkItemState

from .sql import table

_TOLD = {
    "postgresql": "STRING_AGG(CONCAT({0}, ':', {1}, ':', {2}), ' ')",
    "mysql": "GROUP_CONCAT({0}, ':', {1}, ':', COALESCE({2}, '') SEPARATOR ' ')",
    "sqlite": "GROUP_CONCAT({0} || ':' || {1} || ':' || COALESCE({2}, ''), ' ')",
}
_ONE = re.compile("([0-9]+):([0-9]+):([0-9]*)")


class Told(Aggregate):
    """Work items in one text: the key of each, its task's, and who holds it."""

    output_field = TextField()

    def __init__(self, *parts: Any) -> None:
        super().__init__(*(parts or map(F, ("pk", "task_id", "claimed_by_id"))))

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        columns = [compiler.compile(part)[0] for part in self.get_source_expressions()[:3]]
        return _TOLD[connection.vendor].format(*columns), []


class OtherItems:
    """What is known of open items that nobody has asked for."""

    def __init__(self, case_id: int, told: str = "") -> None:
        self._case_id = case_id
        self._told = told

    @cached_property
    def tasks(self) -> Mapping[int, int]:
        """The key of each -> that of its task."""
        return {int(key): int(task) for key, task, _ in _ONE.findall(self._told)}

    def items(self) -> Iterator[WorkItem]:
        for key, task_id, holder in _ONE.findall(self._told):
            yield self._item(int(key), int(task_id), int(holder) if holder else None)

    def _item(self, key: int, task_id: int, holder: int | None) -> WorkItem:
        """Return an item all of whose life cycle is known; asking it for `opened_at` or `due_at`
        costs a statement."""
        known = {
            "id": key,
            "case_id": self._case_id,
            "task_id": task_id,
            "state": WorkItemState.CLAIMED if holder else WorkItemState.OFFERED,
            "claimed_by_id": holder,
            "completed_by_id": None,
            "outcome": "",
            "closed_at": None,
        }
        item: WorkItem = table(WorkItem).loaded(known.values(), known)
        return item


@dataclass(frozen=True, slots=True)
class OpenItems:
    """The open items of a locked case: some `whole`, the others told of."""

    whole: list[WorkItem]
    others: OtherItems = field(default_factory=lambda: OtherItems(0))

    def __iter__(self) -> Iterator[WorkItem]:
        """Yield all in the order of their keys."""
        return iter(sorted([*self.whole, *self.others.items()], key=lambda item: item.pk))
