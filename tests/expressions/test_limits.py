"""Nothing that an expression does takes much time or memory."""

from __future__ import annotations

import contextlib
import inspect
import sys
import time
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from tests.expressions.world import compiled, make_context, value_of
from workflows.expressions import EvaluationError, ExpressionError

MANY = [{"amount": Decimal(5)}] * 20_000


@pytest.mark.parametrize(
    "source",
    [
        "9**9**9",
        "'a' * 10**9",
        "'a' * 1000000000",
        "'%1000000000d' % 1",
        "[0] * 1000000000",
        "(" * 10_000 + "1" + ")" * 10_000,
        "(" * 900 + "1" + ")" * 900,
        "[" * 900 + "]" * 900,
        " + ".join(["1"] * 20_000),
        " + ".join(["1"] * 480),
        " and ".join(["true"] * 280),
        "not " * 490 + "true",
        "-" * 1_990 + "1",
        "~" * 1_990 + "1",
        "1 if true else " * 130 + "1",
        "a" + ".a" * 990,
        "tags" + "[0]" * 600,
        "1<" * 990 + "1",
        "f(" * 900 + ")" * 900,
        "lambda:" * 280 + "1",
        "[x for x in " * 160 + "tags" + "]" * 160,
        "{" * 990,
        "'" * 1_999,
        "1" * 2_000,
        "date(" + "9" * 1_990 + ")",
        "\n" * 2_001,
        "(\n" * 900,
    ],
)
def test_a_bomb_is_refused_at_once(source):
    start = time.process_time()

    with pytest.raises(ExpressionError):
        compiled(source)

    assert time.process_time() - start < 0.5


def test_the_longest_expression_is_accepted():
    assert value_of("amount > 1" + " " * 1_990) is True


def test_one_letter_more_is_refused():
    with pytest.raises(ExpressionError, match="at most 2,000 are possible"):
        compiled("amount > 1" + " " * 1_991)


def test_nesting_up_to_the_limit_is_accepted():
    assert value_of("1" + " + 1" * 39) == 40


def test_nesting_beyond_the_limit_is_refused():
    with pytest.raises(ExpressionError, match="at most 40 levels"):
        compiled("1" + " + 1" * 40)


def test_more_than_200_parts_are_refused():
    with pytest.raises(ExpressionError, match="at most 200 parts"):
        compiled("[" + "1, " * 200 + "]")


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("sum(l.amount * l.amount + l.amount / 3 for l in lines if l.amount > 0)", {"lines": MANY}),
        ("[lines for l in lines]", {"lines": MANY[:5_000]}),
        ("[lines for l in lines] == [lines for l in lines]", {"lines": MANY[:300]}),
        ("lines in [lines, lines, lines]", {"lines": MANY}),
        ("any(comment in approver for l in lines)", {"lines": MANY, "comment": "a" * 9**5}),
        ("sum(len(lower(comment)) for l in lines)", {"lines": MANY, "comment": "a" * 20_000}),
        ("comment + comment", {"comment": "a" * 40_000}),
        ("upper(comment)", {"comment": "ß" * 40_000}),
        ("any(exists(manager(requester, level=3)) for l in lines)", {"lines": MANY}),
        ("any(x == lines for x in answer)", {"lines": MANY, "answer": [MANY] * 100}),
    ],
)
def test_an_evaluation_that_costs_too_much_is_stopped(source, values):
    start = time.process_time()

    with pytest.raises(EvaluationError):
        value_of(source, **values)

    assert time.process_time() - start < 0.5


def test_the_directory_is_asked_a_hundred_questions_at_most():
    context = make_context()
    source = "any(exists(manager(requester)) and false for l in lines)"

    with pytest.raises(EvaluationError, match="takes too long"):
        compiled(source).evaluate({"lines": MANY}, context=context)

    assert context.directory.questions <= 100  # type: ignore[attr-defined]


def test_a_thousand_lines_are_no_problem():
    lines = [{"amount": Decimal("0.1")}] * 1_000

    assert value_of("sum(line.amount for line in lines)", lines=lines) == 100


def test_memory_stays_small():
    expression = compiled("[comment + comment for l in lines]")
    tracemalloc.start()

    with pytest.raises(EvaluationError):
        expression.evaluate({"lines": MANY, "comment": "a" * 30_000}, context=make_context())

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


def test_data_that_is_nested_without_end_is_told():
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(EvaluationError):
        value_of("answer == tags or answer == [answer]", answer=endless)


def test_near_the_end_of_the_stack_only_the_languages_own_error_comes_out():
    def compile_below(frames: int) -> None:
        if frames:
            compile_below(frames - 1)
            return
        with contextlib.suppress(ExpressionError):
            compiled("1" + " + 1" * 39)

    for room in range(60, 160, 5):
        compile_below(sys.getrecursionlimit() - len(inspect.stack(0)) - room)
