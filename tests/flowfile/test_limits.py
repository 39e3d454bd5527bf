"""Files that are no flow files, or that mean harm."""

from __future__ import annotations

import time

import pytest

from workflows.flowfile import FlowFileError, from_mapping, read

HEAD = "flow: f\nplaces: [p]\ntransitions: {}\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "empty; a flow file begins with `flow: key`"),
        ("# nothing\n", 1, "empty; a flow file begins with `flow: key`"),
        ("hello", 1, "a flow file is a mapping that begins with `flow: key`, not the text 'hello'"),
        ("- flow: f", 1, "a flow file is a mapping that begins with `flow: key`, not a list"),
        ("flow: f\n\tplaces: []", 2, "indent with blanks, not tabs"),
        ("flow: f\ntitle: Over: 1", 2, "a text with `: ` in it needs quotes"),
        ("flow: f\nplaces", 3, "a key without a colon"),
        ("flow: f\ntitle: @x", 2, "no text begins with this character"),
        ('flow: f\ntitle: "x', 2, "a quote is not closed"),
        ('flow: f\ntitle: "\\q"', 2, "no such escape"),
        ("flow: f\nplaces: [a", 3, "a comma or the closing bracket is missing"),
        ('{"flow": "f",', 2, "a value or a closing bracket is missing"),
        ("flow: f\ntitle: \x07", 2, "the character U+0007 may not stand in a file as it is"),
        (f"{HEAD}---\n{HEAD}", 4, "a second document begins here"),
        (f"{HEAD}title: !!python/name:os.system x", 4, "tags (`!name`) are not read"),
        (f"{HEAD}title: &a x", 4, "anchors are not read: take away &a"),
        (f"{HEAD}title: *a", 4, "aliases are not read: write out what *a stands for"),
        (f"{HEAD}? [a]\n: b", 4, "a key must be a text"),
        (f"{HEAD}? {'k' * 101}\n: b", 4, "a key here has 101 characters; 100 is the most"),
        (f"{HEAD}data: {'[' * 60}", 4, "nested more than 50 levels deep"),
        (f"{HEAD}title: {'9' * 401}", 4, "a number of more than 400 characters"),
        (f"{HEAD}title: 1e999", 4, "1e999 is too large a number"),
        (f'{HEAD}title: "\\0"', 4, "a text must not hold the character U+0000"),
    ],
)
def test_text_that_cannot_be_read_is_told_with_its_line(text, line, message):
    with pytest.raises(FlowFileError) as caught:
        read(text)

    assert [p.line for p in caught.value.problems if message in p.message] == [line]


def test_a_file_of_more_than_a_megabyte_is_refused():
    with pytest.raises(FlowFileError, match="larger than 1,000,000 bytes"):
        read(f"{HEAD}# {'请' * 340_000}")


def test_a_file_that_unfolds_into_billions_is_refused_at_once():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(20)
    )

    begun = time.monotonic()
    with pytest.raises(FlowFileError, match="aliases are not read"):
        read(bomb)

    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "? ", '{"a":'])
def test_depth_is_bounded_before_it_is_reached(piece):
    with pytest.raises(FlowFileError, match="nested more than 50 levels deep"):
        read(piece * 50_000)


def test_plain_values_may_not_nest_deeper_either():
    value: object = "x"
    for _ in range(100):
        value = [value]

    with pytest.raises(FlowFileError, match="nested more than 50 levels deep"):
        from_mapping({"flow": "f", "places": [], "transitions": {}, "data": value})


def test_a_file_of_nothing_but_mistakes_is_not_read_to_its_end():
    lines = "".join(f"  t{i}: {{from: x{i}}}\n" for i in range(2_000))

    with pytest.raises(FlowFileError, match="has more than 99 errors") as caught:
        read(f"flow: f\nplaces: [p]\ntransitions:\n{lines}")

    assert len(caught.value.problems) == 100


def test_a_schema_too_large_to_be_checked_is_refused():
    fields = ", ".join(f"f{i}: {{type: string}}" for i in range(6_000))

    with pytest.raises(FlowFileError, match="has more than 10,000 entries"):
        read(f"{HEAD}data: {{type: object, properties: {{{fields}}}}}")
