"""Scenarios that come from elsewhere than a whole file: from rows, a text of their own, a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflows.definition import Expectation, FlowDefinition, ScenarioDefinition

from .cursor import Cursor
from .nodes import Json, from_values
from .problems import Report
from .scenarios import Outcomes, kept, outcomes_of, read_scenarios
from .yamltext import compose

_UNTITLED = "Not saved yet"


def scenarios_of(definition: FlowDefinition) -> tuple[ScenarioDefinition, ...]:
    """Return what a flow's scenarios mean.

    Raises:
        FlowFileError: rows may say anything; names every mistake with its path.
    """
    return _read(list(definition.scenarios), outcomes_of(definition))


def from_text(text: str) -> list[dict[str, Json]]:
    """Return the scenarios that a YAML or JSON text lists, as they are kept.

    What they name is not looked up: the flow may be changed together with them.

    Raises:
        FlowFileError: with every mistake, each with its line.
    """
    if not text.strip():
        return []
    report = Report("The list of scenarios")
    cursor = Cursor(compose(text, report), "scenarios", report)
    read_scenarios(cursor, None)
    report.raise_any()
    return [dict(scenario) for scenario in kept(cursor)]


def data_from_text(text: str) -> dict[str, Json]:
    """Return the fields that a YAML or JSON text gives: `amount: 120`, one a line.

    Raises:
        FlowFileError: with every mistake, each with its line.
    """
    if not text.strip():
        return {}
    report = Report("The data")
    cursor = Cursor(compose(text, report), "", report)
    cursor.entries("a mapping from field to value, e.g. `amount: 120`")
    report.raise_any()
    value = cursor.plain()
    return value if isinstance(value, dict) else {}


def run_of(definition: FlowDefinition, run: Mapping[str, object]) -> ScenarioDefinition:
    """Return what a scenario means that has no title and expects nothing yet.

    Raises:
        FlowFileError: it cannot be read, or names what the flow does not have.
    """
    whole = {**run, "title": _UNTITLED, "expect": {"end": True}}
    (scenario,) = _read([whole], outcomes_of(definition))
    return replace(scenario, expect=Expectation())


def _read(values: Sequence[object], outcomes: Outcomes) -> tuple[ScenarioDefinition, ...]:
    report = Report()
    node = from_values(values, report, "scenarios")
    scenarios = read_scenarios(Cursor(node, "scenarios", report), outcomes)
    report.raise_any()
    return scenarios
