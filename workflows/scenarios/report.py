"""All scenarios of a flow, one after the other."""

from __future__ import annotations

import time
from datetime import datetime

from workflows.compiled import compile_flow
from workflows.definition import FlowDefinition
from workflows.directory import Directory
from workflows.flowfile import scenarios_of
from workflows.net.errors import NetError

from .result import ScenarioReport, ScenarioResult
from .running import run

SECONDS = 10.0


def run_scenarios(
    definition: FlowDefinition,
    *,
    at: datetime,
    company: Directory | None = None,
    seconds: float = SECONDS,
) -> ScenarioReport:
    """Play the scenarios of a flow that has passed the checks of its file and its expressions.

    The time is looked at between scenarios: the first is always played.

    Raises:
        workflows.flowfile.FlowFileError: the scenarios cannot be read.
        workflows.expressions.ExpressionError: an expression of the flow cannot be read.
    """
    began = time.monotonic()
    scenarios = scenarios_of(definition)
    if not scenarios:
        return ScenarioReport(())
    results: list[ScenarioResult] = []
    why_not = ""
    try:
        flow = compile_flow(definition, version_id=0)
    except NetError as error:
        why_not = str(error)
    else:
        for scenario in scenarios:
            if results and time.monotonic() - began > seconds:
                why_not = "the others took all the time there is. Make them shorter, or fewer."
                break
            results.append(run(flow, scenario, at=at, company=company).result)
    left_out = tuple(scenario.title for scenario in scenarios[len(results) :])
    took = round(time.monotonic() - began, 6)
    return ScenarioReport(tuple(results), left_out, why_not, took)
