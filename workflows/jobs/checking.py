"""What is wrong with the service tasks of a flow, told when it is to be published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.compiled import flow_scope, input_sources, inputs_of
from workflows.definition import FlowDefinition, TaskDefinition
from workflows.expressions import ExpressionError, Field, Kind, Scope, Type, compile_expression
from workflows.expressions.scope import type_of
from workflows.expressions.types import described, fits
from workflows.flowfile.problems import did_you_mean

from .handlers import Handler, registered_handlers

Problem = tuple[str, str, bool]
"""Where, what, and whether it is only a warning."""

_PEOPLE = frozenset({Kind.PERSON, Kind.PEOPLE})


def service_problems(definition: FlowDefinition, task: TaskDefinition) -> Iterator[Problem]:
    """Yield where a service task does not fit its handler or the flow's data."""
    name = task.options.get("handler")
    chosen: Handler | None = None
    if name is not None:
        offered = {key: each for key, each in registered_handlers().items() if each.for_flows}
        chosen = offered.get(str(name))
        if chosen is None:
            hint = did_you_mean(str(name), sorted(offered)) or " No handlers are registered."
            message = f"There is no handler {str(name)!r}.{hint}"
            yield f"tasks.{task.key}.handler", message, False
            return
    check = _TaskCheck(definition, task, chosen)
    yield from check.inputs()
    yield from check.outputs()


@dataclass(frozen=True, slots=True)
class _TaskCheck:
    definition: FlowDefinition
    task: TaskDefinition
    handler: Handler | None

    def inputs(self) -> Iterator[Problem]:
        path = f"tasks.{self.task.key}.inputs"
        scope = flow_scope(self.definition)
        given = inputs_of(self.task)
        if self.handler is None:
            yield from self._free_inputs(path, given, scope)
            return
        if "inputs" not in self.task.options:
            yield from self._inputs_from_data(self.handler)
            return
        signature = self.handler.signature
        for field in signature.inputs:
            if _is_needed(field) and field.name not in given:
                told = f"The handler {self.handler.name} needs the input {field.name!r}."
                yield f"{path}.{field.name}", told, False
        for name, part in given.items():
            where = f"{path}.{name}"
            known = signature.input(name)
            if known is not None:
                yield from _input_problems(where, part, known.type, _is_needed(known), scope)
            elif signature.takes_any or not signature.inputs:
                yield from self._free_inputs(path, {name: part}, scope)
            else:
                hint = did_you_mean(name, [each.name for each in signature.inputs])
                told = f"The handler {self.handler.name} has no input {name!r}.{hint}"
                yield where, told, False

    def outputs(self) -> Iterator[Problem]:
        path = f"tasks.{self.task.key}.outputs"
        fields = {field.name: field.type for field in type_of(self.definition.data).fields}
        declared = None if self.handler is None else self.handler.signature.outputs
        mapping = self.task.options.get("outputs")
        if not isinstance(mapping, Mapping):
            for name, brought in (declared or {}).items():
                if name in fields and (problem := _misfit(name, brought, name, fields[name])):
                    cure = "Name what it brings in `outputs`: {field: output}."
                    yield f"tasks.{self.task.key}.handler", f"{problem} {cure}", False
            return
        for field, output in mapping.items():
            where = f"{path}.{field}"
            if field not in fields:
                hint = did_you_mean(str(field), sorted(fields))
                yield where, f"The data has no field {field!r}.{hint}", False
            elif declared is not None and output not in declared:
                assert self.handler is not None  # noqa: S101  it has declared something
                hint = did_you_mean(str(output), sorted(declared))
                told = f"The handler {self.handler.name} has no output {output!r}.{hint}"
                yield where, told, False
            elif declared is not None and (
                problem := _misfit(str(output), declared[output], field, fields[field])
            ):
                yield where, problem, False

    def _inputs_from_data(self, handler: Handler) -> Iterator[Problem]:
        fields = {field.name: field for field in type_of(self.definition.data).fields}
        for wanted in handler.signature.inputs:
            path = f"tasks.{self.task.key}.inputs.{wanted.name}"
            found = fields.get(wanted.name)
            if found is None:
                if _is_needed(wanted):
                    told = f"The handler {handler.name} needs the input {wanted.name!r}"
                    yield path, f"{told}, and the data has no field of this name.", False
            elif not _fits(found.type, wanted.type):
                told = f"The handler {handler.name} takes {_told(wanted.type)} as {wanted.name!r}"
                yield path, f"{told}, but the field of this name is {_told(found.type)}.", False
            elif _is_needed(wanted) and found.type.optional:
                yield path, f"{wanted.name} may be empty here; the handler needs it.", True

    @staticmethod
    def _free_inputs(path: str, given: Mapping[str, object], scope: Scope) -> Iterator[Problem]:
        """People are not handed to whoever takes anything: there is no JSON for them."""
        for source in input_sources(path, given):
            try:
                type_ = compile_expression(
                    source.source, scope=scope, expected=source.expected
                ).type
            except ExpressionError:
                continue  # Told with the flow's other expressions.
            if type_.kind in _PEOPLE:
                yield source.path, "People cannot be handed over: name one of their facts.", False


def _input_problems(
    path: str, part: object, wanted: Type, required: bool, scope: Scope
) -> Iterator[Problem]:
    if isinstance(part, Mapping):
        if wanted.kind not in (Kind.RECORD, Kind.ANY):
            yield path, f"This must be {_told(wanted)}, not several values.", False
        yield from _TaskCheck._free_inputs(path, part, scope)
        return
    source = str(part)
    (found,) = input_sources("", {"it": source})
    try:
        loose = compile_expression(source, scope=scope, expected=found.expected)
    except ExpressionError:
        return  # Told with the flow's other expressions.
    if wanted.kind is Kind.ANY and loose.type.kind in _PEOPLE:
        yield path, "People cannot be handed over here.", False
        return
    try:
        expression = compile_expression(source, scope=scope, expected=wanted)
    except ExpressionError as error:
        yield path, str(error), False
        return
    if not _fits(loose.type, wanted) and loose.type.kind is wanted.kind:
        yield path, f"This must be {_told(wanted)}, not {_told(loose.type)}.", False
    elif required:
        known = {str(warning) for warning in loose.warnings}
        for warning in expression.warnings:
            if str(warning) not in known:
                yield path, str(warning), True


def _is_needed(field: Field) -> bool:
    return field.required and not field.type.optional


def _misfit(output: str, brought: Type, field: str, wanted: Type) -> str:
    if _fits(brought, wanted):
        return ""
    told = f"The output {output!r} is {_told(brought)}"
    return f"{told}, but the field {field!r} is {_told(wanted)}."


def _fits(actual: Type, wanted: Type) -> bool:
    if not fits(actual, wanted):
        return False
    needs_whole = wanted.kind is Kind.NUMBER and wanted.whole and actual.kind is Kind.NUMBER
    return not needs_whole or actual.whole


def _told(type_: Type) -> str:
    return "a whole number" if type_.whole else described(type_.kind)
