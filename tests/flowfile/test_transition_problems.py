"""Mistakes in transitions: each is told with its line, its path and a way out."""

from __future__ import annotations

import pytest

from tests.flowfile.mistakes import told, with_transition
from workflows.flowfile import read


@pytest.mark.parametrize(
    ("transition", "problem"),
    [
        ("{task: review, from: middle}", "9:11 transitions.extra.task: needs an `outcome` too"),
        ("{outcome: reject, from: middle}", "9:11 transitions.extra.outcome: needs a `task` too"),
        (
            "{task: reveiw, outcome: reject, from: middle}",
            "9:17 transitions.extra.task: there is no task 'reveiw'. Did you mean 'review'?",
        ),
        (
            "{task: review, outcome: approve, from: middle}",
            "9:25 transitions.extra.outcome: "
            "the task 'review' has the outcome 'approve' already: 'approve'",
        ),
        (
            "{task: review, outcome: reject, from: start}",
            "9:42 transitions.extra.from: "
            "the outcomes of one task share the same input places; 'approve', also of "
            "'review', comes from middle",
        ),
        (
            "{task: review, outcome: reject, from: {middle: 2}}",
            "9:42 transitions.extra.from: the outcomes of one task share the same input places",
        ),
        (
            "{task: review, outcome: reject, from: middle, default: true}",
            "9:56 transitions.extra.default: an outcome is chosen by whoever does the task",
        ),
        (
            "{from: middle, default: true, guard: amount > 1}",
            "9:25 transitions.extra.default: the default fires when no guard holds",
        ),
        (
            "{from: middle, default: yes}",
            "9:34 transitions.extra.default: must be true or false, not the text 'yes'",
        ),
        (
            "{from: middle, priority: high}",
            "9:35 transitions.extra.priority: must be a whole number, not the text 'high'",
        ),
        (
            "{from: middle, priority: 1.5}",
            "9:35 transitions.extra.priority: must be a whole number, not 1.5",
        ),
        ("{from: {middle: 0}}", "9:26 transitions.extra.from.middle: must be at least 1, not 0"),
        (
            "{from: [middle, middle]}",
            "9:26 transitions.extra.from[1]: "
            "the place 'middle' stands here twice: write `{middle: 2}` for two tokens",
        ),
        (
            "{from: middle, resets: {end: 1}}",
            "9:33 transitions.extra.resets: must be a list of places",
        ),
        (
            "{from: middle, set: {amuont: 1}}",
            "9:31 transitions.extra.set.amuont: "
            "the data has no field 'amuont'. Did you mean 'amount'?",
        ),
        ("{from: middle, guard: [a]}", "9:32 transitions.extra.guard: must be text, not a list"),
        (
            "{from: middle, position: [1]}",
            "9:35 transitions.extra.position: must be [x, y], two numbers, not a list",
        ),
        (
            "{from: middle, form: start}",
            "9:25 transitions.extra.form: unknown key 'form'. Did you mean 'from'?",
        ),
        (
            "{from: middle, title: Over 1,000}",
            "9:39 transitions.extra.000: "
            "unknown key '000'. If the comma before it belongs to a text",
        ),
        (
            f"{{from: middle, guard: {'a' * 2001}}}",
            "9:32 transitions.extra.guard: has 2001 characters; 2000 is the most",
        ),
    ],
)
def test_a_mistake_in_a_transition_is_told(transition, problem):
    (only,) = told(with_transition(transition))

    assert only.startswith(problem)


def test_a_decision_has_one_default():
    (only,) = told(
        with_transition("{from: [start, end], to: middle, default: true}")
        + "  more: {from: [end, start], to: middle, default: true}\n"
    )

    assert only == "10:42 transitions.more.default: this decision has a default already: 'extra'"


def test_defaults_of_different_decisions_are_no_mistake():
    text = with_transition("{from: end, default: true}") + "  more: {from: start, default: true}\n"

    assert len(read(text).transitions) == 4
