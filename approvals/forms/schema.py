"""A form from a flow's data schema, for requests without a program behind them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.forms.base import DateTimeInput, PortalForm, date_field
from approvals.policies import Problem
from approvals.summary import choices_of, field_title, properties
from workflows import data as case_data

LONG_TEXT = 300
"""A text that may be longer than this is written in several lines."""


class _DecimalDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


class SchemaForm(PortalForm):
    """The fields of `schema` that a person gives; fields `readOnly` there are the flow's own.

    `names` picks fields, `readOnly` ones too. A draft (`is_submitting` false, bound) may leave
    required fields blank.
    """

    def __init__(
        self,
        *args: Any,
        schema: Mapping[str, Any],
        names: Collection[str] | None = None,
        is_submitting: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.schema = schema
        for name, field_schema in properties(schema).items():
            is_chosen = name in names if names is not None else not field_schema.get("readOnly")
            if is_chosen:
                self.fields[name] = _form_field(schema, name, field_schema)
        self.is_draft = self.is_bound and not is_submitting
        if self.is_draft:
            for field in self.fields.values():
                field.required = False

    @property
    def values(self) -> dict[str, Any]:
        """The data of a valid form, typed; what was left blank is left out."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value is not None and value != "" and value != []
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.add_problems(
            problem for problem in self._schema_problems() if problem.path not in self.errors
        )
        return cleaned

    def _schema_problems(self) -> list[Problem]:
        """Ask the schema itself for what the fields do not know: patterns, combinations."""
        if self.is_draft:
            return []
        required = [name for name in self.schema.get("required", ()) if name in self.fields]
        asked = {**self.schema, "required": required}
        # A required field that is blank says so itself.
        blank = {name for name in required if name not in self.values}
        return [
            Problem(problem.path.partition(".")[0], problem.message)
            for problem in case_data.check(asked, case_data.to_json(self.values))
            if problem.path.partition(".")[0] not in blank
        ]


def _form_field(schema: Mapping[str, Any], name: str, field: Mapping[str, Any]) -> forms.Field:
    common: dict[str, Any] = {
        "label": field_title(schema, name),
        "help_text": field.get("description", ""),
        "required": name in schema.get("required", ()),
        "initial": field.get("default"),
    }
    choices = choices_of(field)
    if choices:
        return _choice_field(choices, common)
    kind = _type_of(field)
    if kind == "array" and (items := choices_of(field.get("items", {}))):
        return _many_choices_field(items, common)
    builders = {"boolean": _boolean, "integer": _integer, "number": _number, "string": _string}
    return builders.get(kind, _json)(field, common)


def _type_of(field: Mapping[str, Any]) -> str:
    declared = field.get("type", "string")
    if isinstance(declared, str):
        return declared
    return next((kind for kind in declared if kind != "null"), "string")


def _choice_field(choices: list[tuple[Any, str]], common: dict[str, Any]) -> forms.Field:
    by_text = {str(value): value for value, _title in choices}
    texts = [(str(value), title) for value, title in choices]
    blank = [] if common["required"] and common["initial"] is not None else [("", _("Choose"))]
    return forms.TypedChoiceField(
        choices=[*blank, *texts], coerce=by_text.__getitem__, empty_value=None, **common
    )


def _many_choices_field(choices: list[tuple[Any, str]], common: dict[str, Any]) -> forms.Field:
    by_text = {str(value): value for value, _title in choices}
    return forms.TypedMultipleChoiceField(
        choices=[(str(value), title) for value, title in choices],
        coerce=by_text.__getitem__,
        widget=forms.CheckboxSelectMultiple,
        **common,
    )


def _boolean(field: Mapping[str, Any], common: dict[str, Any]) -> forms.Field:
    # A box that is not ticked says no: that is an answer, so the field is never missing.
    return forms.BooleanField(**{**common, "required": False})


def _integer(field: Mapping[str, Any], common: dict[str, Any]) -> forms.Field:
    return forms.IntegerField(
        **_bounds(field),
        error_messages={"invalid": _("Enter a whole number.")},
        **common,
    )


def _number(field: Mapping[str, Any], common: dict[str, Any]) -> forms.Field:
    return forms.DecimalField(
        **_bounds(field),
        max_digits=30,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        error_messages={"invalid": _("Enter a number, e.g. 12.50.")},
        **common,
    )


def _bounds(field: Mapping[str, Any]) -> dict[str, Any]:
    return {
        option: field[keyword]
        for option, keyword in (("min_value", "minimum"), ("max_value", "maximum"))
        if keyword in field
    }


def _string(field: Mapping[str, Any], common: dict[str, Any]) -> forms.Field:
    text_format = field.get("format")
    if text_format == "date":
        return date_field(**common)
    if text_format == "date-time":
        return forms.DateTimeField(widget=DateTimeInput(), **common)
    if text_format == "email":
        return forms.EmailField(**common)
    max_length = field.get("maxLength")
    is_long = field.get("x-widget") == "textarea" or (max_length or 0) > LONG_TEXT
    return forms.CharField(
        max_length=max_length,
        min_length=field.get("minLength"),
        widget=forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput(),
        **common,
    )


def _json(field: Mapping[str, Any], common: dict[str, Any]) -> forms.Field:
    """Return the field for what has no form of its own, e.g. a list of objects."""
    help_text = f"{common['help_text']} {_('Written as JSON.')}".strip()
    return forms.JSONField(
        decoder=_DecimalDecoder,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        error_messages={"invalid": _("This is not JSON. Check quotes, commas and brackets.")},
        **{**common, "help_text": help_text},
    )
