"""What holds for every expression. `GOFLOW_FUZZ=100` tries a hundred times as many."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.expressions.strategies import anything, many, mutated, people, soups, well_typed
from tests.expressions.world import SCOPE, VALUES, compiled, make_context, people_of
from workflows.directory import PersonId
from workflows.expressions import (
    BOOLEAN,
    DATETIME,
    DURATION,
    PEOPLE,
    EvaluationError,
    ExpressionError,
    Kind,
    Type,
    compile_expression,
    scope_of,
)
from workflows.expressions.values import kind_of

EXPECTED: tuple[Type | None, ...] = (None, BOOLEAN, DURATION, PEOPLE, DATETIME)
SPARSE = {name: value for name, value in VALUES.items() if name not in ("approver", "answer")}
WRONG: dict[str, Any] = dict.fromkeys(VALUES, "wrong") | {"lines": [1, None], "score": [2]}
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)


def only_own_errors(source: str, expected: Type | None, values: dict[str, Any]) -> None:
    refused: ExpressionError | None = None
    failed: EvaluationError | None = None
    try:
        expression = compile_expression(source, scope=SCOPE, expected=expected)
        expression.evaluate(values, context=make_context())
    except ExpressionError as error:
        refused = error
    except EvaluationError as error:
        failed = error

    if refused is not None:
        assert refused.offset is None or 0 <= refused.offset <= len(source)
        assert len(str(refused)) < 1_500
    if failed is not None:
        assert failed.source == source
        assert failed.offset is not None
        assert len(str(failed)) < 1_500


@many(150)
@given(anything, st.sampled_from(EXPECTED))
@example("\ud800", None)
@example("3 \ud800", DURATION)
@example("0" * 1_999 + " d", DURATION)
def test_any_text_is_an_expression_or_an_expression_error(source, expected):
    only_own_errors(source, expected, VALUES)


@many(150)
@given(soups, st.sampled_from(EXPECTED), st.sampled_from([VALUES, SPARSE, {}, WRONG]))
def test_any_soup_of_tokens_is_an_expression_or_an_expression_error(source, expected, values):
    only_own_errors(source, expected, values)


@many(200)
@given(mutated(), st.sampled_from(EXPECTED), st.sampled_from([VALUES, SPARSE, {}, WRONG]))
def test_a_broken_expression_gives_only_the_languages_own_errors(source, expected, values):
    only_own_errors(source, expected, values)


@many(100)
@given(well_typed, st.dictionaries(st.sampled_from(sorted(VALUES)), json_like))
def test_any_data_gives_only_the_languages_own_errors(source, changes):
    only_own_errors(source, None, {**VALUES, **changes})


@many(150)
@given(well_typed)
def test_a_well_typed_expression_compiles_and_its_value_has_its_type(source):
    expression = compiled(source)
    try:
        value = expression.evaluate(VALUES, context=make_context())
    except EvaluationError:
        return

    allowed = {expression.type.kind} | ({Kind.NONE} if expression.type.optional else set())
    assert expression.type.kind is Kind.ANY or kind_of(value) in allowed


@many(100)
@given(well_typed)
def test_the_value_depends_on_nothing_but_the_names(source):
    expression = compiled(source)
    wanted = {name: value for name, value in VALUES.items() if name in expression.names}

    assert outcome(expression, wanted) == outcome(expression, VALUES)


def outcome(expression: Any, values: dict[str, Any]) -> object:
    try:
        return expression.evaluate(values, context=make_context())
    except EvaluationError as error:
        return str(error)


arithmetic = st.recursive(
    st.decimals(min_value=-1000, max_value=1000, places=2).map(lambda n: (str(n), Fraction(n))),
    lambda inner: st.builds(
        lambda a, op, b: (
            f"({a[0]} {op} {b[0]})",
            {"+": a[1] + b[1], "-": a[1] - b[1], "*": a[1] * b[1]}[op],
        ),
        inner,
        st.sampled_from("+-*"),
        inner,
    ),
    max_leaves=5,
)


@many(80)
@given(arithmetic)
def test_arithmetic_agrees_with_fractions(pair):
    source, exact = pair

    value = compiled(source).evaluate({}, context=make_context())

    assert isinstance(value, Decimal)
    assert Fraction(value) == exact


@many(100)
@given(st.integers(-50, 50), st.integers(-9, 9).filter(bool))
def test_whole_division_agrees_with_pythons(one, other):
    found = compiled(f"[{one} // {other}, {one} % {other}]").evaluate({}, context=make_context())

    assert found == [one // other, one % other]


def meaning(source: str, members: dict[str, set[int]]) -> set[int]:
    """Return who is meant, worked out on plain sets: `|` and `-` are those of Python's sets."""
    context = make_context()
    leaves = {
        leaf: (
            members[leaf.split("'")[1]]
            if leaf.startswith("group")
            else set(people_of(leaf, context).people)
        )
        for leaf in LEAVES
    }
    for position, leaf in enumerate(LEAVES):
        source = source.replace(leaf, f"@{position}@")
    for position, leaf in enumerate(LEAVES):
        source = source.replace(f"@{position}@", f"frozenset({sorted(leaves[leaf])})")
    return set(eval(source, {"frozenset": frozenset}))  # noqa: S307  # frozensets only


LEAVES = [
    "user('ada')",
    "user('nobody')",
    "group('finance')",
    "group('board')",
    "role('head')",
    "manager(requester)",
    "did('review')",
    "field('approver')",
    "requester",
    "none",
]


@many(120)
@given(people)
def test_the_algebra_of_people_is_that_of_sets(source):
    context = make_context()
    groups: Any = context.directory
    found = people_of(source, context)

    assert found.present(context.directory) == meaning(source, groups.groups)
    assert not (found.excluded and not found.groups)


@many(50)
@given(people, st.sampled_from(["finance", "board"]))
def test_a_later_member_is_a_candidate_wherever_the_group_stands_alone(source, group):
    context = make_context()
    newcomer = PersonId(77)
    found = people_of(f"{source} | group('{group}')", context)
    directory: Any = context.directory
    directory.groups[group].add(newcomer)

    assert newcomer in found.present(context.directory)


optional_fields = ["x", "y", "r.a", "r"]
conditions = st.recursive(
    st.one_of(
        st.builds(lambda f: f"exists({f})", st.sampled_from(optional_fields)),
        st.builds(
            lambda f, op: f"{f} {op} none",
            st.sampled_from(["x", "y", "r.a"]),
            st.sampled_from(["==", "!="]),
        ),
        st.builds(
            lambda f, op, n: f"{f} {op} {n}",
            st.sampled_from(["x", "y", "r.a"]),
            st.sampled_from(["==", "!=", "<", ">="]),
            st.sampled_from(["1", "2", "x", "y", "w"]),
        ),
        st.builds(lambda f: f"-{f} < 0", st.sampled_from(["x", "y", "r.a"])),
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a} and {b})", inner, inner),
        st.builds(lambda a, b: f"({a} or {b})", inner, inner),
        st.builds(lambda a: f"not ({a})", inner),
        st.builds(lambda a, b, c: f"({b} if {a} else {c})", inner, inner, inner),
        st.builds(lambda a, b: f"all({b} for e in [1] if {a})", inner, inner),
    ),
    max_leaves=6,
)
NULLABLE = scope_of(
    {
        "properties": {
            "x": {"type": "number"},
            "y": {"type": "number"},
            "w": {"type": "number"},
            "r": {"properties": {"a": {"type": "number"}}},
        },
        "required": ["w"],
    }
)
ABSENT = [{}, {"x": Decimal(1)}, {"x": Decimal(2)}]
RECORDS = [{}, {"r": {}}, {"r": {"a": Decimal(1)}}]


@many(200)
@given(conditions)
def test_what_is_not_warned_of_is_never_empty(source):
    try:
        expression = compile_expression(source, scope=NULLABLE)
    except ExpressionError:
        # Two "for" within each other, or too deep.
        return
    if expression.warnings:
        return
    for x, y, r in itertools.product(ABSENT, ABSENT, RECORDS):
        values = {"w": Decimal(1), **x, **r, "y": y.get("x")}
        expression.evaluate(values, context=make_context())


def test_the_generator_of_conditions_finds_some_without_warnings():
    compiled_ones = ["exists(x) and -x < 0", "x == none or x < 1", "x == w and x < 1"]

    for source in compiled_ones:
        assert not compile_expression(source, scope=NULLABLE).warnings


@pytest.mark.parametrize("source", ["x < 1", "x != w and x < 1", "exists(r) and r.a < 1"])
def test_the_rest_is_warned_of(source):
    assert compile_expression(source, scope=NULLABLE).warnings
