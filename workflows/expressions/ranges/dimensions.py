"""What guards look at: fields, and parts that count as one value of their own.

A comparison of a field with a constant splits the field's values. A part that is neither, such as
`sum(line.amount for line in lines)` or `start < end`, becomes a value of its own: the guard is
rewritten to read that instead, and everything that the part could be is tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from workflows.expressions.evaluation import Evaluator, strict_evaluator
from workflows.expressions.expression import Expression
from workflows.expressions.ranges import splitting
from workflows.expressions.ranges.cells import Cell
from workflows.expressions.ranges.terms import (
    Linear,
    can_fail,
    constant_of,
    divisors,
    fails_on_none,
    is_constant,
    linear,
    plain_path,
)
from workflows.expressions.scope import GIVEN_NAMES
from workflows.expressions.tree import (
    And,
    Call,
    Choice,
    Comparator,
    Comparison,
    FieldOf,
    ListOf,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    Or,
    walk,
)
from workflows.expressions.types import BOOLEAN, NUMBER, ORDERED, Kind, Type, present

_SPLITTABLE: Final = frozenset({Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.BOOLEAN})
_EQUALITY: Final = frozenset({Comparator.EQUAL, Comparator.NOT_EQUAL})
_MIRRORED: Final = {
    Comparator.LESS: Comparator.GREATER,
    Comparator.LESS_OR_EQUAL: Comparator.GREATER_OR_EQUAL,
    Comparator.GREATER: Comparator.LESS,
    Comparator.GREATER_OR_EQUAL: Comparator.LESS_OR_EQUAL,
}


@dataclass
class Dimension:
    """A value that guards look at. `key`: the path of a field, or `$` and a part's own text.

    A part (`is_part`) `reads` fields; where one of those is empty, or has the value at which the
    part divides by zero (`zeros`), it fails, for certain where `fails_on_none`. `is_order`: it
    tells how the two sides of a comparison stand to each other, -1, 0 or 1. `source` is what a
    person reads for a part.
    """

    key: str
    type: Type
    is_part: bool = False
    is_order: bool = False
    source: str = ""
    node: Node | None = None
    reads: frozenset[str] = frozenset()
    fails_on_none: bool = False
    can_fail: bool = False
    zeros: tuple[tuple[str, Fraction], ...] = ()
    numbers: set[Fraction] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    cells: tuple[Cell, ...] = ()


class Partition:
    """The dimensions of some guards over one schema, and the guards rewritten to read them."""

    def __init__(self, guards: list[Expression | None], schema: Mapping[str, Any]) -> None:
        self.dimensions: dict[str, Dimension] = {}
        self._source = ""
        trees = []
        for guard in guards:
            self._source = guard.source if guard is not None else ""
            trees.append(None if guard is None else self._boolean(guard.tree))
        self.evaluators: list[Evaluator | None] = [
            None if tree is None else strict_evaluator(tree, frozenset({Kind.BOOLEAN}))
            for tree in trees
        ]
        for dimension in self.dimensions.values():
            dimension.cells = splitting.cells_of(dimension, schema)

    @property
    def parts(self) -> list[Dimension]:
        return [d for d in self.dimensions.values() if d.is_part]

    def _boolean(self, node: Node) -> Node:
        if isinstance(node, (And, Or)):
            return replace(node, operands=tuple(map(self._boolean, node.operands)))
        if isinstance(node, Not):
            return replace(node, operand=self._boolean(node.operand))
        if isinstance(node, Choice):
            condition, yes, no = map(self._boolean, (node.condition, node.yes, node.no))
            return replace(node, condition=condition, yes=yes, no=no)
        if isinstance(node, Literal):
            return node
        if isinstance(node, Comparison):
            return self._comparison(node)
        if isinstance(node, Membership):
            return self._membership(node)
        if _is_about_a_field(node):
            self._field(node.arguments[0] if isinstance(node, Call) else node)
            return node
        return self._part(node, BOOLEAN)

    def _comparison(self, node: Comparison) -> Node:
        if is_constant(node.left) and is_constant(node.right):
            return node
        for side, other in (("left", "right"), ("right", "left")):
            term, constant = getattr(node, side), getattr(node, other)
            if not is_constant(constant):
                continue
            new = self._split(term, [constant])
            return self._part(node, BOOLEAN) if new is None else _with(node, side, new)
        return self._order(node)

    def _membership(self, node: Membership) -> Node:
        container = node.container
        if not isinstance(container, ListOf) or not all(map(is_constant, container.items)):
            return self._part(node, BOOLEAN)
        new = self._split(node.member, list(container.items))
        return self._part(node, BOOLEAN) if new is None else replace(node, member=new)

    def _split(self, term: Node, constants: list[Node]) -> Node | None:
        """Split the values of `term` at the constants; return what the guard reads for it now."""
        values = [constant_of(constant) for constant in constants]
        if all(value is None for value in values):
            return self._presence(term)
        if term.type.kind not in _SPLITTABLE:
            return None
        form = linear(term)
        if form is not None:
            dimension, new = self._field(form.path), term
        elif term.type.optional and plain_path(term) is None:
            return None
        else:
            form = Linear(term)
            new = self._part(term, term.type) if plain_path(term) is None else term
            dimension = self._field(term) if new is term else self.dimensions[_name(new)]
        for value in values:
            splitting.add_threshold(dimension, form, value)
        return new

    def _presence(self, term: Node) -> Node | None:
        if plain_path(term) is None:
            return None
        self._field(term)
        return term

    def _order(self, node: Comparison) -> Node:
        left, right = node.left, node.right
        kinds = {left.type.kind, right.type.kind}
        is_lax = node.operator in _EQUALITY and (left.type.optional or right.type.optional)
        if len(kinds) > 1 or not kinds <= ORDERED or is_lax:
            return self._part(node, BOOLEAN)
        operator = node.operator
        if self._text(left) > self._text(right):
            left, right = right, left
            operator = _MIRRORED.get(operator, operator)
        text = f"{self._text(left)} compared with {self._text(right)}"
        whole = Comparison(BOOLEAN, node.offset, node.end, operator, left, right)
        part = self._part(whole, NUMBER, text)
        dimension = self.dimensions[_name(part)]
        dimension.is_order = True
        zero = Literal(NUMBER, node.offset, node.end, Decimal(0))
        return replace(node, operator=operator, left=part, right=zero)

    def _part(self, node: Node, type_: Type, text: str = "") -> Name:
        """Return a name that stands for `node`, which may be anything of its type."""
        source = text or self._text(node)
        key = f"${source}"
        names = [below for below in walk(node) if isinstance(below, Name)]
        fields = [name for name in names if name.name not in GIVEN_NAMES]
        for name in fields:
            if name.type.optional:
                self._field(name)
        dimension = self.dimensions.setdefault(key, Dimension(key, present(type_)))
        dimension.is_part, dimension.source, dimension.node = True, source, node
        dimension.reads = frozenset(name.name for name in fields)
        dimension.fails_on_none = fails_on_none(node)
        dimension.can_fail = can_fail(node)
        dimension.zeros = tuple(self._zero(form) for form in divisors(node))
        return Name(present(type_), node.offset, node.end, key)

    def _zero(self, divisor: Linear) -> tuple[str, Fraction]:
        """Tell the value at which the divisor is zero from the others; return it with its field."""
        field = self._field(divisor.path)
        splitting.add_threshold(field, divisor, Decimal(0))
        return field.key, divisor.where(Fraction(0))

    def _field(self, node: Node) -> Dimension:
        """Return the dimension of a field; of each record above it that may be missing as well."""
        if isinstance(node, FieldOf) and _is_optional_on_the_way(node.record):
            self._field(node.record)
        path = plain_path(node) or ""
        return self.dimensions.setdefault(path, Dimension(path, node.type))

    def _text(self, node: Node) -> str:
        return " ".join(self._source[node.offset : node.end].split())


def _is_about_a_field(node: Node) -> bool:
    """Say whether this is `urgent` or `exists(comment)`."""
    if isinstance(node, Call):
        return node.function == "exists" and plain_path(node.arguments[0]) is not None
    return plain_path(node) is not None and node.type.kind is Kind.BOOLEAN


def _is_optional_on_the_way(record: Node) -> bool:
    while isinstance(record, FieldOf):
        if record.type.optional:
            return True
        record = record.record
    return record.type.optional


def _with(node: Comparison, side: str, new: Node) -> Node:
    return replace(node, left=new) if side == "left" else replace(node, right=new)


def _name(node: Node) -> str:
    return node.name if isinstance(node, Name) else ""
