"""Scenarios: sample cases with the way they should go, played in memory by the engine's own steps.

See docs/scenarios.md.
"""

from .play import Play
from .report import run_scenarios
from .result import Failure, PlayedStep, ScenarioReport, ScenarioResult
from .running import Run, run

__all__ = [
    "Failure",
    "Play",
    "PlayedStep",
    "Run",
    "ScenarioReport",
    "ScenarioResult",
    "run",
    "run_scenarios",
]
