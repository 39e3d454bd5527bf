"""The JSON field of forms: order and exact numbers are kept, mistakes are told with their place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from workflows.admin.forms import OrderedJSONFormField
from workflows.models import FlowVersion, Task


def field(**kwargs: Any) -> OrderedJSONFormField:
    return OrderedJSONFormField(required=False, **kwargs)


def test_the_order_of_keys_survives() -> None:
    assert list(field().clean('{"z": 1, "a": 2}')) == ["z", "a"]


def test_another_order_is_a_change() -> None:
    assert field().has_changed({"z": 1, "a": 2}, '{"a": 2, "z": 1}')


def test_other_blanks_are_no_change() -> None:
    assert not field().has_changed({"z": Decimal("1.5")}, '{ "z" : 1.5 }')


def test_fractions_are_exact() -> None:
    assert field().clean("0.1") == Decimal("0.1")


def test_blank_is_the_default_of_the_model() -> None:
    assert field(initial=dict).clean("  ") == {}
    assert field().clean("") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ("NaN", "NaN is not JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        field().clean(text)


def test_what_was_typed_wrongly_is_shown_again() -> None:
    asked = field()

    assert asked.prepare_value(asked.bound_data('{"a"', None)) == '{"a"'


def test_long_values_are_shown_indented_and_short_ones_on_a_line() -> None:
    assert field().prepare_value({"a": 1}) == '{"a": 1}'
    assert field().prepare_value({"a": "x" * 80}).startswith('{\n  "a"')


def test_model_fields_use_it_without_a_second_hidden_copy() -> None:
    for model, name in ((FlowVersion, "data_schema"), (Task, "form")):
        made = model._meta.get_field(name).formfield()
        assert isinstance(made, OrderedJSONFormField)
        assert not made.show_hidden_initial
