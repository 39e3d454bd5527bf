"""What all evaluators share: who builds the one of a node, and the checks around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from workflows.expressions.errors import EvaluationError
from workflows.expressions.tree import Node, path
from workflows.expressions.types import Kind
from workflows.expressions.values import Frame, demand, kind_of

Evaluator = Callable[[Frame], Any]
"""Returns a loaded value.

`Any`: the checker has seen to the types, `strict_evaluator` sees to what it could not know.
"""

_NodeType = TypeVar("_NodeType", bound=Node)
_BUILDERS: Final[dict[type[Node], Callable[[Any], Evaluator]]] = {}


def builds(
    kind: type[_NodeType],
) -> Callable[[Callable[[_NodeType], Evaluator]], Callable[[_NodeType], Evaluator]]:
    """Register the function that builds the evaluators of one kind of node."""

    def register(build: Callable[[_NodeType], Evaluator]) -> Callable[[_NodeType], Evaluator]:
        _BUILDERS[kind] = build
        return build

    return register


def evaluator(node: Node) -> Evaluator:
    """Return the function that evaluates the node."""
    return _BUILDERS[type(node)](node)


def strict_evaluator(node: Node, kinds: frozenset[Kind], what: str = "") -> Evaluator:
    """Return the function that evaluates the node and refuses a value of other than the `kinds`.

    There is no check where the checker knows already. `what` names the part in the error.
    """
    run = evaluator(node)
    if node.type.kind in kinds and not node.type.optional:
        return run
    name = what or path(node) or "This"

    def strict(frame: Frame) -> object:
        value = run(frame)
        if kind_of(value) not in kinds:
            try:
                demand(value, kinds, name)
            except EvaluationError as error:
                raise error.located(node.offset, node.end) from None
        return value

    return strict


def located(node: Node, run: Evaluator) -> Evaluator:
    """Give the errors of `run` the place of `node`, where they have none."""

    def run_located(frame: Frame) -> object:
        try:
            return run(frame)
        except EvaluationError as error:
            raise error.located(node.offset, node.end) from None

    return run_located


def is_any(*nodes: Node) -> bool:
    return any(node.type.kind is Kind.ANY for node in nodes)
