"""Which kind of request a flow is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from approvals.kinds import kind_for
from approvals.kinds.expense import ExpenseKind
from approvals.kinds.generic import GenericKind
from approvals.kinds.leave import LeaveKind
from workflows import flowfile

FLOWS = Path(__file__).parents[2] / "approvals" / "flows"


def schema_of(key: str) -> dict[str, Any]:
    definition = flowfile.read((FLOWS / f"{key}.yaml").read_text(encoding="utf-8"))
    return dict(definition.data)


@pytest.mark.parametrize(
    ("key", "kind"), [("leave", LeaveKind), ("expense", ExpenseKind), ("purchase", GenericKind)]
)
def test_the_shipped_flows_have_their_kinds(key: str, kind: type) -> None:
    assert isinstance(kind_for(key, schema_of(key)), kind)


def test_a_flow_by_another_name_is_generic() -> None:
    assert isinstance(kind_for("sabbatical", schema_of("leave")), GenericKind)


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("leave", {"start": {"type": "string"}}),
        ("leave", {"days": {"type": "string"}}),
        ("expense", {"lines": {"type": "array", "items": {"type": "string"}}}),
        ("expense", {"total": {"type": "string"}}),
    ],
)
def test_a_schema_with_other_types_is_generic(key: str, change: dict[str, Any]) -> None:
    schema = schema_of(key)
    schema["properties"] = {**schema["properties"], **change}
    assert isinstance(kind_for(key, schema), GenericKind)


def test_a_schema_that_does_not_require_the_fields_is_generic() -> None:
    schema = schema_of("leave") | {"required": ["start", "end"]}
    assert isinstance(kind_for("leave", schema), GenericKind)


@pytest.mark.parametrize(
    ("key", "prefix"), [("leave", "LV"), ("expense", "EX"), ("purchase", "PUR"), ("it_help", "ITH")]
)
def test_each_kind_has_its_own_numbers(key: str, prefix: str) -> None:
    path = FLOWS / f"{key}.yaml"
    schema = schema_of(key) if path.exists() else {}
    assert kind_for(key, schema).prefix == prefix
