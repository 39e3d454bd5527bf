"""What is found before anything runs: unknown names, wrong types, and what may be empty."""

from __future__ import annotations

import pytest

from tests.expressions.world import SCOPE, compiled
from workflows.expressions import (
    BOOLEAN,
    NUMBER,
    TEXT,
    ExpressionError,
    Kind,
    compile_expression,
    one_of,
    optional,
)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("amonut <= 1000", '"amonut" is not a field of this flow. Did you mean amount?'),
        ("Amount <= 1000", "Did you mean amount?"),
        ("金頟 > 1", "Did you mean 金额?"),
        ("lines[0].amunt", '"amunt" is not a field of lines[0]. Did you mean amount?'),
        ("zzz", "Its fields are: amount, days, category"),
        ("sun(tags)", 'There is no function "sun". Did you mean sum?'),
        ("category == 'travle'", "'travle' is never a value of category"),
        ("category == 'travle'", "it is one of travel, meals, other. Did you mean travel?"),
        ("category in ['travel', 'x']", "'x' is never a value of category"),
        ("'x' != category", "'x' is never a value of category"),
        ("[t for t in tags if t == 5]", "The left side is text, the right side a number"),
        ("amount == '5'", "A number stands without quotes."),
        ("amount and urgent", 'What "and" joins must be true or false, not a number.'),
        ("not amount", 'What stands after "not" must be true or false'),
        ("1 if amount else 2", 'What stands after "if" must be true or false'),
        ("1 if urgent else 'a'", 'Both sides of "if ... else" must be of one kind'),
        ("[1, 'a']", "All elements of a list must be of one kind"),
        ("tags + 'x'", 'What "+" adds to a text must be text, not a list.'),
        ("tags * 3", 'Each side of "*" must be a number, not a list.'),
        ("'a' * 3", "must be a number, not text"),
        ("'%d' % 3", "must be a number, not text"),
        ("urgent < true", '"<" has no meaning for true or false.'),
        ("amount < 'a'", "cannot be compared"),
        ("amount in 5", 'What stands after "in" must be a list or people or text, not a number.'),
        ("5 in 'abc'", 'What stands before "in" must be text'),
        ("amount.x", "amount has no fields: it is a number."),
        ("answer.status", "answer has no fields: it is anything."),
        ("amount[0]", "What stands before [ must be a list, not a number."),
        ("tags['a']", "The position in a list must be a number, not text."),
        ("tags[0:1]", "A part of a list ([a:b]) is not possible"),
        ("len()", "A value is missing: write len(list)."),
        ("len(tags, tags)", "Too many values: write len(list)."),
        ("round(1, digits=2)", "This cannot be given here: write round(number, places=0)."),
        ("round(1, 2, places=2)", "places is given twice."),
        ("round(1, number=2)", "number is given twice."),
        ("len(5)", '"value" in len(list) must be a list or people or text, not a number.'),
        ("sum(tags)", "This needs a list of numbers"),
        ("any([1])", "This needs a list of true or false"),
        ("min(urgent)", "must be"),
        ("min(5)", "This needs a list, or at least two values."),
        ("min(1, 'a')", "All values must be of one kind"),
        ("max(lines)", "numbers, dates or texts"),
        ("amount is none", 'Write == instead of "is".'),
        ("amount is not none", 'Write != instead of "is".'),
        ("amount ** 2", "** is not possible"),
        ("amount @ 2", "@ is not possible"),
        ("days & 2", "& is not possible"),
        ("days ^ 2", "^ is not possible"),
        ("days << 2", "<< is not possible"),
        ("~days", "~ is not possible"),
        ("1 == (2 == 3) == 4", 'Write this as two comparisons joined by "and".'),
        ("1, 2", "A comma here is not possible"),
        ("...", "This is not a number or a text."),
        ("b'a'", "This is not a number or a text."),
    ],
)
def test_a_mistake_is_told_in_plain_words(source, message):
    with pytest.raises(ExpressionError) as caught:
        compiled(source)

    assert message in caught.value.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "The expression is empty."),
        (" \n ", "The expression is empty."),
        ("amount >", "ends too early"),
        ("amount and", "ends too early"),
        ("amount = 5", "Write == to compare."),
        ("amount && days", "Write and instead of &&"),
        ("amount || days", "Write or instead of ||"),
        ("!urgent", "Write not instead of !"),
        ("amount <> 5", "Write != instead of <>"),
        ("amount => 5", "Write >= instead of =>"),
        ("amount ≤ 5", "Write <= instead of ≤"),
        ("category == “travel”", 'Write " instead of “'),
        ("amount > 5 AND urgent", "Write and in lower case."),
        ("round（1）", '"（" cannot be used here. Write "(" instead.'),
        ("round(1", '"(" is never closed.'),
        ("round(1))", '")" has no bracket to close.'),
        ("round(1]", '"]" has no bracket to close.'),
        ("'abc", "This text is never closed"),
        ("amount days", "cannot be read"),
        ("amount > 5 # a comment", "A comment is not possible"),
        ("(amount # a comment\n)", "never closed"),
        ("amount > 1 # always\nand urgent", "A comment is not possible"),
        ("'''a\nb'''", "A text must stand on one line."),
        ("'a\\nb'", "A backslash is not possible"),
        ("x = 5; y", "Write == to compare."),
        ("import os", "cannot be read"),
    ],
)
def test_a_mistake_in_the_syntax_is_told_without_python_words(source, message):
    with pytest.raises(ExpressionError) as caught:
        compiled(source)

    assert message in caught.value.message


def test_an_error_shows_its_place():
    with pytest.raises(ExpressionError) as caught:
        compiled("amonut <= 1000")

    assert str(caught.value) == (
        '"amonut" is not a field of this flow. Did you mean amount?\n    amonut <= 1000\n    ^^^^^^'
    )


def test_an_error_in_a_later_line_shows_that_line():
    with pytest.raises(ExpressionError) as caught:
        compiled("amount > 5\n  and dais > 1")

    assert caught.value.line() == "  and dais > 1"
    assert caught.value.caret() == "      ^^^^"
    assert caught.value.offset == 17


def test_wide_letters_are_counted_as_two_columns():
    with pytest.raises(ExpressionError) as caught:
        compiled("金额 > 没有")

    assert caught.value.line() == "金额 > 没有"
    assert caught.value.caret() == " " * 7 + "^" * 4


def test_a_long_line_is_cut_around_the_place():
    with pytest.raises(ExpressionError) as caught:
        compiled("1 + " * 30 + "amonut" + " + 1" * 5)

    assert len(caught.value.line()) == 100
    start = caught.value.caret().index("^")
    assert caught.value.line()[start : start + 6] == "amonut"


@pytest.mark.parametrize(
    ("source", "warned"),
    [
        ("comment == 'a'", []),
        ("comment < 'a'", ["comment may be empty here."]),
        ("comment + 'a'", ["comment may be empty here."]),
        ("score + score > 1", ["score may be empty here.", "score may be empty here."]),
        ("score > 1 and score < 9", ["score may be empty here."]),
        ("address.city == 'x'", ["address may be empty here."]),
        ("lower(address.city)", ["address may be empty here.", "address.city may be empty here."]),
        ("exists(comment) and len(comment) > 3", []),
        ("comment != none and len(comment) > 3", []),
        ("comment == none or len(comment) > 3", []),
        ("not exists(comment) or len(comment) > 3", []),
        ("not (comment == none) and len(comment) > 3", []),
        ("len(comment) if exists(comment) else 0", []),
        ("0 if comment == none else len(comment)", []),
        ("exists(address.city) and len(address.city) > 1", []),
        ("comment == 'abc' and len(comment) > 1", []),
        ("exists(comment) or len(comment) > 3", ["comment may be empty here."]),
        ("(exists(comment) or urgent) and len(comment) > 3", ["comment may be empty here."]),
        ("(exists(comment) and urgent) or len(comment) > 3", ["comment may be empty here."]),
        ("comment != 'a' and len(comment) > 3", ["comment may be empty here."]),
        ("sum(len(l.note) for l in lines)", ["l.note may be empty here."]),
        ("sum(len(l.note) for l in lines if exists(l.note))", []),
    ],
)
def test_what_may_be_empty_is_warned_of(source, warned):
    assert [str(warning) for warning in compiled(source).warnings] == warned


def test_a_warning_knows_its_place():
    (warning,) = compiled("days > 1 and comment < 'a'").warnings

    assert (warning.offset, warning.end) == (13, 20)


@pytest.mark.parametrize(
    ("source", "kind", "is_optional"),
    [
        ("amount", Kind.NUMBER, False),
        ("comment", Kind.TEXT, True),
        ("comment if exists(comment) else ''", Kind.TEXT, False),
        ("1 if urgent else none", Kind.NUMBER, True),
        ("start + '1 day'", Kind.DATE, False),
        ("manager(requester)", Kind.PERSON, True),
        ("requester | requester", Kind.PEOPLE, False),
        ("lines", Kind.LIST, False),
        ("answer['x']", Kind.ANY, False),
        ("none", Kind.NONE, False),
    ],
)
def test_an_expression_has_a_type(source, kind, is_optional):
    type_ = compiled(source).type

    assert (type_.kind, type_.optional) == (kind, is_optional)


@pytest.mark.parametrize(
    ("source", "expected", "message"),
    [
        ("amount", BOOLEAN, "This must be true or false, not a number."),
        ("none", BOOLEAN, "This must be true or false, not none."),
        ("'rejectd'", one_of("rejected", "approved"), "is never a value of this field"),
        ("'5'", NUMBER, "This must be a number, not text."),
        ("category", one_of("rejected"), "This must be text"),
    ],
)
def test_an_expression_must_fit_where_it_stands(source, expected, message):
    with pytest.raises(ExpressionError) as caught:
        compiled(source, expected)

    assert message in caught.value.message


def test_an_empty_value_may_be_set_where_the_field_may_be_empty():
    assert compiled("none", optional(TEXT)).warnings == ()


def test_an_optional_value_for_a_required_field_is_warned_of():
    (warning,) = compiled("comment", TEXT).warnings

    assert str(warning) == "comment may be empty here."


def test_the_names_are_those_that_are_read():
    source = "sum(line.amount for line in lines) > amount and start > today"

    assert compiled(source).names == {"lines", "amount", "start", "today"}


def test_without_task_keys_any_task_may_be_named():
    from dataclasses import replace

    scope = replace(SCOPE, task_keys=None)

    assert compile_expression("did('whatever')", scope=scope).type.kind is Kind.PERSON


def test_what_is_no_text_is_refused():
    with pytest.raises(ExpressionError, match="An expression is text, not bool"):
        compile_expression(True, scope=SCOPE)  # type: ignore[arg-type]
