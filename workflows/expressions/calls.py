"""The checker's rules for calls of the fixed table of functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workflows.expressions.errors import ExpressionError
from workflows.expressions.functions import FUNCTIONS, Function, Parameter
from workflows.expressions.tree import Call, Literal, Name, Node
from workflows.expressions.types import Kind, present

if TYPE_CHECKING:
    from workflows.expressions.check import Checker


@dataclass(frozen=True, slots=True)
class _Site:
    checker: Checker
    arguments: tuple[Node, ...]

    def error(self, message: str, argument: int) -> ExpressionError:
        return self.checker.error(message, self.arguments[argument])


def check_call(checker: Checker, node: ast.Call) -> Node:
    if not isinstance(node.func, ast.Name):
        raise checker.error(
            "Only functions of the language can be called, by their name.", node.func
        )
    name = node.func.id
    function = FUNCTIONS.get(name)
    if function is None:
        hint = checker.suggest(name, FUNCTIONS) or f" The functions are: {', '.join(FUNCTIONS)}."
        raise checker.error(f'There is no function "{name}".{hint}', node.func)
    given = _given(checker, node, function)
    arguments = tuple(_argument(checker, function, p, value) for p, value in given)
    if name == "field":
        arguments = (_field_value(checker, arguments[0]),)
    if name == "did":
        _demand_task(checker, arguments[0])
    type_ = function.result(_Site(checker, arguments))
    return Call(type_, *checker.span(node), name, arguments)


def _given(
    checker: Checker, node: ast.Call, function: Function
) -> list[tuple[Parameter, ast.expr]]:
    """Pair the arguments of a call with the parameters."""
    parameters = function.parameters
    for value in node.args:
        if isinstance(value, ast.Starred):
            raise checker.error("* is not possible in an expression.", value)
    if len(node.args) > len(parameters) and not function.takes_more:
        raise checker.error(f"Too many values: write {function.usage}.", node.args[len(parameters)])
    last = parameters[-1]
    pairs = [
        (parameters[n] if n < len(parameters) else last, value) for n, value in enumerate(node.args)
    ]
    for keyword in node.keywords:
        known = [p.name for p in parameters]
        if keyword.arg not in known or function.takes_more:
            raise checker.error(
                f"This cannot be given here: write {function.usage}.", keyword.value
            )
        parameter = parameters[known.index(keyword.arg)]
        if any(parameter is taken for taken, _ in pairs):
            raise checker.error(f"{keyword.arg} is given twice.", keyword.value)
        pairs.append((parameter, keyword.value))
    missing = [p for p in parameters if p.is_required and all(p is not taken for taken, _ in pairs)]
    if missing:
        raise checker.error(f"A value is missing: write {function.usage}.", node)
    pairs.sort(key=lambda pair: parameters.index(pair[0]))
    return pairs


def _argument(checker: Checker, function: Function, parameter: Parameter, value: ast.expr) -> Node:
    if function.name == "exists":
        return checker.check_quietly(value)
    if function.name == "field":
        parameter = replace(parameter, is_literal=True)
    argument = checker.check(value)
    is_text = isinstance(argument, Literal) and isinstance(argument.value, str)
    if parameter.is_literal and not is_text:
        hint = ""
        if isinstance(argument, Name):
            hint = f' Did you mean {function.name}("{argument.name}")?'
            if function.name == "user":
                hint = f' For the person whom the field names, write field("{argument.name}").'
        message = f"Write {function.usage}, with the name in quotes.{hint}"
        raise checker.error(message, argument)
    if parameter.accepts_none and argument.type.kind is Kind.NONE:
        return argument
    wanted = replace(argument, type=present(argument.type)) if parameter.accepts_none else argument
    if parameter.kinds:
        checker.demand(wanted, parameter.kinds, f'"{parameter.name}" in {function.usage}')
    return argument


def _field_value(checker: Checker, literal: Node) -> Node:
    """Return the field that the literal text names, which must be a text: a user name."""
    name = str(getattr(literal, "value", ""))
    declared = checker.scope.names.get(name)
    if declared is None:
        hint = checker.suggest(name, checker.scope.names)
        raise checker.error(f'"{name[:40]}" is not a field of this flow.{hint}', literal)
    if declared.kind not in (Kind.TEXT, Kind.ANY):
        message = f"{name} must be a text field that holds a user name; it is a {declared.kind}."
        raise checker.error(message, literal)
    checker.names.add(name)
    return Name(declared, literal.offset, literal.end, name)


def _demand_task(checker: Checker, literal: Node) -> None:
    key = str(getattr(literal, "value", ""))
    keys = checker.scope.task_keys
    if keys is not None and key not in keys:
        hint = checker.suggest(key, keys) or (
            f" The tasks are: {', '.join(sorted(keys)[:12])}." if keys else ""
        )
        raise checker.error(f'This flow has no task "{key[:40]}".{hint}', literal)
