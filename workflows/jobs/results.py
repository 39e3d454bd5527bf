"""What a service task brought, as updates of the case's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows import data as case_data
from workflows.compiled import CompiledFlow, CompiledTask
from workflows.expressions.scope import type_of
from workflows.flowfile.problems import did_you_mean

from .binding import BadResult, check_outputs
from .handlers import registered_handlers


def read_result(
    flow: CompiledFlow, task: CompiledTask, raw: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the data fields that a result sets, as JSON.

    Where the task has `outputs`, only these are taken; else each output goes to the field of its
    name. Of what a handler has declared, the rest is left. Whether the values fit the fields is for
    the flow's schema to say.

    Raises:
        BadResult: it names what neither the handler nor the flow declares.
    """
    result = {} if raw is None else case_data.to_json(raw)
    options = task.definition.options
    outputs = options.get("outputs")
    registered = registered_handlers().get(str(options.get("handler", "")))
    declared = None if registered is None else registered.signature.outputs
    who = f"The service task {task.title!r}"
    if declared is not None:
        check_outputs(declared, result, who)
    if isinstance(outputs, Mapping):
        if declared is None:
            _refuse_others(result, {str(name) for name in outputs.values()}, who)
        return {field: result[name] for field, name in outputs.items() if name in result}
    fields = {field.name for field in type_of(flow.schema).fields}
    if declared is None:
        _refuse_others(result, fields, who)
    return {name: value for name, value in result.items() if name in fields}


def _refuse_others(result: Mapping[str, Any], known: set[str], who: str) -> None:
    for name in result:
        if name not in known:
            hint = did_you_mean(name, sorted(known))
            raise BadResult(f"{who} brought {name!r}, which neither data nor outputs have.{hint}")
