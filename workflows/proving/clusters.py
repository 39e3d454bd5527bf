"""The choices of a flow that guards take part in: decisions, and tasks with guarded outcomes."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.compiled import decisions_of, flow_scope
from workflows.definition import (
    FieldRight,
    FlowDefinition,
    TaskDefinition,
    TaskKind,
    TransitionDefinition,
)
from workflows.expressions import BOOLEAN, Expression, compile_expression


@dataclass(frozen=True, slots=True)
class Cluster:
    """Transitions that are chosen from, in the order in which they are tried.

    `task` is None for a decision. `guards` stand beside `transitions`, None where there is none.
    `editable`: the fields that whoever does the task may change before they choose. Of a task that
    no person does, each outcome is a choice of its own: a machine brings its result whatever the
    guards say.
    """

    transitions: tuple[TransitionDefinition, ...]
    guards: tuple[Expression | None, ...]
    task: TaskDefinition | None = None
    editable: frozenset[str] = frozenset()

    @property
    def has_default(self) -> bool:
        return any(t.is_default for t in self.transitions)

    @property
    def is_of_machine(self) -> bool:
        return self.task is not None and self.task.kind is not TaskKind.HUMAN

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(t.key for t in self.transitions)


def clusters_of(definition: FlowDefinition) -> list[Cluster]:
    """Return the choices of which some transition has a guard, or of which some is never tried.

    Raises:
        workflows.expressions.ExpressionError: a guard cannot be read.
    """
    scope = flow_scope(definition)

    def guards(group: list[TransitionDefinition]) -> tuple[Expression | None, ...]:
        return tuple(
            compile_expression(t.guard, scope=scope, expected=BOOLEAN) if t.guard else None
            for t in group
        )

    found = [
        Cluster(tuple(group), guards(group))
        for group in decisions_of(definition)
        if len(group) > 1 or group[0].guard
    ]
    for task in definition.tasks:
        outcomes = [t for t in definition.transitions if t.task == task.key]
        if task.kind is not TaskKind.HUMAN:
            found += [Cluster((t,), guards([t]), task) for t in outcomes if t.guard]
        elif any(t.guard for t in outcomes):
            edited = [name for name, right in task.form.items() if right is FieldRight.EDIT]
            found.append(Cluster(tuple(outcomes), guards(outcomes), task, frozenset(edited)))
    return found
