"""The text that is written: short where it can be, in an order that people read."""

from __future__ import annotations

from decimal import Decimal

from workflows.definition import (
    FieldRight,
    FlowDefinition,
    PlaceDefinition,
    TaskDefinition,
    TaskKind,
    TransitionDefinition,
)
from workflows.flowfile import read, write

WHOLE = """\
flow: expense
title: Expense claim
description: |-
  One line.
  Another: with a colon.
data:
  type: object
  properties:
    amount: {type: number, title: Amount, x-type: decimal}
    category: {type: string, enum: [travel, meals, "no"]}
  required: [amount]
places:
  start: {title: "Start: here"}
  checked: {}
  end: {position: [10, 20.5]}
tasks:
  review:
    kind: human
    title: Manager review
    assign: manager(requester) | group("finance")
    seats: {order: parallel, rule: {approve: all, reject: "60%"}}
    due: 2 working days
    form: {fields: {amount: read, category: edit}}
  book:
    kind: service
    handler: payroll.book
    retry: {times: 5, first: 10 s, factor: 1.5}
transitions:
  approve:
    title: Approve
    task: review
    outcome: approve
    from: start
    to: {checked: 2}
    set: {amount: "round(amount, 2)"}
  reject: {title: Reject, task: review, outcome: reject, from: start, to: end}
  booked: {task: book, outcome: done, from: {checked: 2}, to: end, priority: 0}
"""


def test_a_file_in_its_own_style_is_written_as_it_was_read():
    assert write(read(WHOLE)) == WHOLE


def test_places_without_titles_are_a_list():
    definition = FlowDefinition("f", places=(PlaceDefinition("a"), PlaceDefinition("no")))

    assert 'places: [a, "no"]\n' in write(definition)


def test_a_long_text_is_folded():
    text = "word " * 60 + "end"
    written = write(FlowDefinition("f", description=text))

    assert "description: >-\n  word" in written
    assert max(len(line) for line in written.splitlines()) <= 100
    assert read(written).description == text


def test_keys_stand_in_the_order_of_the_reference():
    options = {"foreach": "lines", "data": {"a": "1"}, "flow": "other"}
    task = TaskDefinition("t", TaskKind.SUBFLOW, options=options)

    written = write(FlowDefinition("f", tasks=(task,)))

    assert '    kind: subflow\n    flow: other\n    data: {a: "1"}\n    foreach: lines\n' in written


def test_exact_numbers_from_rows_are_written_as_numbers():
    field = {"minimum": Decimal("0.01"), "maximum": Decimal("5")}
    definition = FlowDefinition("f", data={"type": "object", "properties": {"a": field}})

    assert "a: {minimum: 0.01, maximum: 5}" in write(definition)


def test_rights_may_be_plain_text_as_rows_have_them():
    task = TaskDefinition("t", form={"a": FieldRight.EDIT, "b": "read"})

    assert "form: {fields: {a: edit, b: read}}" in write(FlowDefinition("f", tasks=(task,)))


def test_what_is_not_said_is_not_written():
    written = write(FlowDefinition("f", transitions=(TransitionDefinition("t"),)))

    assert written == (
        "flow: f\ndata:\n  type: object\n  properties: {}\nplaces: []\ntransitions:\n  t: {}\n"
    )
