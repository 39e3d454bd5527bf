"""What the words and numbers of a file mean: as in JSON, and nothing more."""

from __future__ import annotations

import json

import pytest

from workflows.flowfile import read

HEAD = "flow: f\nplaces: [p]\ntransitions: {}\n"


def default_of(source: str) -> object:
    """Return what the file's `source` is read as, as a field's default."""
    definition = read(f"{HEAD}data: {{type: object, properties: {{a: {{default: {source}}}}}}}\n")
    return definition.data["properties"]["a"]["default"]


@pytest.mark.parametrize(
    "source",
    ["no", "on", "yes", "off", "y", "No", "True", "NULL", "1:30", "0x10", "0o17", "007", "1_000"]
    + ["2026-01-01", "+1", ".5", "1.", ".inf", ".nan", "1e", "12 days", "请假"],
)
def test_a_word_that_json_does_not_know_is_text(source):
    assert default_of(source) == source


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-7", -7),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("2.5E-3", 0.0025),
        ("12345678901234567890", 12345678901234567890),
    ],
)
def test_null_booleans_and_numbers_are_those_of_json(source, value):
    found = default_of(source)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("source", ["'12'", '"true"', "'null'", '"1.5"'])
def test_what_is_quoted_is_text(source):
    assert default_of(source) == source[1:-1]


def test_keys_are_text_whatever_they_look_like():
    names = ["on", "yes", "no", "true", "null", "12", "1.5", "2026-01-01"]
    fields = ", ".join(f"{name}: {{}}" for name in names)

    definition = read(f"{HEAD}data: {{type: object, properties: {{{fields}}}}}\n")

    assert list(definition.data["properties"]) == names


def test_keys_may_be_of_any_script():
    definition = read(
        "flow: leave\n"
        "places: [开始, 结束]\n"
        "transitions:\n"
        "  提交: {title: 请假, from: 开始, to: 结束}\n"
    )

    assert [place.key for place in definition.places] == ["开始", "结束"]
    assert definition.transitions[0].title == "请假"


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        ("true", "true"),
        ("false", "false"),
        ("10", "10"),
        ("1.50", "1.50"),
        ("amount > 1", "amount > 1"),
    ],
)
def test_a_value_stands_for_itself_where_an_expression_is_expected(source, expression):
    definition = read(f"flow: f\nplaces: [p]\ntransitions:\n  t: {{from: p, guard: {source}}}\n")

    assert definition.transitions[0].guard == expression


@pytest.mark.parametrize(
    "text", ["🏖 beach", "a\u2028b", "\x7f", "tab\there", "back\\slash", "a\x85b"]
)
@pytest.mark.parametrize("is_ascii", [True, False])
def test_json_reads_as_json(text, is_ascii):
    flow = {"flow": "f", "title": text, "places": ["p"], "transitions": {}}

    assert read(json.dumps(flow, ensure_ascii=is_ascii, indent="\t")).title == text
    assert read(json.dumps(flow, ensure_ascii=is_ascii, separators=(",", ":"))).title == text


def test_a_byte_order_mark_is_no_part_of_the_file():
    assert read("\ufeff" + HEAD).key == "f"


@pytest.mark.parametrize(
    "places",
    [
        "[a, b]",
        "[a, {b: {}}]",
        "{a: {}, b: {}}",
        "{a: null, b: {}}",
        "\n  - a\n  - b:",
    ],
)
def test_places_may_be_a_list_a_mapping_or_both(places):
    definition = read(f"flow: f\ntransitions: {{}}\nplaces: {places}\n")

    assert [place.key for place in definition.places] == ["a", "b"]


@pytest.mark.parametrize(
    ("arcs", "weights"),
    [("a", {"a": 1}), ("[a, b]", {"a": 1, "b": 1}), ("{a: 2, b: 1}", {"a": 2, "b": 1}), ("[]", {})],
)
def test_arcs_may_be_a_place_a_list_or_a_mapping_to_weights(arcs, weights):
    lines = "\n".join(f"    {key}: {arcs}" for key in ("from", "to", "reads", "inhibitors"))
    definition = read(f"flow: f\nplaces: [a, b]\ntransitions:\n  t:\n{lines}\n")

    (transition,) = definition.transitions
    assert transition.inputs == weights
    assert transition.outputs == weights
    assert transition.reads == weights
    assert transition.inhibitors == weights


def test_a_net_keeps_every_arc_of_the_file():
    definition = read(
        "flow: f\nplaces: [a, b, c]\ntransitions:\n"
        "  t: {from: {a: 2}, to: b, reads: c, inhibitors: {b: 3}, resets: [c]}\n"
    )

    net = definition.net()

    assert dict(net.inputs("t")) == {"a": 2}
    assert dict(net.outputs("t")) == {"b": 1}
    assert dict(net.reads("t")) == {"c": 1}
    assert dict(net.inhibitors("t")) == {"b": 3}
    assert net.resets("t") == {"c"}


def test_values_of_a_group_of_inputs_may_be_called_in_any_script():
    definition = read(
        "flow: f\nplaces: [a, b]\ntasks:\n"
        "  t: {kind: service, topic: x, inputs: {body: {übrig: '1', X-Key: '2'}}}\n"
        "transitions:\n  done: {task: t, outcome: done, from: a, to: b}\n"
    )

    (task,) = definition.tasks
    assert task.options["inputs"] == {"body": {"übrig": "1", "X-Key": "2"}}
