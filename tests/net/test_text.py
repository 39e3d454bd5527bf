"""Breaking titles into lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.net.text import visible, width_of, wrap


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Approve", ["Approve"]),
        ("Decide on the leave", ["Decide on the", "leave"]),
        ("", []),
        ("hr_department_done_at_once", ["hr_", "department_", "done_at_once"]),
        ("请经理在两个工作日内决定", ["请经理在两个工", "作日内决定"]),
    ],
)
def test_lines_break_where_a_reader_expects_it(text, lines):
    assert wrap(text, 13, 100, 3) == lines


def test_what_does_not_fit_ends_in_an_ellipsis():
    lines = wrap("one two three four five six seven eight nine ten", 13, 60, 2)

    assert len(lines) == 2
    assert lines[-1].endswith("…")


@given(st.text(max_size=80), st.integers(40, 160), st.integers(1, 4))
def test_no_line_is_wider_than_its_room(text, limit, most):
    lines = wrap(text, 13, limit, most)

    assert len(lines) <= most
    assert all(width_of(line, 13) <= limit for line in lines)


def test_ideographs_are_wider_than_letters():
    assert width_of("请", 10) > width_of("m", 10)


def test_characters_that_xml_forbids_are_dropped():
    assert visible("a\x00b\ud800c\ufffed\n请") == "abcd\n请"
