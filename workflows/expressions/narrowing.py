"""What a condition tells about none: after `exists(comment) and`, `comment` cannot be none."""

from __future__ import annotations

from workflows.expressions.tree import And, Call, Comparator, Comparison, Node, Not, Or, path
from workflows.expressions.types import Kind

_NOTHING: frozenset[str] = frozenset()


def when_true(condition: Node) -> frozenset[str]:
    """Return the paths that cannot be none where the condition holds."""
    if isinstance(condition, Not):
        return when_false(condition.operand)
    if isinstance(condition, And):
        return _NOTHING.union(*map(when_true, condition.operands))
    if isinstance(condition, Or):
        return frozenset.intersection(*map(when_true, condition.operands))
    if isinstance(condition, Call) and condition.function == "exists":
        return _with_prefixes(path(condition.arguments[0]))
    if isinstance(condition, Comparison):
        return _compared(condition, Comparator.EQUAL, Comparator.NOT_EQUAL)
    return _NOTHING


def when_false(condition: Node) -> frozenset[str]:
    """Return the paths that cannot be none where the condition does not hold."""
    if isinstance(condition, Not):
        return when_true(condition.operand)
    if isinstance(condition, Or):
        return _NOTHING.union(*map(when_false, condition.operands))
    if isinstance(condition, And):
        return frozenset.intersection(*map(when_false, condition.operands))
    if isinstance(condition, Comparison):
        return _compared(condition, Comparator.NOT_EQUAL, Comparator.EQUAL)
    return _NOTHING


def _compared(node: Comparison, holds: Comparator, differs: Comparator) -> frozenset[str]:
    """Return the paths that are present where `left holds right`: `==` if true, `!=` if false."""
    found = _NOTHING
    for one, other in ((node.left, node.right), (node.right, node.left)):
        is_none = other.type.kind is Kind.NONE
        is_present = not other.type.optional and other.type.kind not in (Kind.NONE, Kind.ANY)
        orders = node.operator not in (Comparator.EQUAL, Comparator.NOT_EQUAL)
        # `<` on none is an error, so that whoever comes after it has met no none.
        if (
            orders
            or (node.operator is differs and is_none)
            or (node.operator is holds and is_present)
        ):
            found |= _with_prefixes(path(one))
    return found


def _with_prefixes(where: str | None) -> frozenset[str]:
    if where is None:
        return _NOTHING
    parts = where.split(".")
    return frozenset(".".join(parts[: n + 1]) for n in range(len(parts)))
