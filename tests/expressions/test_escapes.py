"""No expression reaches anything but the flow's data: the escapes that opened other sandboxes."""

from __future__ import annotations

import ast
import builtins
from pathlib import Path

import pytest

import workflows.data
import workflows.expressions
from tests.expressions.world import SCOPE, VALUES, compiled, make_context, value_of
from workflows.expressions import ExpressionError, compile_expression
from workflows.expressions.functions import FUNCTIONS

ESCAPES = [
    # Dunder chains
    "().__class__.__bases__[0].__subclasses__()",
    "''.__class__.__mro__[1].__subclasses__()",
    "[].__class__.__base__",
    "amount.__class__",
    "lines.__class__",
    "lines[0].__class__",
    "lines[0]['__class__']",
    "address.__dict__",
    "answer.__class__",
    "requester.__class__",
    "requester.id",
    "len.__globals__",
    "len.__self__",
    "date.today()",
    "lines[0].keys()",
    "lines[0].items",
    "tags.append('x')",
    "category.format(1)",
    # Names of Python
    "__import__('os').system('id')",
    "__builtins__",
    "__builtins__['eval']",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "open('/etc/passwd').read()",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "getattr(amount, 'real')",
    "type(amount)",
    "object",
    "print(1)",
    "input()",
    "breakpoint()",
    "help()",
    "super()",
    "self",
    "str(amount)",
    "int('5')",
    "frame",
    "context",
    "values",
    # Text formats
    "'{0.__class__}'.format(amount)",
    "'%s' % amount",
    "'%(a)s' % lines[0]",
    "f'{amount}'",
    "f'{amount.__class__}'",
    "f''",
    "'{}'.format",
    "'a' 'b' f'{1}'",
    # Generators and frames
    "(x for x in tags).gi_frame",
    "(x for x in tags).gi_frame.f_back.f_globals",
    "[x for x in tags].__iter__",
    "(lambda: 1)()",
    "lambda: (yield)",
    "(yield)",
    "await amount",
    "[(yield x) for x in tags]",
    "[x := 1, x]",
    "(amount := 5)",
    "[y := x for x in tags]",
    "any((last := x) == 'a' for x in tags)",
    # Arguments
    "len(*tags)",
    "len(*[tags])",
    "round(**answer)",
    "round(1, **{'places': 2})",
    "round(__class__=1)",
    "[*tags]",
    "{**answer}",
    "sum(x for x in tags, 1)",
    "len[0]",
    "len",
    "(len)(tags)(0)",
    "(len if urgent else sum)(tags)",
    "[len][0](tags)",
    "lines[0](1)",
    # Look-alikes
    "__ｉmport__('os')",
    "ｅval('1')",
    "amount.＿＿class＿＿",
    "lines[0].＿＿class＿＿",
    "ﬁeld.x",
    "аmount > 1",
    "amоunt > 1",
    "a\u200bmount > 1",
    "am\u00adount > 1",
    "amount\u3164 > 1",
    "\u202eamount > 1",
    "'\u202e' == category",
    "amount\u00a0> 1",
    "amount\u3000> 1",
    # Broken text
    "amount\x00 > 1",
    "'\x00'",
    "'\ud800'",
    "\udfff",
    "\x1b[31mamount",
    "'\\x41'",
    "'\\N{BULLET}'",
    "'\\ud800'",
    "\\",
    "amount \\\n> 1",
    "r'\\'",
    "b'a'",
    "u'a'.x",
    # Templates
    "{{ 7 * 7 }}",
    "{% include 'x' %}",
    "${7*7}",
    "#{7*7}",
    "<script>alert(1)</script>",
    # Statements
    "amount = 5",
    "amount; amount",
    "import os",
    "del amount",
    "amount if urgent",
    "assert amount",
    "pass",
    "return 1",
    "x: int = 5",
    "@amount",
    "amount += 1",
    "print amount",
    "tags[::]",
    "tags[0, 1]",
    "tags[...]",
    "tags[*tags]",
    "()",
    "(1,)",
    "{}",
    "set()",
    "...",
    "NotImplemented",
    "__debug__",
    "_",
    "__name__",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_an_escape_is_refused(source):
    with pytest.raises(ExpressionError) as caught:
        compiled(source)

    assert str(caught.value)


@pytest.mark.parametrize("source", ESCAPES)
def test_an_error_can_always_be_kept_and_shown(source):
    with pytest.raises(ExpressionError) as caught:
        compiled(source)

    assert len(str(caught.value)) < 1_000
    str(caught.value).encode("utf-8", "strict")


def test_no_builtin_of_python_is_a_function():
    ours = set(FUNCTIONS)
    reached = [
        name
        for name in dir(builtins)
        if name not in ours and _compiles(f"{name}(1)") or _compiles(f"{name}.x")
    ]

    assert reached == []


def _compiles(source: str) -> bool:
    try:
        compiled(source)
    except ExpressionError:
        return False
    return True


def test_full_width_letters_mean_the_plain_field():
    assert value_of("ａｍｏｕｎｔ == amount") is True
    assert compiled("ａｍｏｕｎｔ > 1").names == {"amount"}


def test_values_of_the_data_are_never_read_as_expressions():
    evil = "__import__('os').system('id')"

    assert value_of("comment + '!'", comment=evil) == evil + "!"
    assert value_of("field('approver') == none", approver=evil) is True


def test_undeclared_data_cannot_be_named():
    with pytest.raises(ExpressionError, match='"secret" is not a field'):
        compile_expression("secret", scope=SCOPE)


def test_evaluation_leaves_the_data_as_it_was():
    before = repr(VALUES)

    compiled("[line.amount for line in lines if line.amount > 0]").evaluate(
        VALUES, context=make_context()
    )

    assert repr(VALUES) == before


@pytest.mark.parametrize("package", [workflows.expressions, workflows.data])
def test_the_package_never_runs_text(package):
    """`ast.parse` with mode "eval" is the only reader of source text, and it runs nothing."""
    for file in Path(package.__file__).parent.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & {"eval", "exec", "compile", "__import__", "open"}, file


def test_no_attribute_of_a_value_is_read_by_a_name_from_the_source():
    root = Path(workflows.expressions.__file__).parent / "evaluation"
    for file in root.glob("*.py"):
        assert "getattr(" not in file.read_text(encoding="utf-8"), file
