"""The flows that Goflow brings along: sound, whole, and doing what their descriptions say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

import approvals
from tests.expressions.world import ADA, Company
from workflows import publishing
from workflows.compiled import decisions_of, flow_scope
from workflows.definition import FlowDefinition, TaskKind
from workflows.expressions import Context, compile_expression
from workflows.flowfile import read, write
from workflows.net import Marking, enabled_transitions, fire, fire_sequence, verify
from workflows.scenarios import run_scenarios

FOLDER = Path(approvals.__file__).parent / "flows"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
START, END = Marking({"start": 1}), Marking({"end": 1})

every_flow = pytest.mark.parametrize("name", NAMES)


@cache
def shipped(name: str) -> FlowDefinition:
    path = FOLDER / f"{name}.yaml"
    return read(path.read_text(encoding="utf-8"), filename=path.name)


@cache
def reachable(name: str) -> frozenset[Marking]:
    """Return every marking that the flow's net can come to."""
    net = shipped(name).net()
    found, waiting = {START}, [START]
    while waiting:
        marking = waiting.pop()
        for transition in enabled_transitions(net, marking):
            following = fire(net, marking, transition)
            if following not in found:
                found.add(following)
                waiting.append(following)
    return frozenset(found)


def firings_of(name: str, outcome: str) -> Iterator[tuple[Marking, Marking]]:
    """Give each marking that allows an outcome of this name, with the marking after it."""
    definition = shipped(name)
    net = definition.net()
    for marking in reachable(name):
        enabled = enabled_transitions(net, marking)
        for transition in definition.transitions:
            if transition.outcome == outcome and transition.key in enabled:
                yield marking, fire(net, marking, transition.key)


def chosen(name: str, values: dict[str, object]) -> str:
    """Return the branch that the values take after the manager."""
    definition = shipped(name)
    context = Context(
        requester=ADA,
        at=datetime(2026, 11, 2, 9, tzinfo=UTC),
        business_key="",
        directory=Company(),
        completed_by=lambda task: None,
    )
    (decision,) = [d for d in decisions_of(definition) if d[0].inputs == {"agreed": 1}]
    scope = flow_scope(definition)
    accepting = [
        branch.key
        for branch in decision
        if branch.guard
        and compile_expression(branch.guard, scope=scope).evaluate(values, context=context)
    ]
    assert len(accepting) <= 1, "the guards overlap"
    return accepting[0] if accepting else next(b.key for b in decision if b.is_default)


def test_three_flows_are_shipped():
    assert NAMES == ["expense", "leave", "purchase"]


@every_flow
def test_a_flow_has_the_key_of_its_file(name):
    assert shipped(name).key == name


@every_flow
def test_a_flow_is_sound(name):
    assert verify(shipped(name).net()).verdict == "sound"


@every_flow
def test_a_flow_can_be_published_without_a_warning(company, name):
    assert publishing.problems_of(shipped(name)) == []


@every_flow
def test_a_flow_is_written_and_read_back(name):
    assert read(write(shipped(name))) == shipped(name)


@every_flow
def test_everything_that_a_person_reads_has_a_title(name):
    definition = shipped(name)
    nodes = (*definition.places, *definition.tasks, *definition.transitions)

    assert definition.title
    assert definition.description
    assert [node.key for node in nodes if not node.title] == []
    assert [
        key for key, field in definition.data["properties"].items() if "title" not in field
    ] == []


@every_flow
def test_lists_can_show_what_a_request_is_about(name):
    data = shipped(name).data

    assert set(data["x-summary"]) <= set(data["required"])


@every_flow
def test_a_task_that_others_wait_for_has_a_due_date(name):
    people = [task for task in shipped(name).tasks if task.kind is TaskKind.HUMAN]

    assert [task.key for task in people if not task.is_optional and not task.due] == []


@every_flow
def test_withdrawing_leaves_nothing_behind_wherever_the_request_stands(name):
    after = [following for _, following in firings_of(name, "withdraw")]

    assert len(after) > 1
    assert set(after) == {END}


@every_flow
def test_a_request_may_be_withdrawn_until_it_is_decided_and_not_after(name):
    decided = {"leave": "to_record", "expense": "to_pay", "purchase": "to_order"}[name]
    withdrawable = {marking for marking, _ in firings_of(name, "withdraw")}

    assert reachable(name) - withdrawable == {START, Marking({decided: 1}), END}


@every_flow
def test_a_rejection_ends_the_request_wherever_it_stands(name):
    assert {following for _, following in firings_of(name, "reject")} == {END}


@every_flow
def test_who_decides_writes_the_decision(name):
    decisions = {
        transition.key: transition.assignments.get("decision")
        for transition in shipped(name).transitions
        if transition.outcome in ("reject", "withdraw") or transition.resets == ("withdrawable",)
    }

    assert set(decisions.values()) == {"'approved'", "'rejected'", "'withdrawn'"}


@every_flow
def test_the_scenarios_of_a_flow_go_as_they_should(name):
    report = run_scenarios(shipped(name), at=datetime(2026, 11, 2, 9, tzinfo=UTC))

    assert len(report.results) > 5
    assert report.problems == ()


@every_flow
def test_scenarios_see_every_task_of_a_flow(name):
    report = run_scenarios(shipped(name), at=datetime(2026, 11, 2, 9, tzinfo=UTC))

    seen = {task for result in report.results for step in result.steps for task in step.tasks}
    assert seen == {task.key for task in shipped(name).tasks}


@pytest.mark.parametrize(
    ("name", "firings"),
    [
        ("leave", "submit approve short_leave record_leave"),
        ("leave", "submit approve long_leave next_approve record_leave"),
        ("leave", "submit return resubmit approve long_leave next_return resubmit reject"),
        ("leave", "submit approve long_leave withdraw_request"),
        ("expense", "submit approve up_to_1000 paid"),
        ("expense", "submit approve over_1000 finance_approve all_agree paid"),
        ("expense", "submit approve over_10000 finance_approve director_approve all_agree paid"),
        ("expense", "submit approve over_10000 director_approve finance_approve all_agree paid"),
        ("expense", "submit approve over_10000 director_approve finance_reject"),
        ("expense", "submit approve over_10000 finance_approve director_reject"),
        ("expense", "submit approve over_10000 director_approve withdraw_claim"),
        ("expense", "submit return resubmit reject"),
        ("purchase", "submit approve up_to_2000 ordered"),
        ("purchase", "submit approve over_2000 budget_approve ordered"),
        ("purchase", "submit approve over_2000 budget_reject"),
        ("purchase", "submit withdraw_request"),
    ],
)
def test_a_story_comes_to_its_end(name, firings):
    assert fire_sequence(shipped(name).net(), START, firings.split()) == END


def test_an_expense_over_10000_waits_for_both_finance_and_the_director():
    net = shipped("expense").net()

    marking = fire_sequence(net, START, ["submit", "approve", "over_10000", "director_approve"])

    assert enabled_transitions(net, marking) == [
        "finance_approve",
        "finance_reject",
        "withdraw_claim",
    ]


@pytest.mark.parametrize(
    ("total", "branch"),
    [
        ("0.01", "up_to_1000"),
        ("999.99", "up_to_1000"),
        ("1000", "up_to_1000"),
        ("1000.01", "over_1000"),
        ("9999.99", "over_1000"),
        ("10000", "over_1000"),
        ("10000.01", "over_10000"),
        ("12000", "over_10000"),
    ],
)
def test_an_expense_takes_exactly_one_branch_by_its_total(total, branch):
    assert chosen("expense", {"total": Decimal(total)}) == branch


@pytest.mark.parametrize(
    ("days", "branch"),
    [("0.5", "short_leave"), ("5", "short_leave"), ("5.5", "long_leave"), ("20", "long_leave")],
)
def test_leave_of_more_than_five_days_goes_one_level_up(days, branch):
    assert chosen("leave", {"days": Decimal(days)}) == branch


@pytest.mark.parametrize(
    ("amount", "branch"), [("2000", "up_to_2000"), ("2000.01", "over_2000"), ("3", "up_to_2000")]
)
def test_a_purchase_over_2000_needs_a_budget(amount, branch):
    assert chosen("purchase", {"amount": Decimal(amount)}) == branch
