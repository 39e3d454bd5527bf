"""Expressions for hypothesis: well-typed ones, broken ones, and soups of tokens."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

EFFORT = int(os.environ.get("GOFLOW_FUZZ", "1"))
"""How many times more examples than in a normal run."""


def many(examples: int) -> settings:
    return settings(
        max_examples=examples * EFFORT,
        deadline=None,
        derandomize=EFFORT == 1,
        # Explaining a failure traces every line, which takes minutes here.
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


NUMBERS = ["0", "1", "3", "0.1", "1000", "99.99", "amount", "days", "score", "金额", "len(tags)"]
BOOLEANS = ["true", "false", "urgent", "exists(comment)", "category == 'meals'"]
TEXTS = ["'a'", "''", "'请假'", "comment", "business_key", "lower(approver)"]
DATES = ["start", "end", "today", "date('2026-02-28')", "date(now)"]
LISTS = [
    "[1, 2]",
    "[line.amount for line in lines]",
    "[days]",
    "[l.amount for l in lines if urgent]",
]
PEOPLE = [
    "requester",
    "user('ada')",
    "user('nobody')",
    "group('finance')",
    "group('board')",
    "role('head')",
    "manager(requester)",
    "did('review')",
    "field('approver')",
    "none",
]
TOKENS = [
    *(
        "and",
        "or",
        "not",
        "in",
        "if",
        "else",
        "for",
        "is",
        "lambda",
        "await",
        "yield",
        "none",
        "true",
    ),
    *(
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "|",
        "&",
        "^",
        "~",
        "<<",
        "==",
        "!=",
        "<",
        ">=",
        ":=",
        "=",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        ";",
        "@",
        "\\",
        "#",
        "'",
        '"',
        "`",
        "!",
        "$",
        "?",
    ),
    *("amount", "lines", "line", "tags", "comment", "answer", "address", "requester", "金额", "x"),
    *("sum", "len", "date", "exists", "manager", "field", "group", "user", "round", "min", "any"),
    *("1", "0", "0.1", "9" * 40, "1e999999999", "0x1", "1j", "1_0", "'ada'", "'3 days'", "f'{x}'"),
    *("__class__", "__import__", "eval", "b'a'", " ", "\n", "\t", "\x00", "\ud800", "\u202e", "ｅ"),
    *(
        "level=2",
        "up_to=3",
        "*tags",
        "**answer",
        ".amount",
        "[0]",
        "(1)",
        "3 days",
        "2 working days",
    ),
]


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%"])
    return st.one_of(
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, operators, inner),
        st.builds(lambda a: f"-{a}", inner),
        st.builds(lambda a, n: f"round({a}, {n})", inner, st.integers(-3, 5)),
        st.builds(lambda a, b: f"max({a}, {b})", inner, inner),
        st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, booleans, inner),
        st.builds(lambda xs: f"sum({xs})", st.sampled_from(LISTS)),
    )


def _booleans(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    sides = [simple_numbers, st.sampled_from(TEXTS), st.sampled_from(DATES)]
    return st.one_of(
        *(st.builds(lambda a, op, b: f"{a} {op} {b}", s, comparators, s) for s in sides),
        st.builds(lambda a, b: f"({a} and {b})", inner, inner),
        st.builds(lambda a, b: f"({a} or {b})", inner, inner),
        st.builds(lambda a: f"not ({a})", inner),
        st.builds(lambda a, xs: f"{a} in {xs}", simple_numbers, st.sampled_from(LISTS)),
    )


def _people(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, b: f"({a} | {b})", inner, inner),
        st.builds(lambda a, b: f"({a} - {b})", inner, inner),
    )


simple_numbers = st.sampled_from(NUMBERS)
booleans = st.recursive(st.sampled_from(BOOLEANS), _booleans, max_leaves=6)
numbers = st.recursive(simple_numbers, _numbers, max_leaves=8)
texts = st.builds(
    lambda parts: " + ".join(parts),
    st.lists(st.sampled_from([*TEXTS, "category"]), min_size=1, max_size=4),
)
people = st.recursive(st.sampled_from(PEOPLE), _people, max_leaves=6)
dates = st.builds(
    lambda day, sign, length: f"{day} {sign} '{length}'",
    st.sampled_from(DATES),
    st.sampled_from("+-"),
    st.sampled_from(["1 day", "2 weeks", "3 working days", "36525 days"]),
)
well_typed = st.one_of(numbers, booleans, texts, people, dates, st.sampled_from(LISTS))

soups = st.lists(st.sampled_from(TOKENS), max_size=25).flatmap(
    lambda tokens: st.sampled_from([" ".join(tokens), "".join(tokens)])
)
anything = st.text(st.characters(exclude_categories=()), max_size=60)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A well-typed expression with a few letters removed, doubled or replaced."""
    source = draw(well_typed)
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, len(source)))
        removed = draw(st.integers(0, 2))
        new = draw(st.one_of(st.sampled_from(TOKENS), st.just(""), anything.map(lambda t: t[:2])))
        source = source[:position] + new + source[position + removed :]
    return source
