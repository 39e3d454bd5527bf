"""The checker's rules for `+ - * / // %`, comparisons, `in`, and `|` and `-` on people."""

from __future__ import annotations

import ast
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from workflows.expressions.errors import ExpressionError
from workflows.expressions.tree import (
    And,
    Arithmetic,
    Comparator,
    Comparison,
    Concatenation,
    Except,
    ListOf,
    Literal,
    Membership,
    Negation,
    Node,
    Operator,
    Shift,
    Union,
    path,
)
from workflows.expressions.types import (
    BOOLEAN,
    DURATION,
    NUMBER,
    ORDERED,
    PEOPLE,
    TEXT,
    Kind,
    Type,
    described,
    fits,
    present,
)

if TYPE_CHECKING:
    from workflows.expressions.check import Checker

_ARITHMETIC: Final = {
    ast.Add: Operator.ADD,
    ast.Sub: Operator.SUBTRACT,
    ast.Mult: Operator.MULTIPLY,
    ast.Div: Operator.DIVIDE,
    ast.FloorDiv: Operator.FLOOR_DIVIDE,
    ast.Mod: Operator.REMAINDER,
}
_COMPARATORS: Final = {
    ast.Eq: Comparator.EQUAL,
    ast.NotEq: Comparator.NOT_EQUAL,
    ast.Lt: Comparator.LESS,
    ast.LtE: Comparator.LESS_OR_EQUAL,
    ast.Gt: Comparator.GREATER,
    ast.GtE: Comparator.GREATER_OR_EQUAL,
}
_SYMBOLS: Final = {ast.Pow: "**", ast.MatMult: "@", ast.BitAnd: "&", ast.BitXor: "^"}
_SYMBOLS_2: Final = {ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|"}
_WHOLE: Final = frozenset({Operator.ADD, Operator.SUBTRACT, Operator.MULTIPLY, Operator.REMAINDER})
_PEOPLE: Final = frozenset({Kind.PERSON, Kind.PEOPLE, Kind.NONE})
_MOMENTS: Final = frozenset({Kind.DATE, Kind.DATETIME})


def check_sign(checker: Checker, node: ast.UnaryOp) -> Node:
    if isinstance(node.op, ast.Invert):
        raise checker.error("~ is not possible in an expression.", node)
    symbol = "-" if isinstance(node.op, ast.USub) else "+"
    operand = checker.check_kind(node.operand, {Kind.NUMBER}, f'What stands after "{symbol}"')
    if symbol == "+":
        return operand
    if isinstance(operand, Literal) and isinstance(operand.value, Decimal):
        return Literal(operand.type, *checker.span(node), -operand.value)
    return Negation(present(operand.type), *checker.span(node), operand)


def check_binary(checker: Checker, node: ast.BinOp) -> Node:
    left = checker.check(node.left)
    place = checker.span(node)
    if isinstance(node.op, ast.BitOr):
        right = checker.check(node.right)
        _demand_people(checker, left, right, "|")
        return Union(PEOPLE, *place, left, right)
    operator = _ARITHMETIC.get(type(node.op))
    if operator is None:
        symbol = (_SYMBOLS | _SYMBOLS_2).get(type(node.op), "This")
        raise checker.error(f"{symbol} is not possible in an expression.", node)
    if left.type.kind in _MOMENTS and operator in (Operator.ADD, Operator.SUBTRACT):
        return _shift(checker, node, left, operator)
    right = checker.check(node.right)
    if (
        operator is Operator.SUBTRACT
        and left.type.kind in _PEOPLE | {Kind.ANY}
        and right.type.kind in _PEOPLE
    ):
        _demand_people(checker, left, right, "-")
        return Except(PEOPLE, *place, left, right)
    if operator is Operator.SUBTRACT and left.type.kind in (Kind.PERSON, Kind.PEOPLE):
        _demand_people(checker, left, right, "-")
        return Except(PEOPLE, *place, left, right)
    if operator is Operator.ADD and Kind.TEXT in (left.type.kind, right.type.kind):
        for side in (left, right):
            checker.demand(side, frozenset({Kind.TEXT}), 'What "+" adds to a text')
        return Concatenation(TEXT, *place, left, right)
    for side in (left, right):
        checker.demand(side, frozenset({Kind.NUMBER}), f'Each side of "{operator}"')
    whole = left.type.whole and right.type.whole and operator in _WHOLE
    return Arithmetic(replace(NUMBER, whole=whole), *place, operator, left, right)


def check_compare(checker: Checker, node: ast.Compare) -> Node:
    values = [node.left, *node.comparators]
    # The middle of a < b < c stands in two comparisons: unbound, the tree could double a level.
    for middle in values[1:-1]:
        if any(isinstance(part, ast.Compare) for part in ast.walk(middle)):
            raise checker.error('Write this as two comparisons joined by "and".', middle)
    sides = [checker.check(value) for value in values]
    parts = tuple(
        _compare(checker, node, op, one, other)
        for op, one, other in zip(node.ops, sides[:-1], sides[1:], strict=True)
    )
    return parts[0] if len(parts) == 1 else And(BOOLEAN, *checker.span(node), parts)


def _compare(checker: Checker, node: ast.Compare, op: ast.cmpop, left: Node, right: Node) -> Node:
    place = (left.offset, right.end) if len(node.ops) > 1 else checker.span(node)
    if isinstance(op, (ast.In, ast.NotIn)):
        return _membership(checker, place, left, right, negated=isinstance(op, ast.NotIn))
    comparator = _COMPARATORS.get(type(op))
    if comparator is None:
        instead = "==" if isinstance(op, ast.Is) else "!="
        raise checker.error(f'Write {instead} instead of "is".', node)
    if comparator in (Comparator.EQUAL, Comparator.NOT_EQUAL):
        _demand_comparable(checker, left, right)
    else:
        for side in (left, right):
            if side.type.kind not in ORDERED | {Kind.ANY}:
                message = f'"{comparator}" has no meaning for {described(side.type.kind)}.'
                raise checker.error(message, side)
        _demand_one_kind(checker, left, right)
        checker.warn_if_none(left)
        checker.warn_if_none(right)
    return Comparison(BOOLEAN, *place, comparator, left, right)


def _membership(
    checker: Checker, place: tuple[int, int], member: Node, container: Node, *, negated: bool
) -> Node:
    checker.demand(
        container, frozenset({Kind.LIST, Kind.TEXT, Kind.PEOPLE}), 'What stands after "in"'
    )
    if container.type.kind is Kind.TEXT:
        checker.demand(member, frozenset({Kind.TEXT}), 'What stands before "in"')
    elif container.type.kind is Kind.PEOPLE:
        _demand_kind_of_person(checker, member)
    elif isinstance(container, ListOf):
        for item in container.items:
            _demand_comparable(checker, member, item)
    elif container.type.item is not None:
        item = replace(container, type=container.type.item)
        _demand_comparable(checker, member, item)
    return Membership(BOOLEAN, *place, member, container, negated)


def _demand_comparable(checker: Checker, left: Node, right: Node) -> None:
    if Kind.PEOPLE in (left.type.kind, right.type.kind):
        side = left if left.type.kind is Kind.PEOPLE else right
        raise checker.error('People cannot be compared; write "person in people".', side)
    _demand_one_kind(checker, left, right)
    for one, other in ((left, right), (right, left)):
        allowed = one.type.values
        if (
            isinstance(other, Literal)
            and isinstance(other.value, str)
            and not isinstance(one, Literal)
        ):
            if allowed and other.value not in allowed:
                raise never_a_value(checker, one, other)
        elif (
            not isinstance(one, Literal)
            and allowed
            and other.type.values
            and not fits(one.type, other.type)
        ):
            raise checker.error("These two have no value in common: they are never equal.", other)


def never_a_value(checker: Checker, field: Node, literal: Literal) -> ExpressionError:
    """Return the error for a text that a field with a list of values never holds."""
    return never_one_of(checker, path(field) or "this field", field.type, literal)


def never_one_of(checker: Checker, name: str, type_: Type, literal: Literal) -> ExpressionError:
    values = type_.values
    listed = ", ".join(values[:12]) + (", ..." if len(values) > 12 else "")
    hint = checker.suggest(str(literal.value), values)
    shown = str(literal.value)[:40]
    return checker.error(
        f"'{shown}' is never a value of {name}; it is one of {listed}.{hint}", literal
    )


def _demand_one_kind(checker: Checker, left: Node, right: Node) -> None:
    kinds = {left.type.kind, right.type.kind} - {Kind.ANY, Kind.NONE}
    if len(kinds) < 2:
        return
    one, other = described(left.type.kind), described(right.type.kind)
    hint = ""
    for side, opposite in ((left, right), (right, left)):
        is_literal = isinstance(side, Literal) and isinstance(side.value, str)
        if is_literal and opposite.type.kind is Kind.DATE:
            hint = f" Write date({checker.source_of(side)})."
        elif is_literal and opposite.type.kind is Kind.PERSON:
            hint = f" Write user({checker.source_of(side)})."
        elif is_literal and opposite.type.kind is Kind.NUMBER:
            hint = " A number stands without quotes."
        elif side.type.kind is Kind.DATETIME and opposite.type.kind is Kind.DATE:
            hint = f" Write date({checker.source_of(side)})."
    message = f"The left side is {one}, the right side {other}: they cannot be compared.{hint}"
    raise checker.error_between(message, left.offset, right.end)


def _demand_people(checker: Checker, left: Node, right: Node, symbol: str) -> None:
    for side in (left, right):
        if side.type.kind is not Kind.NONE:
            # Nobody is an answer here, so that none needs no warning.
            wanted = replace(side, type=present(side.type))
            checker.demand(
                wanted, frozenset({Kind.PERSON, Kind.PEOPLE}), f'Each side of "{symbol}"'
            )


def _demand_kind_of_person(checker: Checker, member: Node) -> None:
    if member.type.kind is not Kind.NONE:
        wanted = replace(member, type=present(member.type))
        checker.demand(wanted, frozenset({Kind.PERSON}), 'What stands before "in"')


def _shift(checker: Checker, node: ast.BinOp, moment: Node, operator: Operator) -> Node:
    duration = checker.check(node.right, DURATION)
    if duration.type.kind in _MOMENTS and operator is Operator.SUBTRACT:
        raise checker.error("Dates are not subtracted: write days_between(start, end).", node)
    if duration.type.kind is Kind.NUMBER:
        hint = f' Write "{checker.source_of(duration)} days".'
        raise checker.error(f"A date and a number cannot be added.{hint}", duration)
    checker.demand(duration, frozenset({Kind.DURATION}), f'What stands after "{operator}"')
    checker.warn_if_none(moment)
    if isinstance(duration, Literal) and moment.type.kind is Kind.DATE:
        is_whole = getattr(duration.value, "is_whole_days", True)
        if not is_whole:
            raise checker.error("A date has no time of day: write whole days.", duration)
    sign = 1 if operator is Operator.ADD else -1
    return Shift(present(moment.type), *checker.span(node), moment, duration, sign)
