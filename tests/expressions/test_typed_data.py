"""Data whose fields are read when somebody asks for them."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal

from workflows.compiled import compile_flow
from workflows.data import TypedData, read, write
from workflows.flowfile import read as read_flow

FLOW = """
flow: claim
data:
  type: object
  properties:
    amount: {type: number}
    on: {type: string, format: date}
    lines: {type: array, items: {type: object, properties: {price: {type: number}}}}
places: [start, end]
transitions:
  go: {from: start, to: end}
"""
RAW = {"amount": "0.10", "on": "2026-11-23", "lines": [{"price": 12.5}], "more": "1"}


def typed() -> TypedData:
    return compile_flow(read_flow(FLOW), version_id=1).read(RAW)


def test_each_field_has_its_schemas_type():
    data = typed()

    assert data["amount"] == Decimal("0.10")
    assert data["on"] == date(2026, 11, 23)
    assert data["lines"] == [{"price": Decimal("12.5")}]
    assert data["more"] == "1"


def test_it_is_what_reading_all_at_once_gives_in_the_same_order():
    whole = read(compile_flow(read_flow(FLOW), version_id=1).schema, RAW)

    assert typed() == whole
    assert list(typed()) == list(whole)
    assert write(typed()) == write(whole)


def test_a_field_that_is_set_is_not_read_again():
    data = typed()
    data["on"] = "2026-12-24"

    assert data["on"] == "2026-12-24"


def test_a_copy_is_changed_alone():
    data = typed()
    other = data.copy()
    other["amount"] = Decimal(1)
    del other["on"]

    assert data["amount"] == Decimal("0.10")
    assert "on" in data
    assert len(other) == 3


def test_what_it_was_made_from_stays_json():
    raw = copy.deepcopy(RAW)
    data = compile_flow(read_flow(FLOW), version_id=1).read(raw)

    assert dict(data) != raw
    assert raw == RAW
