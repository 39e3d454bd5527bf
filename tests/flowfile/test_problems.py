"""Every mistake of a file is told at once, with its line, its path and a way out."""

from __future__ import annotations

import pytest

from workflows.definition import FlowDefinition, TaskDefinition
from workflows.errors import GoflowError
from workflows.flowfile import FlowFileError, from_mapping, problems, read

SOUND = """\
flow: f
data: {type: object, properties: {amount: {type: number}}}
places: [start, middle, end]
tasks:
  review: {assign: requester}
transitions:
  submit: {from: start, to: middle}
  approve: {task: review, outcome: approve, from: middle, to: end}
"""


def told(text: str) -> list[str]:
    """Return what is wrong with a file, each as `line:column path: message`."""
    with pytest.raises(FlowFileError) as caught:
        read(text)
    return [f"{p.line}:{p.column} {p.path}: {p.message}" for p in caught.value.problems]


def with_task(task: str, outcome: str = "approve") -> str:
    return SOUND.replace("{assign: requester}", task).replace(
        "outcome: approve", f"outcome: {outcome}"
    )


def with_transition(transition: str) -> str:
    return f"{SOUND}  extra: {transition}\n"


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


@pytest.mark.parametrize(
    ("task", "outcome", "problem"),
    [
        ("{}", "approve", "5:3 tasks.review: a human task needs `assign`"),
        (
            "x",
            "approve",
            "5:11 tasks.review: must be a mapping with the task's `kind`, not the text 'x'",
        ),
        (
            "{kind: humna, assign: requester}",
            "approve",
            "5:18 tasks.review.kind: 'humna' is no kind of task. Did you mean 'human'?",
        ),
        (
            "{assign: requester, topic: x}",
            "approve",
            "5:31 tasks.review.topic: 'topic' is a key of service tasks; this is a human task",
        ),
        (
            "{assign: requester, asign: x}",
            "approve",
            "5:31 tasks.review.asign: unknown key 'asign'. Did you mean 'assign'?",
        ),
        (
            "{assign: requester, form: {fields: {amuont: read}}}",
            "approve",
            "5:47 tasks.review.form.fields.amuont: "
            "the data has no field 'amuont'. Did you mean 'amount'?",
        ),
        (
            "{assign: requester, form: {fields: {amount: write}}}",
            "approve",
            "5:55 tasks.review.form.fields.amount: 'write' is no right to a field.",
        ),
        (
            "{assign: requester, form: {}}",
            "approve",
            "5:31 tasks.review.form: a form needs `fields`",
        ),
        (
            "{assign: requester, seats: {order: parallel}}",
            "approve",
            "5:31 tasks.review.seats: seats need a `rule`",
        ),
        (
            "{assign: requester, seats: {rule: {aprove: all}}}",
            "approve",
            "5:46 tasks.review.seats.rule.aprove: "
            "the task has no outcome 'aprove'. Did you mean 'approve'?",
        ),
        (
            "{assign: requester, seats: {rule: {approve: 101%}}}",
            "approve",
            "5:55 tasks.review.seats.rule.approve: "
            "must be all, any, a number of votes or a percentage",
        ),
        (
            "{assign: requester, seats: {rule: {approve: 0}}}",
            "approve",
            "5:55 tasks.review.seats.rule.approve: must be at least 1, not 0",
        ),
        (
            "{assign: requester, seats: {order: random, rule: {approve: 1}}}",
            "approve",
            "5:46 tasks.review.seats.order: 'random' is no order of seats.",
        ),
        ("{kind: service}", "done", "5:3 tasks.review: a service task needs `handler` or `topic`"),
        (
            "{kind: service, handler: a.b, topic: c}",
            "done",
            "5:3 tasks.review: a service task has either `handler` or `topic`, not both",
        ),
        (
            "{kind: service, handler: a b}",
            "done",
            "5:36 tasks.review.handler: 'a b' is not the dotted name of a handler",
        ),
        (
            "{kind: service, topic: a, timeout: 30}",
            "done",
            "5:46 tasks.review.timeout: needs a unit: write `30 s`",
        ),
        ("{kind: service, topic: a, retry: {}}", "done", "5:37 tasks.review.retry: is empty"),
        (
            "{kind: service, topic: a, retry: {factor: 0.5}}",
            "done",
            "5:53 tasks.review.retry.factor: must be at least 1, not 0.5",
        ),
        (
            "{kind: service, topic: a, assign: requester}",
            "done",
            "5:37 tasks.review.assign: 'assign' is a key of human tasks; this is a service task",
        ),
        (
            "{kind: service, topic: a}",
            "approve",
            "8:27 transitions.approve.outcome: "
            "a service task ends with done or failed, not with 'approve'",
        ),
        (
            "{kind: service, topic: a}",
            "failed",
            "5:3 tasks.review: no transition is the outcome 'done' of the service task 'review'",
        ),
        ("{kind: timer}", "due", "5:3 tasks.review: a timer needs `after` or `at`"),
        (
            "{kind: timer, after: 1 day}",
            "done",
            "8:27 transitions.approve.outcome: a timer task ends with due, not with 'done'",
        ),
        ("{kind: message, name: paid}", "received", "5:3 tasks.review: a message task needs `key`"),
        (
            "{kind: message, key: business_key}",
            "received",
            "5:3 tasks.review: a message task needs `name`",
        ),
        ("{kind: subflow}", "completed", "5:3 tasks.review: a subflow task needs `flow`"),
        (
            "{kind: subflow, flow: A}",
            "completed",
            "5:33 tasks.review.flow: 'A' cannot be the key of a flow",
        ),
    ],
)
def test_a_mistake_in_a_task_is_told(task, outcome, problem):
    (only,) = told(with_task(task, outcome))

    assert only.startswith(problem)


@pytest.mark.parametrize(
    ("transition", "problem"),
    [
        ("{task: review, from: middle}", "9:11 transitions.extra.task: needs an `outcome` too"),
        ("{outcome: reject, from: middle}", "9:11 transitions.extra.outcome: needs a `task` too"),
        (
            "{task: reveiw, outcome: reject, from: middle}",
            "9:17 transitions.extra.task: there is no task 'reveiw'. Did you mean 'review'?",
        ),
        (
            "{task: review, outcome: approve, from: middle}",
            "9:25 transitions.extra.outcome: "
            "the task 'review' has the outcome 'approve' already: 'approve'",
        ),
        (
            "{task: review, outcome: reject, from: start}",
            "9:42 transitions.extra.from: "
            "the outcomes of one task share the same input places; 'approve', also of "
            "'review', comes from middle",
        ),
        (
            "{task: review, outcome: reject, from: {middle: 2}}",
            "9:42 transitions.extra.from: the outcomes of one task share the same input places",
        ),
        (
            "{task: review, outcome: reject, from: middle, default: true}",
            "9:56 transitions.extra.default: an outcome is chosen by whoever does the task",
        ),
        (
            "{from: middle, default: true, guard: amount > 1}",
            "9:25 transitions.extra.default: the default fires when no guard holds",
        ),
        (
            "{from: middle, default: yes}",
            "9:34 transitions.extra.default: must be true or false, not the text 'yes'",
        ),
        (
            "{from: middle, priority: high}",
            "9:35 transitions.extra.priority: must be a whole number, not the text 'high'",
        ),
        (
            "{from: middle, priority: 1.5}",
            "9:35 transitions.extra.priority: must be a whole number, not 1.5",
        ),
        ("{from: {middle: 0}}", "9:26 transitions.extra.from.middle: must be at least 1, not 0"),
        (
            "{from: [middle, middle]}",
            "9:26 transitions.extra.from[1]: "
            "the place 'middle' stands here twice: write `{middle: 2}` for two tokens",
        ),
        (
            "{from: middle, resets: {end: 1}}",
            "9:33 transitions.extra.resets: must be a list of places",
        ),
        (
            "{from: middle, set: {amuont: 1}}",
            "9:31 transitions.extra.set.amuont: "
            "the data has no field 'amuont'. Did you mean 'amount'?",
        ),
        ("{from: middle, guard: [a]}", "9:32 transitions.extra.guard: must be text, not a list"),
        (
            "{from: middle, position: [1]}",
            "9:35 transitions.extra.position: must be [x, y], two numbers, not a list",
        ),
        (
            "{from: middle, form: start}",
            "9:25 transitions.extra.form: unknown key 'form'. Did you mean 'from'?",
        ),
        (
            "{from: middle, title: Over 1,000}",
            "9:39 transitions.extra.000: "
            "unknown key '000'. If the comma before it belongs to a text",
        ),
        (
            f"{{from: middle, guard: {'a' * 2001}}}",
            "9:32 transitions.extra.guard: has 2001 characters; 2000 is the most",
        ),
    ],
)
def test_a_mistake_in_a_transition_is_told(transition, problem):
    (only,) = told(with_transition(transition))

    assert only.startswith(problem)


def test_a_task_without_outcome_is_told():
    (only,) = told(SOUND.replace("task: review, outcome: approve, ", ""))

    assert only.startswith("5:3 tasks.review: no transition is an outcome of the task 'review'")


def test_a_decision_has_one_default():
    (only,) = told(
        with_transition("{from: [start, end], to: middle, default: true}")
        + "  more: {from: [end, start], to: middle, default: true}\n"
    )

    assert only == "10:42 transitions.more.default: this decision has a default already: 'extra'"


def test_defaults_of_different_decisions_are_no_mistake():
    text = with_transition("{from: end, default: true}") + "  more: {from: start, default: true}\n"

    assert len(read(text).transitions) == 4


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
