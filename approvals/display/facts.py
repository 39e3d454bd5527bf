"""What a page must know once for all its rows: kinds, titles of codes, who may see which field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from approvals.kinds import RequestKind, Schema, kind_for
from approvals.summary import KeyField, Titles
from workflows import data as case_data
from workflows import store
from workflows.compiled import CompiledFlow
from workflows.definition import FieldRight
from workflows.models import Case, Task


class Facts:
    """The kinds and titles of one page, each read at most once."""

    def __init__(self) -> None:
        self._flows: dict[int, CompiledFlow] = {}
        self._kinds: dict[tuple[str, int], RequestKind] = {}
        self._titles: dict[type[RequestKind], Titles] = {}

    def flow(self, version_id: int) -> CompiledFlow:
        """Return a flow as the process keeps it: its schema is not read again for each row."""
        if version_id not in self._flows:
            self._flows[version_id] = store.load_flow(version_id)
        return self._flows[version_id]

    def kind(self, flow_key: str, version_id: int) -> RequestKind:
        key = (flow_key, version_id)
        if key not in self._kinds:
            self._kinds[key] = kind_for(flow_key, self.flow(version_id).schema)
        return self._kinds[key]

    def titles(self, kind: RequestKind) -> Titles:
        if type(kind) not in self._titles:
            self._titles[type(kind)] = kind.titles()
        return self._titles[type(kind)]

    def key_fields(
        self,
        kind: RequestKind,
        schema: Schema,
        values: Mapping[str, Any],
        *,
        hidden: Collection[str] = (),
    ) -> list[KeyField]:
        return kind.key_fields(schema, values, titles=self.titles(kind), hidden=hidden)


def values_of(case: Case) -> dict[str, object]:
    """Return a case's data, typed; `version` should be loaded."""
    return case_data.read(case.version.data_schema, case.data)


def hidden_in(task: Task) -> frozenset[str]:
    """Return the fields that whoever does the task does not see."""
    return frozenset(name for name, right in task.form.items() if right == FieldRight.HIDDEN)
