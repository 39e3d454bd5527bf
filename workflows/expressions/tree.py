"""The typed tree of an expression: what an `Expression` evaluates and what the proof reads.

Every node is immutable, knows its type and its place in the source (`offset` to `end`, characters).
`a < b < c` is an `And` of two `Comparison`s, so that a reader meets one form of it only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from workflows.expressions.types import Type


class Comparator(StrEnum):
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


class Operator(StrEnum):
    """Arithmetic on numbers. `//` rounds down, `%` has the sign of its right side, as in Python."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    FLOOR_DIVIDE = "//"
    REMAINDER = "%"


@dataclass(frozen=True, slots=True)
class Node:
    type: Type
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number (Decimal), text, true, false, none or duration written in the source."""

    value: object


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field of the case's data, or a given name (`requester`, `today`, `now`, `business_key`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Item(Node):
    """The `line` of `... for line in lines`."""

    name: str


@dataclass(frozen=True, slots=True)
class FieldOf(Node):
    """`record.field`."""

    record: Node
    field: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`list[number]`; on a value of any type also a text key."""

    container: Node
    index: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b, c]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left operator right`. Both sides are of one kind, `any`, or (for `==`, `!=`) none."""

    operator: Comparator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`member in container` (a list, a text or people); `negated` for `not in`."""

    member: Node
    container: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-number`. A negative literal is a `Literal`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Concatenation(Node):
    """`text + text`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Shift(Node):
    """`date + duration`, `datetime - duration`: `sign` is 1 or -1."""

    moment: Node
    duration: Node
    sign: int


@dataclass(frozen=True, slots=True)
class AtMidnight(Node):
    """A date where a date with a time is wanted: the start of the day in the time zone of `now`."""

    day: Node


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`yes if condition else no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Each(Node):
    """`body for name in source if condition`: a list. Never holds another `Each`."""

    body: Node
    name: str
    source: Node
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of the fixed table with its arguments in the order of its parameters."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Union(Node):
    """`people | people`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Except(Node):
    """`people - people`."""

    left: Node
    right: Node


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below `node`, left to right."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (entry for entry in value if isinstance(entry, Node))


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(children(node))


def path(node: Node) -> str | None:
    """Return `amount` or `line.amount` for a name or a field of it, None for anything else."""
    if isinstance(node, (Name, Item)):
        return node.name
    if isinstance(node, FieldOf):
        above = path(node.record)
        return None if above is None else f"{above}.{node.field}"
    return None
