"""The examples on the pages are read as they stand there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from workflows.definition import TaskKind
from workflows.flowfile import FlowFileError, from_mapping, read
from workflows.flowfile.rules import OUTCOMES
from workflows.flowfile.tasks import KIND_KEYS
from workflows.net import verify
from workflows.scenarios import run_scenarios

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "flow-file.md").read_text(encoding="utf-8")
CONCEPTS = (DOCS / "concepts.md").read_text(encoding="utf-8")

BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
WHOLE, *parts, WRONG = BLOCKS
WITH_SCENARIOS = [part for part in parts if "scenarios:" in part]
PARTS = [part for part in parts if part not in WITH_SCENARIOS]
ARCS = ("from", "to", "reads", "inhibitors", "resets")


def completed(part: str) -> dict[str, object]:
    """Return an example as a whole flow, with what it does not show made up around it."""
    flow = yaml.safe_load(part)
    tasks, transitions = flow.get("tasks", {}), dict(flow.get("transitions", {}))
    for key, task in tasks.items():
        named = task.get("seats", {}).get("rule", {"approve": "all"})
        for outcome in OUTCOMES.get(TaskKind(task.get("kind", "human")), tuple(named)):
            transitions[f"{key}_{outcome}"] = {"task": key, "outcome": outcome, "from": "start"}
    names = [
        place
        for transition in transitions.values()
        for arc in ARCS
        for place in [transition.get(arc, [])]
    ]
    places = {p for name in names for p in ([name] if isinstance(name, str) else name)}
    fields = {name for task in tasks.values() for name in task.get("form", {}).get("fields", {})}
    made_up = {
        "flow": "example",
        "data": {"type": "object", "properties": dict.fromkeys(fields, {})},
        "places": sorted(places),
        "transitions": transitions,
    }
    return made_up | {key: value for key, value in flow.items() if key != "transitions"}


def test_the_whole_example_is_sound():
    assert verify(read(WHOLE).net()).verdict == "sound"


def test_the_scenarios_of_the_examples_go_as_they_should():
    for text in (WHOLE, *(f"flow: example\n{part}" for part in WITH_SCENARIOS)):
        report = run_scenarios(read(text), at=datetime(2026, 11, 19, tzinfo=UTC))
        assert report.results
        assert report.problems == ()


@pytest.mark.parametrize("part", PARTS)
def test_an_example_of_a_section_can_be_read(part):
    assert from_mapping(completed(part)).key == "example"


def test_the_wrong_example_gets_the_answer_that_the_page_shows():
    (answer,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)

    with pytest.raises(FlowFileError) as caught:
        read(WRONG)

    assert f"{caught.value}\n" == answer


def test_the_example_of_the_concepts_is_the_net_drawn_there_and_sound():
    (example,) = re.findall(r"```yaml\n(.*?)```", CONCEPTS, re.DOTALL)

    definition = read(example)

    assert verify(definition.net()).verdict == "sound"
    drawn = CONCEPTS.split("```")[1]
    assert all(f"({place.key})" in drawn for place in definition.places)


@pytest.mark.parametrize("key", sorted({key for keys in KIND_KEYS.values() for key in keys}))
def test_every_key_of_a_task_is_on_the_page(key):
    assert f"`{key}" in PAGE


@pytest.mark.parametrize("page", ["concepts.md", "flow-file.md", "glossary.md", "scenarios.md"])
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\(([\w./-]+)\)", (DOCS / page).read_text(encoding="utf-8"))

    assert [target for target in targets if not (DOCS / target).exists()] == []
