"""A flow made ready to run: its net, its expressions compiled, its decisions in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows.data.compiled import schema_type
from workflows.data.typed import TypedData
from workflows.definition import FlowDefinition, TaskDefinition, TransitionDefinition
from workflows.expressions import (
    BOOLEAN,
    DATETIME,
    DURATION,
    PEOPLE,
    Expression,
    Scope,
    Type,
    compile_expression,
    names_requester,
    scope_of,
)
from workflows.expressions.durations import looks_like_duration
from workflows.expressions.tree import Call, walk
from workflows.net import Marking, Net
from workflows.net.structure import sink, source

TIMES = {"after": DURATION, "at": DATETIME, "every": DURATION, "remind": DURATION}
"""The options that tell a time, and the type of their expressions."""

InputExpressions = Mapping[str, "Expression | InputExpressions"]
"""What a service task hands over, by name; a mapping in it becomes a group of values."""


@dataclass(frozen=True, slots=True)
class ExpressionSource:
    """One expression of a flow, and where it stands: `transitions.pay.guard`."""

    path: str
    source: str
    expected: Type | None


def expression_sources(definition: FlowDefinition, scope: Scope) -> Iterator[ExpressionSource]:
    """Yield every expression that the engine will evaluate."""
    for task in definition.tasks:
        for name, expected in (("assign", PEOPLE), ("otherwise", PEOPLE), ("due", DURATION)):
            if getattr(task, name):
                yield ExpressionSource(f"tasks.{task.key}.{name}", getattr(task, name), expected)
        for name, expected in TIMES.items():
            if name in task.options:
                path = f"tasks.{task.key}.{name}"
                yield ExpressionSource(path, str(task.options[name]), expected)
        yield from input_sources(f"tasks.{task.key}.inputs", inputs_of(task))
    for transition in definition.transitions:
        path = f"transitions.{transition.key}"
        if transition.guard:
            yield ExpressionSource(f"{path}.guard", transition.guard, BOOLEAN)
        for field, text in transition.assignments.items():
            yield ExpressionSource(f"{path}.set.{field}", text, scope.names.get(field))


def inputs_of(task: TaskDefinition) -> Mapping[str, object]:
    """Return a service task's `inputs`: each name with an expression, or a mapping of such."""
    given = task.options.get("inputs")
    return given if isinstance(given, Mapping) else {}


def input_sources(path: str, inputs: Mapping[str, object]) -> Iterator[ExpressionSource]:
    for name, part in inputs.items():
        if isinstance(part, Mapping):
            yield from input_sources(f"{path}.{name}", part)
        else:
            # What the handler expects is no part of the flow: only the look of it tells a duration.
            expected = DURATION if looks_like_duration(str(part)) else None
            yield ExpressionSource(f"{path}.{name}", str(part), expected)


def flow_scope(definition: FlowDefinition) -> Scope:
    return scope_of(definition.data, task_keys=frozenset(task.key for task in definition.tasks))


@dataclass(frozen=True)
class CompiledTransition:
    key: str
    title: str
    outcome: str
    guard: Expression | None
    assignments: tuple[tuple[str, Expression], ...]
    is_default: bool


@dataclass(frozen=True)
class CompiledTask:
    """`admits_requester`: the flow names the requester as one who does this task.

    `times`: its expressions of `TIMES`. `inputs`: those that a service task hands to its worker.
    """

    definition: TaskDefinition
    outcomes: Mapping[str, CompiledTransition]
    assign: Expression | None
    otherwise: Expression | None
    due: Expression | None
    times: Mapping[str, Expression]
    inputs: InputExpressions

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def title(self) -> str:
        return self.definition.title or self.definition.key

    @cached_property
    def admits_requester(self) -> bool:
        return any(e is not None and names_requester(e) for e in (self.assign, self.otherwise))

    @cached_property
    def asks_who_did(self) -> bool:
        """Whether who may do it depends on who did an earlier task, and may have left since."""
        asked = (
            node for e in (self.assign, self.otherwise) if e is not None for node in walk(e.tree)
        )
        return any(isinstance(node, Call) and node.function == "did" for node in asked)


@dataclass(frozen=True)
class CompiledFlow:
    """`decisions`: the automatic transitions, those that share their input in one group, in the
    order in which they are tried.
    """

    version_id: int
    definition: FlowDefinition
    net: Net
    start: Marking
    end: str
    decisions: tuple[tuple[CompiledTransition, ...], ...]
    tasks: Mapping[str, CompiledTask]

    @cached_property
    def task_of(self) -> Mapping[str, str]:
        """Transition -> the task of which it is an outcome."""
        return {t.key: key for key, task in self.tasks.items() for t in task.outcomes.values()}

    @cached_property
    def decision_of(self) -> Mapping[str, int]:
        """The first transition of each decision -> its place in `decisions`; where it is enabled,
        all of them are."""
        return {decision[0].key: place for place, decision in enumerate(self.decisions)}

    @cached_property
    def unconditional(self) -> frozenset[str]:
        """The transitions that need no token: all that are enabled where no place is marked."""
        return frozenset(t.key for t in self.net.transitions if not self.net.needs(t.key))

    @cached_property
    def _places_of_tasks(self) -> Mapping[str, int]:
        return {key: place for place, key in enumerate(self.tasks)}

    def in_order(self, tasks: Collection[str]) -> list[CompiledTask]:
        """Return these tasks in the flow's order."""
        return [self.tasks[key] for key in sorted(tasks, key=self._places_of_tasks.__getitem__)]

    @cached_property
    def _types_of_fields(self) -> Mapping[str, Type]:
        return {field.name: field.type for field in schema_type(self.schema).fields}

    def read(self, raw: Mapping[str, Any]) -> TypedData:
        """Return a case's data with its schema's types, as `workflows.data.read` does, but each
        field when it is asked for."""
        return TypedData(self._types_of_fields, raw)

    @property
    def schema(self) -> Mapping[str, object]:
        return self.definition.data

    @property
    def title(self) -> str:
        return self.definition.title or self.definition.key


def compile_flow(definition: FlowDefinition, *, version_id: int) -> CompiledFlow:
    """Return the flow, ready to run.

    Raises:
        workflows.expressions.ExpressionError: an expression cannot be read.
        workflows.net.errors.NetError: the net is not a workflow net.
    """
    net = definition.net()
    scope = flow_scope(definition)
    expressions = {
        found.path: compile_expression(found.source, scope=scope, expected=found.expected)
        for found in expression_sources(definition, scope)
    }
    transitions = {t.key: _compile_transition(t, expressions) for t in definition.transitions}
    return CompiledFlow(
        version_id=version_id,
        definition=definition,
        net=net,
        start=Marking({source(net): 1}),
        end=sink(net),
        decisions=tuple(
            tuple(transitions[t.key] for t in group) for group in decisions_of(definition)
        ),
        tasks={
            task.key: CompiledTask(
                definition=task,
                outcomes={
                    t.outcome: transitions[t.key]
                    for t in definition.transitions
                    if t.task == task.key
                },
                assign=expressions.get(f"tasks.{task.key}.assign"),
                otherwise=expressions.get(f"tasks.{task.key}.otherwise"),
                due=expressions.get(f"tasks.{task.key}.due"),
                times={
                    name: expressions[f"tasks.{task.key}.{name}"]
                    for name in TIMES
                    if name in task.options
                },
                inputs=_compiled_inputs(f"tasks.{task.key}.inputs", inputs_of(task), expressions),
            )
            for task in definition.tasks
        },
    )


def _compiled_inputs(
    path: str, inputs: Mapping[str, object], expressions: Mapping[str, Expression]
) -> InputExpressions:
    return {
        name: _compiled_inputs(f"{path}.{name}", part, expressions)
        if isinstance(part, Mapping)
        else expressions[f"{path}.{name}"]
        for name, part in inputs.items()
    }


def decisions_of(definition: FlowDefinition) -> list[list[TransitionDefinition]]:
    """Return the automatic transitions in groups that share their input arcs, each as it is tried.

    Lower priority numbers come first, then those without a number in the order of the file, the
    default last.
    """
    groups: dict[object, list[TransitionDefinition]] = {}
    for transition in definition.transitions:
        if transition.is_automatic:
            arcs = (transition.inputs, transition.reads, transition.inhibitors)
            groups.setdefault(tuple(frozenset(a.items()) for a in arcs), []).append(transition)
    return [sorted(group, key=_rank) for group in groups.values()]


def _rank(transition: TransitionDefinition) -> tuple[bool, bool, int]:
    return (transition.is_default, transition.priority is None, transition.priority or 0)


def _compile_transition(
    transition: TransitionDefinition, expressions: Mapping[str, Expression]
) -> CompiledTransition:
    path = f"transitions.{transition.key}"
    return CompiledTransition(
        key=transition.key,
        title=transition.title or transition.key,
        outcome=transition.outcome,
        guard=expressions.get(f"{path}.guard"),
        assignments=tuple(
            (field, expressions[f"{path}.set.{field}"]) for field in transition.assignments
        ),
        is_default=transition.is_default,
    )


def enabled_tasks(flow: CompiledFlow, enabled: Collection[str]) -> frozenset[str]:
    """Return the keys of the tasks of which some outcome is among the `enabled` transitions."""
    return frozenset(flow.task_of[key] for key in enabled if key in flow.task_of)
