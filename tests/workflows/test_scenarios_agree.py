"""What is played in memory is what the engine does: random cases go the same way in both."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_user
from tests.patterns.blocks import Block, FlowBuilder, blocks
from workflows import engine, flowfile, publishing, store
from workflows.definition import Expectation, ScenarioDefinition, ScenarioStep, TaskKind
from workflows.directory import get_directory
from workflows.engine.possible import possible_outcomes
from workflows.engine.service import finish_job
from workflows.errors import GoflowError
from workflows.models import Case, CaseState, Job, WorkItem
from workflows.scenarios import Play, run
from workflows.scenarios.people import Cast

MOST_STEPS = 25


@pytest.fixture
def people(db: Any) -> tuple[User, User]:
    requester, reviewer = make_user("rita"), make_user("rolf")
    reviewer.groups.add(Group.objects.create(name="reviewers"))
    return requester, reviewer


def lively(block: Block, machines: list[bool]) -> dict[str, Any]:
    """Return the flow of a block; outcomes write the data, forms change it, and some may strand.

    Where `machines` says so, a task with one outcome is a service, and one that cancels a timer.
    """
    flow = FlowBuilder().build(block)
    flow["data"]["properties"] |= {
        "amount": {"type": "number", "maximum": 1000},
        "steps": {"type": "number", "readOnly": True},
        "last": {"type": "string", "readOnly": True},
    }
    for task in flow["tasks"].values():
        task["form"] = {"fields": {"amount": "edit"}}
        task["due"] = "2 working days"
    for key, transition in flow["transitions"].items():
        transition["set"] = {"last": f"'{key}'", "steps": "1 if steps == none else steps + 1"}
        if transition.get("outcome") == "way0":
            transition["guard"] = "amount != 77"
    for number, key in enumerate(list(flow["tasks"])):
        ends = [t for t in flow["transitions"].values() if t.get("task") == key]
        if len(ends) == 1 and machines[number % len(machines)]:
            is_timer = ends[0]["outcome"] == "cancel"
            kind = {"kind": "timer", "after": "1 day"} if is_timer else {"kind": "service"}
            flow["tasks"][key] = kind if is_timer else kind | {"topic": key}
            ends[0]["outcome"] = "due" if is_timer else "done"
    return flow


class Machines:
    """Ends services and timers as their workers would."""

    def __init__(self) -> None:
        self.taken: dict[int, Job] = {}

    def end(self, item: WorkItem, outcome: str, data: dict[str, Any]) -> None:
        if item.pk not in self.taken:
            job = Job.objects.get(work_item=item)
            Job.objects.filter(pk=job.pk).update(due_at=item.opened_at - timedelta(days=2))
            which: Any = {"topic": job.topic} if job.topic else {"keys": [job.key]}
            (self.taken[item.pk],) = store.take_jobs(
                worker="w", lease=timedelta(minutes=5), **which
            )
        assert finish_job(self.taken[item.pk], outcome=outcome, data=data)


@pytest.mark.slow
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    block=blocks(),
    amount=st.sampled_from([5, 50, 77]),
    amounts=st.lists(st.sampled_from([None, None, 5, 50, 77, 5000]), min_size=1, max_size=8),
    machines=st.lists(st.booleans(), min_size=1, max_size=5),
    choices=st.randoms(use_true_random=False),
)
def test_a_random_case_goes_the_same_way_in_memory_and_in_the_database(
    people, block, amount, amounts, machines, choices
):
    requester, reviewer = people
    definition = flowfile.from_mapping(lively(block, machines))
    version = publishing.publish(
        store.save_draft(definition, by=None), by=None, confirm_warnings=True
    )
    flow = store.load_flow(version.pk)
    case = engine.start("random", by=requester, data={"amount": amount})
    cast = Cast(get_directory(), requester.pk, {"rolf": reviewer.pk}, is_company=True)
    play = Play(flow, cast, case.started_at)
    play.start({"amount": amount})
    steps: list[ScenarioStep] = []
    workers = Machines()

    for count in range(MOST_STEPS):
        assert_alike(case, play)
        if case.state != CaseState.RUNNING:
            break
        item = choices.choice(list(open_items(case)))
        task = flow.tasks[item.task.key]
        outcome = choices.choice(sorted(task.outcomes))
        given_amount = amounts[count % len(amounts)]
        is_timer = task.definition.kind is TaskKind.TIMER
        data = {} if given_amount is None or is_timer else {"amount": given_amount}
        is_human = task.definition.kind is TaskKind.HUMAN
        by = reviewer if is_human else None
        refusals = [
            refusal_of(in_database, item, outcome, data, by, workers),
            refusal_of(play.end, task.key, outcome, data=data, by=by and by.pk),
        ]
        assert refusals[0] == refusals[1]
        case.refresh_from_db()
        if refusals[0] is None:
            steps.append(ScenarioStep(task.key, outcome, data, by="rolf" if is_human else ""))

    whole = ScenarioDefinition(
        "It", requester="rita", data={"amount": amount}, steps=tuple(steps), expect=Expectation()
    )
    result = run(flow, whole, at=case.started_at, company=cast.directory).result
    assert result.is_passed, result.failures
    assert (result.marking, result.data) == (case.marking.as_dict(), case.data)


def open_items(case: Case) -> Any:
    return WorkItem.objects.open().filter(case=case).select_related("task", "case").order_by("pk")


def assert_alike(case: Case, play: Play) -> None:
    items = list(open_items(case))
    assert play.marking == case.marking
    assert play.data == case.data
    assert play.is_ended == (case.state == CaseState.COMPLETED)
    assert sorted(play.offered) == sorted(item.task.key for item in items)
    for item in items:
        assert play.possible(item.task.key) == [o.key for o in possible_outcomes(item)]


def in_database(
    item: WorkItem, outcome: str, data: dict[str, Any], by: User | None, workers: Machines
) -> None:
    if by is None:
        workers.end(item, outcome, data)
    else:
        engine.complete(item.pk, by=by, outcome=outcome, data=data)


def refusal_of(attempt: Any, *given: Any, **named: Any) -> str | None:
    """Try it; return how it was refused, None where it was not."""
    try:
        attempt(*given, **named)
    except GoflowError as error:
        return f"{type(error).__name__}: {error}"
    return None
