"""What is wrong with a flow's file, its data schema, its expressions and its kinds of task."""

from __future__ import annotations

from collections.abc import Iterator

from workflows import data as case_data
from workflows import flowfile
from workflows.compiled import expression_sources, flow_scope
from workflows.definition import FlowDefinition, TaskKind
from workflows.expressions import ExpressionError, compile_expression

from .problem import PublishProblem

RUNNABLE_KINDS = frozenset({TaskKind.HUMAN, TaskKind.SERVICE, TaskKind.TIMER})


def file_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    for problem in flowfile.problems(definition):
        yield PublishProblem(problem.path, problem.message)


def schema_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    for problem in case_data.check_schema(definition.data):
        yield PublishProblem(f"data.{problem.path}".rstrip("."), problem.message)


def expression_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    scope = flow_scope(definition)
    for found in expression_sources(definition, scope):
        try:
            expression = compile_expression(found.source, scope=scope, expected=found.expected)
        except ExpressionError as error:
            yield PublishProblem(found.path, str(error))
        else:
            for warning in expression.warnings:
                yield PublishProblem(found.path, str(warning), is_warning=True)


def kind_problems(definition: FlowDefinition) -> Iterator[PublishProblem]:
    for task in definition.tasks:
        if task.kind not in RUNNABLE_KINDS:
            message = f"This version of Goflow cannot run {task.kind} tasks yet."
            yield PublishProblem(f"tasks.{task.key}.kind", message)
        if task.seats:
            message = "This version of Goflow cannot ask several people for one task yet."
            yield PublishProblem(f"tasks.{task.key}.seats", message)
