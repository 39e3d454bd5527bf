"""The `scenarios` section: kept as it is written, and every mistake told with its line."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.flowfile.mistakes import SOUND, told
from workflows.definition import Expectation, FlowDefinition, ScenarioDefinition, ScenarioStep
from workflows.flowfile import FlowFileError, from_mapping, problems, read, scenarios_of, write
from workflows.flowfile.emit import write_scenarios
from workflows.flowfile.scenariotext import from_text

FLOW = SOUND.replace("transitions:", "  remind: {kind: timer, after: 1 day}\ntransitions:").replace(
    "  approve:",
    "  ring: {task: remind, outcome: due, from: middle, to: middle}\n"
    "  reject: {task: review, outcome: reject, from: middle, to: end}\n  approve:",
)
SCENARIOS = """\
scenarios:
  - title: Approved
    requester: ada
    today: 2026-01-05
    data: {amount: 12.50}
    steps:
      - review: approve
      - timer: remind
      - task: review
        outcome: reject
        by: ben
        data: {amount: 3}
        now: 2026-01-06T09:00:00Z
    expect:
      end: true
      data: {amount: 3}
      offered: [review]
      not_offered: remind
      never: remind
"""


def with_scenario(scenario: str) -> str:
    return f"{FLOW}scenarios:\n  - {scenario}\n"


def test_all_that_a_scenario_can_say_is_read():
    assert scenarios_of(read(FLOW + SCENARIOS)) == (
        ScenarioDefinition(
            title="Approved",
            requester="ada",
            at=date(2026, 1, 5),
            data={"amount": 12.5},
            steps=(
                ScenarioStep("review", "approve"),
                ScenarioStep("remind", "due"),
                ScenarioStep(
                    "review",
                    "reject",
                    {"amount": 3},
                    by="ben",
                    at=datetime(2026, 1, 6, 9, tzinfo=UTC),
                ),
            ),
            expect=Expectation(
                ends=True,
                data={"amount": 3},
                offered=("review",),
                not_offered=("remind",),
                never=("remind",),
            ),
        ),
    )


def test_scenarios_are_kept_as_they_are_written():
    definition = read(FLOW + SCENARIOS)

    assert definition.scenarios[0]["steps"][1] == {"timer": "remind"}
    assert read(write(definition)) == definition
    assert from_mapping({**from_mapping_of(definition)}) == definition


def from_mapping_of(definition: FlowDefinition) -> dict[str, object]:
    from workflows.flowfile import to_mapping

    return to_mapping(definition)


def test_scenarios_are_written_an_entry_a_line():
    text = write(read(FLOW + SCENARIOS))

    assert text.endswith("""\
scenarios:
  - title: Approved
    requester: ada
    today: "2026-01-05"
    data: {amount: 12.5}
    steps:
      - review: approve
      - timer: remind
      - {task: review, outcome: reject, by: ben, data: {amount: 3}, now: "2026-01-06T09:00:00Z"}
    expect: {end: true, data: {amount: 3}, offered: [review], not_offered: remind, never: remind}
""")


def test_a_list_of_scenarios_alone_is_read_as_it_is_written():
    scenarios = list(read(FLOW + SCENARIOS).scenarios)

    assert from_text(write_scenarios(scenarios)) == scenarios


def test_no_scenarios_are_no_text_and_the_other_way_round():
    assert write_scenarios([]) == ""
    assert from_text("") == []


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        ("{titel: x, title: y, expect: {end: true}}", "13:6 scenarios[0].titel: unknown key"),
        ("{expect: {end: true}}", "13:5 scenarios[0]: a scenario needs a `title`"),
        ("{title: x}", "13:5 scenarios[0]: a scenario needs `expect`"),
        ("{title: x, expect: {}}", "13:24 scenarios[0].expect: expects nothing"),
        ("x", "13:5 scenarios[0]: must be a mapping"),
        (
            "{title: x, expect: {end: maybe}}",
            "13:30 scenarios[0].expect.end: must be true or false, not the text 'maybe'",
        ),
        (
            "{title: x, expect: {offered: [review, reveiw]}}",
            "13:43 scenarios[0].expect.offered[1]: there is no task 'reveiw'. Did you mean",
        ),
        (
            "{title: x, expect: {never: pay}}",
            "13:25 scenarios[0].expect.never: there is no task 'pay'.",
        ),
        (
            "{title: x, steps: [{reveiw: approve}], expect: {end: true}}",
            "13:25 scenarios[0].steps[0].reveiw: there is no task 'reveiw'. Did you mean 'review'?",
        ),
        (
            "{title: x, steps: [{review: aprove}], expect: {end: true}}",
            "13:25 scenarios[0].steps[0].review: the task 'review' has no outcome 'aprove'. "
            "Did you mean 'approve'?",
        ),
        (
            "{title: x, steps: [{timer: review}], expect: {end: true}}",
            "13:25 scenarios[0].steps[0].timer: the task 'review' has no outcome 'due'.",
        ),
        (
            "{title: x, steps: [{task: review}], expect: {end: true}}",
            "13:24 scenarios[0].steps[0]: a step needs an `outcome` too",
        ),
        (
            "{title: x, steps: [{outcome: approve, by: ben}], expect: {end: true}}",
            "13:24 scenarios[0].steps[0]: a step needs a `task` too",
        ),
        (
            "{title: x, steps: [{task: review, outcome: approve, who: ben}], expect: {end: true}}",
            "13:57 scenarios[0].steps[0].who: unknown key 'who'",
        ),
        (
            "{title: x, steps: [review], expect: {end: true}}",
            "13:24 scenarios[0].steps[0]: must be a step such as `review: approve`",
        ),
        (
            "{title: x, steps: [{}], expect: {end: true}}",
            "13:24 scenarios[0].steps[0]: is empty",
        ),
        (
            "{title: x, steps: {review: approve}, expect: {end: true}}",
            "13:23 scenarios[0].steps: must be a list such as `- review: approve`",
        ),
        (
            "{title: x, data: [1], expect: {end: true}}",
            "13:22 scenarios[0].data: must be a mapping from field to value, not a list",
        ),
        (
            "{title: x, today: 5.1.2026, expect: {end: true}}",
            "13:23 scenarios[0].today: must be a day, e.g. 2026-01-05",
        ),
        (
            "{title: x, now: 2026-01-05T09:00:00, expect: {end: true}}",
            "13:21 scenarios[0].now: must be a moment with its zone",
        ),
        (
            "{title: x, today: 2026-01-05, now: 2026-01-05T09:00:00Z, expect: {end: true}}",
            "13:35 scenarios[0].now: tells the time once more: keep `today` or `now`",
        ),
        (
            "{title: x, expect: {end: true}}\n  - {title: x, expect: {end: false}}",
            "14:5 scenarios[1]: there is a scenario 'x' already",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_way_out(scenario, problem):
    (found,) = told(with_scenario(scenario))

    assert found.startswith(problem)


def test_the_section_is_a_list():
    (found,) = told(f"{FLOW}scenarios: {{title: x}}\n")

    assert found == "12:12 scenarios: must be a list of scenarios, not a mapping"


@pytest.mark.parametrize(
    ("scenarios", "problem"),
    [
        ([{"title": f"s{n}", "expect": {"end": True}} for n in range(101)], "has 101 scenarios"),
        (
            [{"title": "s", "steps": [{"review": "approve"}] * 101, "expect": {"end": True}}],
            "has 101 steps",
        ),
    ],
)
def test_there_is_a_most_to_play(scenarios, problem):
    with pytest.raises(FlowFileError, match=problem):
        from_mapping({**from_mapping_of(read(FLOW)), "scenarios": scenarios})


def test_a_task_may_be_called_task_or_timer():
    flow = FLOW.replace("review", "task").replace("remind", "timer")
    scenario = "{title: x, steps: [{timer: due}, {task: approve}], expect: {end: true}}"

    (found,) = scenarios_of(read(f"{flow}scenarios:\n  - {scenario}\n"))

    assert found.steps == (ScenarioStep("timer", "due"), ScenarioStep("task", "approve"))


def test_rows_whose_scenarios_are_wrong_are_told_with_their_path():
    definition = read(FLOW)
    broken = FlowDefinition(
        definition.key,
        data=definition.data,
        places=definition.places,
        tasks=definition.tasks,
        transitions=definition.transitions,
        scenarios=({"title": "x", "steps": [{"gone": "approve"}], "expect": {"end": True}}, "y"),
    )

    assert [problem.path for problem in problems(broken)] == [
        "scenarios[0].steps[0].gone",
        "scenarios[1]",
    ]


def test_the_text_of_a_list_is_refused_with_its_line():
    with pytest.raises(FlowFileError) as caught:
        from_text("- title: x\n  expekt: {end: true}\n")

    assert "line 2, column 3: scenarios[0].expekt: unknown key 'expekt'" in str(caught.value)
