"""What a service task hands to its worker, worked out when the task opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import data as case_data
from workflows.compiled import CompiledTask, InputExpressions
from workflows.errors import EvaluationRefused
from workflows.expressions import Context, Duration, EvaluationError, Expression, Person


def service_inputs(
    task: CompiledTask, values: Mapping[str, object], context: Context
) -> dict[str, Any]:
    """Return the values of the task's `inputs`, as JSON; nothing where the flow gives none.

    Raises:
        EvaluationRefused: one cannot be worked out on this data.
    """
    return case_data.to_json(_values(task, task.inputs, values, context, "inputs"))


def _values(
    task: CompiledTask,
    expressions: InputExpressions,
    values: Mapping[str, object],
    context: Context,
    path: str,
) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, part in expressions.items():
        where = f"{path}.{name}"
        if isinstance(part, Expression):
            found[name] = _plain(_evaluate(task, part, values, context, where))
        else:
            found[name] = _values(task, part, values, context, where)
    return found


def _evaluate(
    task: CompiledTask,
    expression: Expression,
    values: Mapping[str, object],
    context: Context,
    where: str,
) -> object:
    try:
        return expression.evaluate(values, context=context)
    except EvaluationError as error:
        raise EvaluationRefused(
            f"The {where} of {task.title!r} could not be worked out: {error}",
            expression=expression.source,
        ) from error


def _plain(value: object) -> object:
    """Return a length of time as text, and a person as the number of the account."""
    if isinstance(value, Duration):
        return str(value)
    return value.id if isinstance(value, Person) else value
