"""Every mistake of a file is told at once, with its line, its path and a way out."""

from __future__ import annotations

import pytest

from tests.flowfile.mistakes import SOUND, told
from workflows.definition import FlowDefinition, TaskDefinition
from workflows.errors import GoflowError
from workflows.flowfile import FlowFileError, from_mapping, problems, read


def test_the_file_that_the_others_change_is_right():
    assert read(SOUND).key == "f"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SOUND.replace("flow: f\n", "flow: F-1\n"), "1:7 flow: 'F-1' cannot be the key of a flow"),
        (SOUND.replace("flow: f\n", ""), "1:1 : `flow` is missing"),
        (
            SOUND.replace("tasks:", "taks:").replace("task: review, outcome: approve, ", ""),
            "4:1 taks: unknown key 'taks'. Did you mean 'tasks'?",
        ),
        (
            SOUND.replace("places: [start", "places: [start, start"),
            "3:17 places[1]: the place 'start' is listed twice",
        ),
        (
            SOUND.replace("middle, end]", "middle, end, my-place]"),
            "3:30 places[3]: 'my-place' cannot be a key",
        ),
        (
            SOUND.replace("middle, end]", "middle, end, 1]"),
            '3:30 places[3]: must be text, not 1; if it is meant as text, write "1"',
        ),
        (
            SOUND.replace("middle, end]", "middle, end, ﬁn]"),
            "3:30 places[3]: 'ﬁn' is written with unusual characters: write 'fin'",
        ),
        (
            SOUND.replace("middle, end]", "middle, end, submit]"),
            "7:3 transitions.submit: 'submit' is a place already",
        ),
        (
            SOUND.replace("[start, middle, end]", "start"),
            "3:9 places: must be a list of names, or a mapping of places, not the text 'start'",
        ),
        (
            SOUND.replace("from: start", "from: strat"),
            "7:12 transitions.submit.from: there is no place 'strat'. Did you mean 'start'?",
        ),
        (f"title: {'x' * 121}\n{SOUND}", "1:8 title: has 121 characters; 120 is the most"),
        (
            f"title: 2026\n{SOUND}",
            '1:8 title: must be text, not 2026; if it is meant as text, write "2026"',
        ),
        (f"title:\n{SOUND}", "1:7 title: must be text, not nothing"),
        (f"title: ' '\n{SOUND}", "1:8 title: is empty"),
        (f"{SOUND}flow: g\n", "9:1 flow: stands here twice, first in line 1"),
        (f"{SOUND}  submit: {{}}\n", "9:3 transitions.submit: stands here twice, first in line 7"),
    ],
)
def test_a_mistake_in_the_file_is_told(text, problem):
    (only,) = told(text)

    assert only.startswith(problem)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("[]", "2:7 data: must be a JSON Schema of an object, not a list"),
        ("{properties: {amount: {}}}", "2:1 data: must say `type: object`"),
        ("{type: array}", "2:8 data.type: must say `type: object`"),
        (
            "{type: object, properties: {amount: {type: nubmer}}}",
            "2:50 data.properties.amount.type: "
            "not valid JSON Schema: 'nubmer' is no type. Did you mean 'number'?",
        ),
        (
            "{type: object, properties: {amount: {minimum: x}}}",
            "2:53 data.properties.amount.minimum: "
            "not valid JSON Schema: 'x' is not of type 'number'",
        ),
        (
            "{type: object, properties: {amount: {pattern: '('}}}",
            "2:53 data.properties.amount.pattern: not valid JSON Schema: '(' is not a 'regex'",
        ),
        (
            "{type: object, properties: {amount: {$ref: 'http://intranet/'}}}",
            "2:50 data.properties.amount.$ref: may only point into this schema",
        ),
        (
            "{type: object, properties: {amount: {$ref: '#/$defs/a'}}}",
            "2:50 data.properties.amount.$ref: there is no '#/$defs/a' in this schema",
        ),
        (
            "{type: object, properties: {amount: {}}, required: [amout]}",
            "2:59 data.required[0]: `properties` has no field 'amout'. Did you mean 'amount'?",
        ),
        (
            "{type: object, properties: {amount: {}}, x-summary: [total]}",
            "2:60 data.x-summary[0]: `properties` has no field 'total'. There are: amount.",
        ),
        (
            "{type: object, properties: {amount: {}}, x-summary: amount}",
            "2:59 data.x-summary: must be a list of field names, not the text 'amount'",
        ),
    ],
)
def test_a_mistake_in_the_data_schema_is_told(data, problem):
    (only,) = told(SOUND.replace("{type: object, properties: {amount: {type: number}}}", data))

    assert only.startswith(problem)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    lines = told(
        "flow: F\ntitel: x\nplaces: [a, a]\ntasks:\n  t: {kind: service}\n"
        "transitions:\n  x: {from: b, guard: [1]}\n"
    )

    positions = [tuple(int(number) for number in line.split(" ")[0].split(":")) for line in lines]
    assert len(lines) == 7
    assert positions == sorted(positions)


def test_the_message_names_the_file_and_every_mistake():
    with pytest.raises(FlowFileError) as caught:
        read("flow: F\nplaces: []\ntransitions: []\n", filename="leave.yaml")

    assert str(caught.value) == (
        "leave.yaml has 2 errors:\n"
        "  line 1, column 7: flow: 'F' cannot be the key of a flow: letters a-z, digits and _, "
        "beginning with a letter\n"
        "  line 3, column 14: transitions: must be a mapping of transitions (`key: {...}`), "
        "not a list"
    )


def test_the_error_is_a_refusal_with_its_problems_as_facts():
    with pytest.raises(GoflowError) as caught:
        read("flow: F\nplaces: []\ntransitions: {}\n")

    assert caught.value.http_status == 422
    assert caught.value.facts["problems"][0]["line"] == 1
    assert caught.value.facts["problems"][0]["path"] == "flow"


def test_plain_values_have_paths_instead_of_lines():
    with pytest.raises(FlowFileError) as caught:
        from_mapping({"flow": "f", "places": ["a"], "transitions": {"t": {"from": "b"}}})

    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.path) == (0, 0, "transitions.t.from")
    assert str(problem) == "transitions.t.from: there is no place 'b'. There are: a."


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1: "x"}, ""),
        ({"title": object()}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"data": {"default": float("nan")}}, "data.default"),
        ({"data": {"default": 10**400}}, "data.default"),
    ],
)
def test_values_that_json_does_not_know_are_told(value, path):
    with pytest.raises(FlowFileError) as caught:
        from_mapping({"flow": "f", "places": [], "transitions": {}} | value)

    assert path in [problem.path for problem in caught.value.problems]


@pytest.mark.parametrize("value", [None, [], "flow: f", 3])
def test_what_is_no_mapping_is_told(value):
    with pytest.raises(
        FlowFileError, match="a flow file is a mapping that begins with `flow: key`"
    ):
        from_mapping(value)


def test_rows_that_are_no_valid_flow_have_problems():
    draft = FlowDefinition("f", tasks=(TaskDefinition("review"),))

    assert [problem.path for problem in problems(draft)] == ["tasks.review", "tasks.review"]
