"""Evaluators of conditions: `and`, `or`, `not`, comparisons, `in` and `if else`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from workflows.expressions.errors import EvaluationError
from workflows.expressions.evaluation.building import (
    Evaluator,
    builds,
    evaluator,
    is_any,
    located,
    strict_evaluator,
)
from workflows.expressions.people import Candidates, Person
from workflows.expressions.tree import (
    And,
    Choice,
    Comparator,
    Comparison,
    ListOf,
    Literal,
    Membership,
    Node,
    Not,
    Or,
    path,
)
from workflows.expressions.types import ORDERED, Kind
from workflows.expressions.values import Frame, demand, kind_of, same

_ORDER: Final[Mapping[Comparator, Callable[[Any, Any], bool]]] = {
    Comparator.LESS: operator.lt,
    Comparator.LESS_OR_EQUAL: operator.le,
    Comparator.GREATER: operator.gt,
    Comparator.GREATER_OR_EQUAL: operator.ge,
}
_BOOLEAN: Final = frozenset({Kind.BOOLEAN})
_TEXT: Final = frozenset({Kind.TEXT})
_CONTAINERS: Final = frozenset({Kind.LIST, Kind.TEXT, Kind.PEOPLE})
_COMPOUND: Final = frozenset({Kind.LIST, Kind.RECORD, Kind.ANY})


@builds(Not)
def _not(node: Not) -> Evaluator:
    operand = strict_evaluator(node.operand, _BOOLEAN)
    return lambda frame: not operand(frame)


@builds(And)
def _and(node: And) -> Evaluator:
    operands = tuple(strict_evaluator(operand, _BOOLEAN) for operand in node.operands)

    def run(frame: Frame) -> bool:
        for operand in operands:  # noqa: SIM110  # all() with a generator takes twice the time
            if not operand(frame):
                return False
        return True

    return run


@builds(Or)
def _or(node: Or) -> Evaluator:
    operands = tuple(strict_evaluator(operand, _BOOLEAN) for operand in node.operands)

    def run(frame: Frame) -> bool:
        for operand in operands:  # noqa: SIM110  # any() with a generator takes twice the time
            if operand(frame):
                return True
        return False

    return run


@builds(Choice)
def _choice(node: Choice) -> Evaluator:
    condition = strict_evaluator(node.condition, _BOOLEAN)
    yes, no = evaluator(node.yes), evaluator(node.no)
    return lambda frame: yes(frame) if condition(frame) else no(frame)


@builds(Comparison)
def _comparison(node: Comparison) -> Evaluator:
    if node.operator in (Comparator.EQUAL, Comparator.NOT_EQUAL):
        return _equality(node)
    left, right = strict_evaluator(node.left, ORDERED), strict_evaluator(node.right, ORDERED)
    compare = _ORDER[node.operator]
    if not is_any(node.left, node.right):
        return lambda frame: compare(left(frame), right(frame))

    def run(frame: Frame) -> bool:
        one, other = left(frame), right(frame)
        # Python would compare some of these, and raise errors of its own on others.
        if kind_of(one) is not kind_of(other):
            raise EvaluationError("Values of different kinds have no order.")
        return compare(one, other)

    return located(node, run)


def _equality(node: Comparison) -> Evaluator:
    left, right = evaluator(node.left), evaluator(node.right)
    wanted = node.operator is Comparator.EQUAL
    if _COMPOUND & {node.left.type.kind, node.right.type.kind}:
        return located(node, lambda frame: same(frame, left(frame), right(frame)) is wanted)
    return lambda frame: (left(frame) == right(frame)) is wanted


@builds(Membership)
def _membership(node: Membership) -> Evaluator:
    member, negated = evaluator(node.member), node.negated
    constants = _constants(node.container)
    if constants is not None and node.member.type.kind not in _COMPOUND:
        return lambda frame: (member(frame) in constants) is not negated
    container = strict_evaluator(node.container, _CONTAINERS)
    name = path(node.member) or 'What stands before "in"'

    def run(frame: Frame) -> bool:
        one, many = member(frame), container(frame)
        if isinstance(many, str):
            demand(one, _TEXT, name)
            return (one in many) is not negated
        if isinstance(many, Candidates):
            present = many.present(frame.context.directory)
            return (isinstance(one, Person) and one.id in present) is not negated
        frame.spend(len(many))
        return any(same(frame, one, entry) for entry in many) is not negated

    return located(node, run)


def _constants(container: Node) -> tuple[object, ...] | None:
    """Return the elements of a list that is written out, None of another."""
    if isinstance(container, ListOf):
        literals = [item.value for item in container.items if isinstance(item, Literal)]
        return tuple(literals) if len(literals) == len(container.items) else None
    return None
