"""The scenarios of a flow, played with the company's people as they are now."""

from __future__ import annotations

from django.utils import timezone

from workflows.definition import FlowDefinition
from workflows.directory import get_directory
from workflows.scenarios import ScenarioReport, run_scenarios
from workflows.scenarios.report import SECONDS


def play_scenarios(definition: FlowDefinition, seconds: float = SECONDS) -> ScenarioReport:
    """Return how the scenarios of a flow go today; raises as `run_scenarios`."""
    return run_scenarios(definition, at=timezone.now(), company=get_directory(), seconds=seconds)
