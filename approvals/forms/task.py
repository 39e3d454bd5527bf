"""The fields of the case's data that a task lets people change while they do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from approvals.forms.schema import SchemaForm


class TaskForm(SchemaForm):
    """The fields `names` of a case's data, filled with what it holds now."""

    def __init__(
        self,
        *args: Any,
        schema: Mapping[str, Any],
        names: Collection[str],
        values: Mapping[str, Any],
        **options: Any,
    ) -> None:
        initial = {name: values[name] for name in names if name in values}
        options.update(initial=initial, schema=schema, names=names, is_submitting=True)
        super().__init__(*args, **options)
        self.values_before = values

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the case's data; a field that was emptied is given as empty."""
        changed = {
            name: value
            for name, value in self.values.items()
            if self.values_before.get(name) != value
        }
        emptied = {
            name: _empty(self.schema["properties"][name])
            for name in self.fields
            if name not in self.values and self.values_before.get(name) not in (None, "", [])
        }
        return changed | emptied


def _empty(field: Mapping[str, Any]) -> Any:
    """Return what stands for nothing: the engine merges, so leaving it out would change nothing."""
    declared = field.get("type", "string")
    kinds = {declared} if isinstance(declared, str) else set(declared)
    if "null" in kinds:
        return None
    if "array" in kinds:
        return []
    return "" if "string" in kinds and "format" not in field else None
