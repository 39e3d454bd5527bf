"""JSON in and out without losing a digit; no database needed."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.api.errors import BadJSON
from workflows.api.parsers import parse_json
from workflows.api.renderers import ExactJSONRenderer, json_number


def test_a_fraction_is_read_exactly():
    assert parse_json(b"[0.1, 1e2, 1.50, 7]") == [
        Decimal("0.1"),
        Decimal("1e2"),
        Decimal("1.50"),
        7,
    ]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (Decimal("0.1"), "0.1"),
        (Decimal("12.50"), "12.5"),
        (Decimal("12000.00"), "12000"),
        (Decimal("-0.0"), "0"),
        (Decimal("123456789012345678.5"), '"123456789012345678.5"'),
        (Decimal("0.1234567890123456789"), '"0.1234567890123456789"'),
        (Decimal("1E+400"), None),
    ],
)
def test_a_decimal_is_written_as_a_number_where_nothing_is_lost(number, written):
    text = ExactJSONRenderer().render(number).decode()

    if written is None:
        assert Decimal(json.loads(text)) == number
    else:
        assert text == written


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20
    )
)
def test_what_is_written_is_read_back_as_the_same_number(number):
    read = parse_json(json.dumps(json_number(number)).encode())

    assert Decimal(read) == number


@given(st.binary(max_size=200))
def test_any_bytes_are_values_or_a_refusal(body):
    with suppress(BadJSON):
        parse_json(body)
