"""The static checker: from Python's syntax tree to the typed tree, or an error with its place.

An allow-list: a kind of syntax that has no method here is refused.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from typing import Final

from workflows.expressions import operators
from workflows.expressions.calls import check_call
from workflows.expressions.durations import parse_duration
from workflows.expressions.errors import EvaluationError, ExpressionError
from workflows.expressions.narrowing import when_false, when_true
from workflows.expressions.scope import GIVEN_NAMES, Scope
from workflows.expressions.syntax import Syntax
from workflows.expressions.tree import (
    And,
    Choice,
    Each,
    FieldOf,
    Index,
    Item,
    ListOf,
    Literal,
    Name,
    Node,
    Not,
    Or,
    path,
)
from workflows.expressions.types import (
    ANY,
    BOOLEAN,
    DURATION,
    NONE,
    NUMBER,
    Field,
    Kind,
    Type,
    described,
    join,
    list_of,
    one_of,
    present,
)
from workflows.expressions.values import number

_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CONSTANTS: Final = {"true": True, "false": False, "none": None}
_REFUSED: Final = {
    ast.Lambda: "lambda",
    ast.NamedExpr: ":=",
    ast.JoinedStr: "A text with {...} inside",
    ast.FormattedValue: "A text with {...} inside",
    ast.Starred: "*",
    ast.Dict: "{...}",
    ast.Set: "{...}",
    ast.DictComp: "{...}",
    ast.SetComp: "{...}",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Slice: "A part of a list ([a:b])",
    ast.Tuple: "A comma here",
}


@dataclass(frozen=True, slots=True)
class ExpressionWarning:
    """Something that is correct, but fails on some data: a field that may be empty."""

    message: str
    offset: int
    end: int

    def __str__(self) -> str:
        return self.message


class Checker:
    """Checks one expression. `names` and `warnings` are its by-products."""

    def __init__(self, syntax: Syntax, scope: Scope) -> None:
        self.scope = scope
        self.names: set[str] = set()
        self.warnings: list[ExpressionWarning] = []
        self._syntax = syntax
        self._item: tuple[str, Type] | None = None
        self._is_inside_each = False
        # Paths (`address`, `line.comment`) that cannot be none where the checker stands.
        self._known: frozenset[str] = frozenset()
        self._checks: dict[type[ast.expr], Callable[..., Node]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.List: self._list,
            ast.BoolOp: self._bool_op,
            ast.UnaryOp: self._unary_op,
            ast.BinOp: lambda node, expected: operators.check_binary(self, node),
            ast.Compare: lambda node, expected: operators.check_compare(self, node),
            ast.IfExp: self._choice,
            ast.ListComp: self._each,
            ast.GeneratorExp: self._each,
            ast.Call: lambda node, expected: check_call(self, node),
        }

    def check(self, node: ast.expr, expected: Type | None = None) -> Node:
        """Return the typed tree of `node`.

        `expected` only decides whether a text is read as a duration.

        Raises:
            ExpressionError: it has no meaning in this scope.
        """
        check = self._checks.get(type(node))
        if check is None:
            what = _REFUSED.get(type(node), "This")
            raise self.error(f"{what} is not possible in an expression.", node)
        return check(node, expected)

    def check_kind(self, node: ast.expr, kinds: Iterable[Kind], what: str) -> Node:
        """Return the typed tree of a part that must be of one of the `kinds`, and not none."""
        checked = self.check(node)
        self.demand(checked, frozenset(kinds), what)
        return checked

    def demand(self, node: Node, kinds: frozenset[Kind], what: str) -> None:
        """Refuse a part of another kind; warn where it may be none."""
        if node.type.kind not in kinds | {Kind.ANY}:
            wanted = " or ".join(described(kind) for kind in sorted(kinds))
            hint = _hint(node, kinds)
            raise self.error(
                f"{what} must be {wanted}, not {described(node.type.kind)}.{hint}", node
            )
        self.warn_if_none(node)

    def warn_if_none(self, node: Node) -> None:
        if node.type.optional:
            where = path(node)
            warning = ExpressionWarning(
                f"{where or 'this'} may be empty here.", node.offset, node.end
            )
            if warning not in self.warnings:
                self.warnings.append(warning)

    def error(self, message: str, node: ast.expr | ast.keyword | Node) -> ExpressionError:
        start, end = (node.offset, node.end) if isinstance(node, Node) else self.span(node)
        return ExpressionError(message, start, self._syntax.source, end)

    def error_between(self, message: str, start: int, end: int) -> ExpressionError:
        return ExpressionError(message, start, self._syntax.source, end)

    def source_of(self, node: Node) -> str:
        return self._syntax.source[node.offset : node.end]

    def check_quietly(self, node: ast.expr) -> Node:
        """Return the typed tree of a part that may well be none: it gives no warnings."""
        warnings = list(self.warnings)
        checked = self.check(node)
        self.warnings = warnings
        return checked

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        return self._syntax.span(node)

    def text(self, node: ast.expr) -> str:
        return self._syntax.text(node)

    def suggest(self, word: str, known: Iterable[str]) -> str:
        """Return ` Did you mean amount?`, or nothing."""
        known = list(known)
        close = difflib.get_close_matches(word.lower(), known, 1, 0.5 if len(word) < 4 else 0.6)
        close = close or [name for name in known if name.lower() == word.lower()]
        return f" Did you mean {close[0]}?" if close else ""

    # Parts of the language, one method each

    def _constant(self, node: ast.Constant, expected: Type | None) -> Node:
        place, value = self.span(node), node.value
        if value is None or isinstance(value, bool):
            return Literal(NONE if value is None else BOOLEAN, *place, value)
        if isinstance(value, str):
            if expected is not None and expected.kind is Kind.DURATION:
                return self._duration(node, value)
            return Literal(one_of(value), *place, value)
        if isinstance(value, (int, float)):
            exact = self._number(node)
            return Literal(replace(NUMBER, whole=exact == exact.to_integral_value()), *place, exact)
        raise self.error("This is not a number or a text.", node)

    def _number(self, node: ast.Constant) -> Decimal:
        text = self.text(node)
        if not _NUMBER.fullmatch(text):
            raise self.error("Write a number with digits only, e.g. 1000 or 0.25.", node)
        try:
            return number(Decimal(text))
        except (EvaluationError, DecimalException):
            raise self.error(
                "This number is too large or has too many digits (at most 34).", node
            ) from None

    def _duration(self, node: ast.Constant, text: str) -> Literal:
        start, end = self.span(node)
        source = self._syntax.source
        inner = start + 1 if source[start + 1 : end - 1] == text else start
        return Literal(DURATION, start, end, parse_duration(text, offset=inner, whole=source))

    def _name(self, node: ast.Name, expected: Type | None) -> Node:
        place, name = self.span(node), node.id
        if name in _CONSTANTS:
            value = _CONSTANTS[name]
            return Literal(NONE if value is None else BOOLEAN, *place, value)
        if self._item is not None and name == self._item[0]:
            return Item(self._narrowed(self._item[1], name), *place, name)
        declared = self.scope.names.get(name)
        if declared is None:
            raise self._unknown_name(node, name)
        self.names.add(name)
        return Name(self._narrowed(declared, name), *place, name)

    def _unknown_name(self, node: ast.expr, name: str) -> ExpressionError:
        known = [*self.scope.names, *_CONSTANTS, *([self._item[0]] if self._item else [])]
        hint = self.suggest(name, known)
        if not hint:
            fields = [field for field in self.scope.names if field not in GIVEN_NAMES]
            listed = ", ".join(fields[:12]) + (", ..." if len(fields) > 12 else "")
            hint = f" Its fields are: {listed}." if fields else " It has no fields."
        return self.error(f'"{name}" is not a field of this flow.{hint}', node)

    def _attribute(self, node: ast.Attribute, expected: Type | None) -> Node:
        record = self.check(node.value)
        return self._field_of(node, record, node.attr)

    def _field_of(self, node: ast.expr, record: Node, name: str) -> Node:
        if record.type.kind is not Kind.RECORD:
            raise self.error(
                f"{self._label(record)} has no fields: it is {described(record.type.kind)}.", node
            )
        field: Field | None = None if name.startswith("_") else record.type.field(name)
        if field is None:
            hint = self.suggest(name, (known.name for known in record.type.fields))
            raise self.error(f'"{name}" is not a field of {self._label(record)}.{hint}', node)
        self.warn_if_none(record)
        found = FieldOf(field.type, *self.span(node), record, name)
        return replace(found, type=self._narrowed(field.type, path(found)))

    def _subscript(self, node: ast.Subscript, expected: Type | None) -> Node:
        container, index = self.check(node.value), self.check(node.slice)
        if (
            container.type.kind is Kind.RECORD
            and isinstance(index, Literal)
            and isinstance(index.value, str)
        ):
            return self._field_of(node, container, index.value)
        self.demand(container, frozenset({Kind.LIST}), "What stands before [")
        kinds = {Kind.NUMBER} if container.type.kind is Kind.LIST else {Kind.NUMBER, Kind.TEXT}
        self.demand(index, frozenset(kinds), "The position in a list")
        return Index(container.type.item or ANY, *self.span(node), container, index)

    def _list(self, node: ast.List, expected: Type | None) -> Node:
        items = tuple(self.check(element) for element in node.elts)
        type_: Type | None = items[0].type if items else ANY
        for item in items[1:]:
            type_ = join(type_, item.type) if type_ is not None else None
            if type_ is None:
                message = "All elements of a list must be of one kind; this one is"
                raise self.error(f"{message} {described(item.type.kind)}.", item)
        return ListOf(list_of(type_ or ANY), *self.span(node), items)

    def _bool_op(self, node: ast.BoolOp, expected: Type | None) -> Node:
        is_and = isinstance(node.op, ast.And)
        word, before, operands = ("and" if is_and else "or"), self._known, []
        for value in node.values:
            operand = self.check_kind(value, {Kind.BOOLEAN}, f'What "{word}" joins')
            operands.append(operand)
            self._known |= when_true(operand) if is_and else when_false(operand)
        self._known = before
        return (And if is_and else Or)(BOOLEAN, *self.span(node), tuple(operands))

    def _unary_op(self, node: ast.UnaryOp, expected: Type | None) -> Node:
        if isinstance(node.op, ast.Not):
            operand = self.check_kind(node.operand, {Kind.BOOLEAN}, 'What stands after "not"')
            return Not(BOOLEAN, *self.span(node), operand)
        return operators.check_sign(self, node)

    def _choice(self, node: ast.IfExp, expected: Type | None) -> Node:
        condition = self.check_kind(node.test, {Kind.BOOLEAN}, 'What stands after "if"')
        before = self._known
        self._known = before | when_true(condition)
        yes = self.check(node.body, expected)
        self._known = before | when_false(condition)
        no = self.check(node.orelse, expected)
        self._known = before
        type_ = join(yes.type, no.type)
        if type_ is None:
            kinds = f"{described(yes.type.kind)} and {described(no.type.kind)}"
            raise self.error(f'Both sides of "if ... else" must be of one kind, not {kinds}.', node)
        return Choice(type_, *self.span(node), condition, yes, no)

    def _each(self, node: ast.ListComp | ast.GeneratorExp, expected: Type | None) -> Node:
        if self._is_inside_each:
            raise self.error('A "for" inside another one is not possible.', node)
        if len(node.generators) != 1 or len(node.generators[0].ifs) > 1:
            raise self.error('Only one "for", with one "if", is possible.', node)
        loop = node.generators[0]
        if loop.is_async or not isinstance(loop.target, ast.Name):
            raise self.error('What stands after "for" must be one name.', loop.target)
        name = loop.target.id
        if name in self.scope.names or name in _CONSTANTS or name.startswith("_"):
            raise self.error(
                f'"{name}" cannot be used after "for": choose a name that is not taken.',
                loop.target,
            )
        self._is_inside_each = True
        source = self.check_kind(loop.iter, {Kind.LIST}, 'What stands after "in"')
        before, self._item = self._known, (name, source.type.item or ANY)
        condition = None
        if loop.ifs:
            condition = self.check_kind(loop.ifs[0], {Kind.BOOLEAN}, 'What stands after "if"')
            self._known |= when_true(condition)
        body = self.check(node.elt)
        self._known, self._item, self._is_inside_each = before, None, False
        return Each(list_of(body.type), *self.span(node), body, name, source, condition)

    def _narrowed(self, type_: Type, where: str | None) -> Type:
        return present(type_) if where in self._known else type_

    def _label(self, node: Node) -> str:
        return path(node) or self.source_of(node)[:40]


def _hint(node: Node, kinds: frozenset[Kind]) -> str:
    kind = node.type.kind
    if kind is Kind.DATETIME and Kind.DATE in kinds:
        return f" Write date({path(node) or '...'})."
    if kind is Kind.TEXT and kinds & {Kind.PERSON, Kind.PEOPLE}:
        if isinstance(node, Literal):
            return f' Write user("{str(node.value)[:40]}") or group("{str(node.value)[:40]}").'
        return f' Write field("{path(node)}").' if isinstance(node, Name) else ""
    if kind is Kind.TEXT and Kind.DATE in kinds and isinstance(node, Literal):
        return " Write date(...) around it."
    return ""
