"""Evaluators of functions, of `... for ... in ...`, and of `|` and `-` on people."""

from __future__ import annotations

from typing import Final

from workflows.expressions.evaluation.access import lenient
from workflows.expressions.evaluation.building import (
    Evaluator,
    builds,
    evaluator,
    located,
    strict_evaluator,
)
from workflows.expressions.functions import FUNCTIONS
from workflows.expressions.people import Candidates, as_candidates
from workflows.expressions.tree import Call, Each, Except, Node, Union, path, walk
from workflows.expressions.types import Kind
from workflows.expressions.values import Frame

_PEOPLE: Final = frozenset({Kind.PERSON, Kind.PEOPLE, Kind.NONE})


@builds(Each)
def _each(node: Each) -> Evaluator:
    source = strict_evaluator(node.source, frozenset({Kind.LIST}))
    body = evaluator(node.body)
    condition = (
        None
        if node.condition is None
        else strict_evaluator(node.condition, frozenset({Kind.BOOLEAN}))
    )
    steps = _size(node.body) + (0 if node.condition is None else _size(node.condition))

    def run(frame: Frame) -> list[object]:
        result = []
        for element in source(frame):
            frame.spend(steps)
            frame.item = element
            if condition is None or condition(frame):
                result.append(body(frame))
        return result

    return located(node, run)


def _size(node: Node) -> int:
    return sum(1 for _ in walk(node))


@builds(Call)
def _call(node: Call) -> Evaluator:
    if node.function == "exists":
        argument = lenient(node.arguments[0])
        return lambda frame: argument(frame) is not None
    function = FUNCTIONS[node.function]
    arguments = []
    for position, given in enumerate(node.arguments):
        parameter = function.parameters[min(position, len(function.parameters) - 1)]
        kinds = parameter.kinds | {Kind.NONE} if parameter.accepts_none else parameter.kinds
        arguments.append(strict_evaluator(given, kinds, path(given) or f'"{parameter.name}"'))
    call, cost = function.run, function.cost

    def run(frame: Frame) -> object:
        frame.spend(cost)
        return call(frame, *[argument(frame) for argument in arguments])

    return located(node, run)


@builds(Union)
def _union(node: Union) -> Evaluator:
    left, right = strict_evaluator(node.left, _PEOPLE), strict_evaluator(node.right, _PEOPLE)

    def run(frame: Frame) -> Candidates:
        one, other = as_candidates(left(frame)), as_candidates(right(frame))
        return one.union(other, frame.context.directory)

    return run


@builds(Except)
def _except(node: Except) -> Evaluator:
    left, right = strict_evaluator(node.left, _PEOPLE), strict_evaluator(node.right, _PEOPLE)

    def run(frame: Frame) -> Candidates:
        one, other = as_candidates(left(frame)), as_candidates(right(frame))
        return one.without(other, frame.context.directory)

    return run
