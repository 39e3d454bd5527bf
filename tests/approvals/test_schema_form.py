"""Forms that a flow's data schema describes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms

from approvals.forms import SchemaForm, TaskForm

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "item": {"type": "string", "title": "What", "minLength": 2, "maxLength": 20},
        "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "why": {"type": "string", "x-widget": "textarea", "description": "In a few words"},
        "amount": {"type": "number", "x-type": "decimal", "exclusiveMinimum": 0},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "is_urgent": {"type": "boolean", "title": "Urgent"},
        "needed_by": {"type": "string", "format": "date"},
        "call_at": {"type": "string", "format": "date-time"},
        "colour": {"type": "string", "enum": ["red", "deep_blue", "EUR"]},
        "size": {"oneOf": [{"const": 1, "title": "Small"}, {"const": 2, "title": "Large"}]},
        "days": {"type": "array", "items": {"type": "string", "enum": ["mon", "tue"]}},
        "extras": {"type": "array", "items": {"type": "object"}},
        "decision": {"type": "string", "readOnly": True},
    },
    "required": ["item", "amount"],
}


def filled(**changes: Any) -> dict[str, Any]:
    return {"item": "Desk", "amount": "12.50"} | changes


def submitted(**changes: Any) -> SchemaForm:
    return SchemaForm(filled(**changes), schema=SCHEMA, is_submitting=True)


def test_each_type_has_its_own_field() -> None:
    fields = SchemaForm(schema=SCHEMA).fields
    kinds = {name: type(field).__name__ for name, field in fields.items()}
    assert kinds == {
        "item": "CharField",
        "code": "CharField",
        "why": "CharField",
        "amount": "DecimalField",
        "count": "IntegerField",
        "is_urgent": "BooleanField",
        "needed_by": "DateField",
        "call_at": "DateTimeField",
        "colour": "TypedChoiceField",
        "size": "TypedChoiceField",
        "days": "TypedMultipleChoiceField",
        "extras": "JSONField",
    }
    assert isinstance(fields["why"].widget, forms.Textarea)
    assert isinstance(fields["days"].widget, forms.CheckboxSelectMultiple)


def test_titles_descriptions_and_choices_are_shown() -> None:
    form = SchemaForm(schema=SCHEMA)
    assert form.fields["item"].label == "What"
    assert form.fields["why"].help_text == "In a few words"
    colours = form.fields["colour"]
    assert isinstance(colours, forms.ChoiceField)
    titles = [title for _value, title in colours.choices]  # type: ignore[union-attr]
    assert titles[1:] == ["Red", "Deep blue", "EUR"]


def test_values_have_the_types_of_the_schema() -> None:
    form = submitted(
        count="3",
        is_urgent="on",
        needed_by="2026-12-03",
        colour="red",
        size="2",
        days=["mon", "tue"],
        extras='[{"price": 1.10}]',
        call_at="2026-12-03T14:05",
    )
    assert form.is_valid(), form.errors
    values = form.values
    assert values["amount"] == Decimal("12.50")
    assert values["count"] == 3
    assert values["is_urgent"] is True
    assert values["needed_by"] == date(2026, 12, 3)
    assert values["size"] == 2
    assert values["days"] == ["mon", "tue"]
    assert values["extras"] == [{"price": Decimal("1.10")}]
    assert values["call_at"].tzinfo is not None


def test_what_is_left_blank_is_left_out() -> None:
    form = submitted()
    assert form.is_valid(), form.errors
    assert form.values == {"item": "Desk", "amount": Decimal("12.50"), "is_urgent": False}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("item", ""),
        ("item", "x"),
        ("item", "x" * 21),
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", "1e999999"),
        ("amount", "NaN"),
        ("amount", "a lot"),
        ("count", "0"),
        ("count", "10"),
        ("count", "2.5"),
        ("needed_by", "2026-02-30"),
        ("colour", "green"),
        ("size", "3"),
        ("days", ["sun"]),
        ("extras", "{not json"),
        ("extras", '"a text"'),
        ("code", "abc"),
    ],
)
def test_what_the_schema_refuses_stands_at_its_field(field: str, value: Any) -> None:
    form = submitted(**{field: value})
    assert not form.is_valid()
    assert set(form.errors) == {field}


def test_a_mistake_is_told_once() -> None:
    form = submitted(item="")
    assert form.errors["item"] == ["This field is required."]


def test_a_draft_may_lack_required_fields() -> None:
    form = SchemaForm({"item": "Desk"}, schema=SCHEMA, is_submitting=False)
    assert form.is_valid(), form.errors
    assert "amount" not in form.values


def test_an_unbound_form_still_shows_what_is_required() -> None:
    assert SchemaForm(schema=SCHEMA).fields["amount"].required


def test_fields_of_the_flow_cannot_be_given() -> None:
    form = submitted(decision="approved")
    assert form.is_valid(), form.errors
    assert "decision" not in form.values


def task_form(data: dict[str, Any] | None, names: list[str], **values: Any) -> TaskForm:
    return TaskForm(data, schema=SCHEMA, names=names, values=values)


def test_a_task_form_has_the_fields_that_its_task_may_edit() -> None:
    form = task_form(None, ["count", "decision"], count=3)
    assert list(form.fields) == ["count", "decision"]
    assert form["count"].value() == 3


def test_a_task_form_gives_only_what_has_changed() -> None:
    form = task_form({"count": "3", "why": "New"}, ["count", "why"], count=3, why="Old")
    assert form.is_valid(), form.errors
    assert form.changes == {"why": "New"}


def test_a_task_form_tells_that_a_text_was_emptied() -> None:
    form = task_form({"why": ""}, ["why"], why="Old")
    assert form.is_valid(), form.errors
    assert form.changes == {"why": ""}
