"""What came of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.proving import PublishProblem


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a scenario went another way than expected. `step` counts from 1, 0 is the start.

    `path` leads from the scenario to what was not met.
    """

    step: int
    path: str
    message: str

    def as_dict(self) -> dict[str, object]:
        return {"step": self.step, "path": self.path, "message": self.message}


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A step that was done. `fired` are titles of transitions, `offered` of the tasks open then,
    whose keys are `tasks`."""

    number: int
    title: str
    fired: tuple[str, ...]
    tasks: tuple[str, ...]
    offered: tuple[str, ...]
    is_ended: bool

    def as_dict(self) -> dict[str, object]:
        return {
            "step": self.number,
            "title": self.title,
            "fired": list(self.fired),
            "offered": list(self.tasks),
            "ended": self.is_ended,
        }


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """`people` says who acted: the `company`'s, or `sample` people."""

    title: str
    failures: tuple[Failure, ...]
    steps: tuple[PlayedStep, ...]
    is_ended: bool
    marking: Mapping[str, int]
    data: Mapping[str, Any]
    people: str

    @property
    def is_passed(self) -> bool:
        return not self.failures

    @property
    def step_count(self) -> int:
        """How many steps were done after the start."""
        return max(len(self.steps) - 1, 0)

    def as_dict(self) -> dict[str, object]:
        return {
            "title": self.title,
            "passed": self.is_passed,
            "failures": [failure.as_dict() for failure in self.failures],
            "steps": [step.as_dict() for step in self.steps],
            "ended": self.is_ended,
            "marking": dict(self.marking),
            "data": dict(self.data),
            "people": self.people,
        }


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """The scenarios of a flow, in its order. `left_out` are the titles of those that were not
    played, and `why_not` is why: they count as not passed."""

    results: tuple[ScenarioResult, ...]
    left_out: tuple[str, ...] = ()
    why_not: str = ""
    seconds: float = 0.0

    @property
    def is_passed(self) -> bool:
        return not self.left_out and all(result.is_passed for result in self.results)

    @property
    def passed(self) -> int:
        return sum(result.is_passed for result in self.results)

    @property
    def count(self) -> int:
        return len(self.results) + len(self.left_out)

    @property
    def problems(self) -> tuple[PublishProblem, ...]:
        """What stands against publishing the flow: no scenario may fail."""
        failed = [
            PublishProblem(
                f"scenarios[{number}].{failure.path}",
                f"The scenario {result.title!r} goes another way. {failure.message}",
            )
            for number, result in enumerate(self.results)
            for failure in result.failures
        ]
        first = len(self.results)
        late = [
            PublishProblem(
                f"scenarios[{number}]",
                f"The scenario {title!r} was not played: {self.why_not}",
            )
            for number, title in enumerate(self.left_out, first)
        ]
        return (*failed, *late)

    def as_dict(self) -> dict[str, object]:
        return {
            "passed": self.is_passed,
            "scenarios": [result.as_dict() for result in self.results],
            "left_out": list(self.left_out),
            "problems": [problem.as_dict() for problem in self.problems],
            "seconds": self.seconds,
        }
