"""What is written is read back, to the last character and number."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from tests.flowfile.strategies import TRAPS, definitions
from workflows.definition import FlowDefinition, PlaceDefinition
from workflows.flowfile import from_mapping, problems, read, to_mapping, write

many = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    # A whole flow is too much to shrink or to trace within a test's time.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def as_json(definition: FlowDefinition) -> str:
    """Tells 1 from 1.0 and one order of keys from another, which `==` does not."""
    return json.dumps(to_mapping(definition), ensure_ascii=False)


@many
@given(definitions())
def test_what_is_written_as_yaml_is_read_back_and_written_alike(definition):
    text = write(definition)
    again = read(text)

    assert again == definition
    assert as_json(again) == as_json(definition)
    assert write(again) == text


@many
@given(definitions())
def test_what_is_written_as_json_is_read_back(definition):
    mapping = to_mapping(definition)

    assert read(json.dumps(mapping)) == definition
    assert read(json.dumps(mapping, indent="\t", ensure_ascii=False)) == definition
    assert from_mapping(json.loads(json.dumps(mapping))) == definition
    assert problems(definition) == ()


@many
@given(definitions())
def test_other_yaml_readers_read_the_same(definition):
    assert yaml.safe_load(write(definition)) == json.loads(as_json(definition))


@pytest.mark.parametrize("text", TRAPS)
def test_a_text_that_yaml_could_take_for_something_else_survives(text):
    data = {
        "type": "object",
        "properties": {"f": {"default": text, "enum": [text, {text[:50]: text}]}},
    }
    definition = FlowDefinition("f", data=data, places=(PlaceDefinition("p"),))

    assert read(write(definition)) == definition
