"""Which checks a flow passes beside the proof of its net and guards.

A check of a flow by itself goes into `of_the_flow`, one that asks the database for the company's
people or cases into `of_the_company`. Their keys are those of the proof's JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows import casting
from workflows.definition import FlowDefinition, TaskKind
from workflows.jobs.checking import service_problems
from workflows.proving import Check, PublishProblem, Teller
from workflows.staffing import check_definition

from .scenarios import play_scenarios


def of_the_flow() -> tuple[Check, ...]:
    """Return the checks that need no database."""
    return (Check("handlers", _handlers),)


def of_the_company() -> tuple[Check, ...]:
    """Return the checks that look at today's people and cases."""
    return (Check("scenarios", play_scenarios), Check("people", check_definition))


def all_of_them() -> tuple[Check, ...]:
    return (*of_the_flow(), *of_the_company())


def teller() -> Teller | None:
    """Return who tells a fault as a story, with today's people in it."""
    return casting.teller()


@dataclass(frozen=True, slots=True)
class _Handlers:
    problems: Sequence[PublishProblem]

    def as_dict(self) -> Mapping[str, object]:
        return {"problems": [problem.as_dict() for problem in self.problems]}


def _handlers(definition: FlowDefinition, seconds: float) -> _Handlers:
    return _Handlers(
        tuple(
            PublishProblem(where, message, is_warning)
            for task in definition.tasks
            if task.kind is TaskKind.SERVICE
            for where, message, is_warning in service_problems(definition, task)
        )
    )
