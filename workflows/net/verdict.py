"""The answer to whether a net is sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .problems import Problem

Answer = Literal["sound", "unsound", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, and what is known. A property that could not be decided is None."""

    verdict: Answer
    workflow_net: bool
    bounded: bool | None
    option_to_complete: bool | None
    proper_completion: bool | None
    dead_transitions: tuple[str, ...]
    states: int
    seconds: float
    method: str
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        return self.verdict == "sound"

    def as_dict(self) -> dict[str, object]:
        """Return the verdict as the JSON object of `verify_net --json`."""
        return {
            "verdict": self.verdict,
            "workflow_net": self.workflow_net,
            "bounded": self.bounded,
            "option_to_complete": self.option_to_complete,
            "proper_completion": self.proper_completion,
            "dead_transitions": list(self.dead_transitions),
            "states": self.states,
            "seconds": self.seconds,
            "method": self.method,
            "problems": [problem.as_dict() for problem in self.problems],
        }
