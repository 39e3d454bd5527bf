"""Form fields of the admin."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

LONGEST_LINE = 60


class OrderedJSONFormField(forms.JSONField):
    """JSON in a text area: keys keep their order, numbers stay exact, errors tell line and column.

    Left blank, it means the model field's default where that is a callable (`{}`), else nothing.
    """

    widget = forms.Textarea

    def __init__(self, *, initial: Any = None, **kwargs: Any) -> None:
        # A callable default makes Django render a second, hidden copy of the value; two copies of a
        # schema can disagree, and the page would carry it twice.
        kwargs["show_hidden_initial"] = False
        super().__init__(initial=initial, **kwargs)
        self.blank_value: Callable[[], Any] = initial if callable(initial) else lambda: None

    def to_python(self, value: Any) -> Any:
        if self.disabled or not isinstance(value, str):
            return value
        if not value.strip():
            return self.blank_value()
        return _parsed(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        if self.disabled:
            return initial
        if not isinstance(data, str):
            return None
        try:
            return _parsed(data) if data.strip() else self.blank_value()
        except ValidationError:
            return InvalidJSONInput(data)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, InvalidJSONInput):
            return value
        return pretty_json(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            given = self.to_python(data)
        except ValidationError:
            return True
        return _compact(initial() if callable(initial) else initial) != _compact(given)


def pretty_json(value: Any) -> str:
    """Return the value as JSON, indented where long; an empty object or nothing is no text."""
    if value is None or value == {}:
        return ""
    line = json.dumps(value, ensure_ascii=False, default=_number)
    if len(line) <= LONGEST_LINE:
        return line
    return json.dumps(value, ensure_ascii=False, indent=2, default=_number)


def _compact(value: Any) -> str:
    # Not sorted: the order of the keys is the order of the fields in a form.
    return json.dumps({} if value is None else value, ensure_ascii=False, default=_number)


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be shown as JSON: {value!r}")


def _parsed(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValidationError: it is not JSON, names a key twice in one object, or is nested too deeply.
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique
        )
    except json.JSONDecodeError as error:
        raise ValidationError(
            _("This is not JSON: line %(line)s, column %(column)s: %(message)s."),
            code="invalid",
            params={"line": error.lineno, "column": error.colno, "message": error.msg},
        ) from error
    except RecursionError as error:
        raise ValidationError(_("This JSON is nested too deeply."), code="invalid") from error


def _no_constant(name: str) -> Any:
    raise ValidationError(
        _("%(name)s is not JSON: write a number."), code="invalid", params={"name": name}
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValidationError(
                _("The key “%(key)s” stands twice in one object."),
                code="invalid",
                params={"key": key},
            )
        found[key] = value
    return found
