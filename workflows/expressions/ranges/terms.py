"""What a part of a guard is: a constant, a field, a number times a field, or something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeGuard

from workflows.expressions import library
from workflows.expressions.ranges.domains import to_fraction
from workflows.expressions.scope import GIVEN_NAMES
from workflows.expressions.tree import (
    And,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Each,
    FieldOf,
    Index,
    Literal,
    Membership,
    Name,
    Negation,
    Node,
    Operator,
    Or,
    path,
    walk,
)
from workflows.expressions.types import Kind

_MOST_DIGITS = 6
"""Of a factor: a field of 28 digits times such a number is not rounded by the evaluator."""

_RISKY: Final = frozenset({Operator.DIVIDE, Operator.FLOOR_DIVIDE, Operator.REMAINDER})


@dataclass(frozen=True, slots=True)
class Linear:
    """`factor` times the field at `path`, plus `offset`."""

    path: Node
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)

    def where(self, value: Fraction) -> Fraction:
        """Return the value of the field at which the whole is `value`."""
        return (value - self.offset) / self.factor


def plain_path(node: Node) -> str | None:
    """Return the path of a field of the case's data, None for anything else."""
    below = node
    while isinstance(below, FieldOf):
        if below.record.type.kind is not Kind.RECORD:
            return None
        below = below.record
    if not isinstance(below, Name) or below.name in GIVEN_NAMES:
        return None
    return path(node)


def is_constant(node: Node) -> bool:
    """Say whether the value is known without data: a literal, `-1`, `date("2026-12-31")`."""
    if isinstance(node, Negation):
        return is_constant(node.operand)
    if isinstance(node, Call) and node.function == "date":
        return all(isinstance(argument, Literal) for argument in node.arguments) and (
            _date_of(node) is not None
        )
    return isinstance(node, Literal) and node.type.kind is not Kind.DURATION


def constant_of(node: Node) -> object:
    """Return the value of a constant; a date as a date."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call):
        return _date_of(node)
    if isinstance(node, Negation):
        value = constant_of(node.operand)
        return -value if isinstance(value, Decimal) else None
    return None


def _date_of(node: Call) -> object:
    values = [a.value for a in node.arguments if isinstance(a, Literal)]
    try:
        if len(values) == 1 and isinstance(values[0], str):
            return library.date_from_text(values[0])
        year, month, day = (int(value) for value in values if isinstance(value, Decimal))
        return library.date_from_text(f"{year:04}-{month:02}-{day:02}")
    except ValueError:
        return None


def linear(node: Node) -> Linear | None:
    """Return a field, or one times and plus constants with few digits; None for anything else."""
    if plain_path(node) is not None:
        return Linear(node)
    if node.type.kind is not Kind.NUMBER:
        return None
    if isinstance(node, Negation):
        return _scaled(linear(node.operand), Fraction(-1))
    if not isinstance(node, Arithmetic):
        return None
    left, right = _short(node.left), _short(node.right)
    if right is not None:
        return _applied(linear(node.left), node.operator, right)
    if left is not None:
        return _applied_right(left, node.operator, linear(node.right))
    return None


def _applied(form: Linear | None, operator: Operator, number: Fraction) -> Linear | None:
    if form is None or form.factor != 1 or form.offset:
        return None  # One calculation at a time: several could round.
    if operator is Operator.ADD:
        return Linear(form.path, form.factor, form.offset + number)
    if operator is Operator.SUBTRACT:
        return Linear(form.path, form.factor, form.offset - number)
    if operator is Operator.MULTIPLY:
        return _scaled(form, number)
    if operator is Operator.DIVIDE and number:
        return _scaled(form, 1 / number)
    return None


def _applied_right(number: Fraction, operator: Operator, form: Linear | None) -> Linear | None:
    if operator is Operator.SUBTRACT:
        negated = _scaled(form, Fraction(-1)) if form is not None and form.factor == 1 else None
        if negated is None or negated.offset:
            return None
        return Linear(negated.path, negated.factor, number)
    if operator in (Operator.ADD, Operator.MULTIPLY):
        return _applied(form, operator, number)
    return None


def _scaled(form: Linear | None, factor: Fraction) -> Linear | None:
    if form is None or not factor:
        return None
    return Linear(form.path, form.factor * factor, form.offset * factor)


def _short(node: Node) -> Fraction | None:
    if not is_constant(node):
        return None
    value = constant_of(node)
    if not isinstance(value, Decimal) or len(value.as_tuple().digits) > _MOST_DIGITS:
        return None
    return to_fraction(value) if abs(value.adjusted()) <= _MOST_DIGITS else None


def fails_on_none(node: Node) -> bool:
    """Say whether the part fails for certain where a field that it reads is empty, or one that it
    divides by is zero."""
    lax: tuple[Callable[..., Node], ...] = (And, Or, Choice, Each, Index, Membership)
    for below in walk(node):
        if isinstance(below, lax):  # type: ignore[arg-type]  # they are classes
            return False
        if isinstance(below, Call) and (below.function in _LAX_CALLS):
            return False
        if isinstance(below, Comparison) and below.operator in ("==", "!="):
            return False
    return True


_LAX_CALLS: Final = frozenset(
    {"exists", "manager", "manager_chain", "department_head", "field", "user", "did", "any", "all"}
)


def divisors(node: Node) -> list[Linear]:
    """Return what the part divides by, as far as it is a field, or one times and plus constants."""
    found = [linear(below.right) for below in walk(node) if _is_risky(below)]
    return [form for form in found if form is not None]


def _is_risky(node: Node) -> TypeGuard[Arithmetic]:
    """Say whether this divides by what may be zero."""
    if not isinstance(node, Arithmetic) or node.operator not in _RISKY:
        return False
    divisor = constant_of(node.right) if is_constant(node.right) else None
    return not isinstance(divisor, Decimal) or not divisor


def can_fail(node: Node) -> bool:
    """Say whether the part can fail although every field that it reads has a value, and none of
    its `divisors` is zero.

    Numbers that grow too long, and dates a hundred years apart, are not thought of.
    """
    for below in walk(node):
        if isinstance(below, Index) or below.type.kind is Kind.ANY:
            return True
        if _is_risky(below) and linear(below.right) is None:
            return True
        if isinstance(below, Call) and below.function in ("date", "min", "max"):
            return True
        if isinstance(below, Call) and below.function == "round":
            places = below.arguments[1:]
            if places and not is_constant(places[0]):
                return True
        if isinstance(below, FieldOf) and (below.type.optional or below.record.type.optional):
            return True
        if below.type.optional and not isinstance(below, Name):
            return True
    return False
