"""The checker can fail: each invariant, on evidence in which it is broken."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.checker import check, hash_of, p_invariants
from tests.faults.client import FAIL, INFO, OK, Operation
from tests.faults.evidence import Arcs, CaseRow, EventRow, Evidence, ItemRow, JobRow
from tests.faults.recorder import Call

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NET = Arcs(
    start="start",
    end="end",
    inputs={
        "split": {"start": 1},
        "approve": {"left": 1},
        "tell": {"right": 1},
        "join": {"left_done": 1, "right_done": 1},
    },
    outputs={
        "split": {"left": 1, "right": 1},
        "approve": {"left_done": 1},
        "tell": {"right_done": 1},
        "join": {"end": 1},
    },
    automatic=frozenset({"split", "join"}),
)


def line(sequence: int, kind: str, transition: str = "", **more: object) -> EventRow:
    return EventRow(
        case=1,
        sequence=sequence,
        kind=kind,
        at=NOW,
        actor=7,
        item=more.pop("item", None),  # type: ignore[arg-type]
        transition=transition,
        payload=dict(more),
        key=None,
        previous_hash="",
        hash="",
    )


def seal(evidence: Evidence) -> None:
    previous = ""
    for event in evidence.events[1]:
        event.previous_hash = previous
        event.hash = previous = hash_of(event)
    case = evidence.cases[1]
    case.history_length, case.history_hash = len(evidence.events[1]), previous


@pytest.fixture
def evidence() -> Evidence:
    """A case that went through: one person, one call outside, a join."""
    found = Evidence(
        now=NOW,
        nets={1: NET},
        cases={1: CaseRow(1, 1, "mark-1", "completed", {"end": 1}, 0, "", NOW)},
        events={
            1: [
                line(1, "started"),
                line(2, "fired", "split"),
                line(3, "fired", "approve", item=10, comment="mark-2"),
                line(4, "fired", "tell", item=11),
                line(5, "fired", "join"),
                line(6, "completed"),
            ]
        },
        items=[
            ItemRow(10, 1, "check", "human", "completed", "approve"),
            ItemRow(11, 1, "tell", "service", "completed", "done"),
        ],
        jobs=[JobRow(5, 1, 11, "service", "1:1:tell", "done", 1, 1, NOW, None)],
    )
    seal(found)
    return found


def operation(mark: str, state: str) -> Operation:
    return Operation(mark, "complete", "ben", 0.0, f"key-{mark}", state=state)


@pytest.fixture
def operations() -> list[Operation]:
    return [operation("mark-1", OK), operation("mark-2", OK), operation("mark-3", FAIL)]


@pytest.fixture
def calls() -> list[Call]:
    return [
        Call(0.0, "goflow-1:1:tell", "mark-1", 200),
        Call(1.0, "goflow-1:1:tell", "mark-1", 200),
    ]


def test_a_run_in_which_all_is_well_has_no_problem(evidence, operations, calls):
    assert check(evidence, operations, calls) == []


def test_an_unknown_operation_may_have_happened_or_not(evidence, calls):
    assert check(evidence, [operation("mark-2", INFO), operation("mark-9", INFO)], calls) == []


def test_invariants_of_a_net_are_found(evidence):
    invariants = p_invariants(NET)

    assert len(invariants) == 2
    for weights in invariants:
        for key in NET.transitions:
            taken = sum(weights.get(p, 0) * n for p, n in NET.inputs[key].items())
            put = sum(weights.get(p, 0) * n for p, n in NET.outputs[key].items())
            assert taken == put


def _lose_what_was_acknowledged(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.events[1][2].payload = {}
    seal(e)


def _do_it_twice(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.events[1][5].payload = {"comment": "mark-2"}
    seal(e)


def _do_what_was_refused(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    o[1].state = FAIL


def _do_an_unknown_one_twice(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    o[1].state = INFO
    _do_it_twice(e, o, c)


def _start_twice(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[2] = copy.deepcopy(e.cases[1])
    e.cases[2].pk = 2
    e.events[2] = [copy.deepcopy(event) for event in e.events[1]]
    for event in e.events[2]:
        event.case = 2


def _store_another_marking(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[1].marking = {"left": 1, "right_done": 1}


def _fire_what_is_not_enabled(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.events[1][1].transition = "join"
    seal(e)


def _hold_a_token_too_many(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[1].marking = {"end": 2}


def _fire_an_item_twice(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.events[1][4].item = 10
    seal(e)


def _use_another_key(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    c.append(Call(2.0, "goflow-1:2:tell", "mark-1", 200))


def _use_no_key(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    c.append(Call(2.0, "", "mark-9", 200))


def _tell_nobody(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    c[:] = [Call(0.0, "goflow-x", "another", 200)]


def _leave_a_step_undone(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    case = e.cases[1]
    case.state, case.marking = "running", {"left_done": 1, "right_done": 1}
    e.events[1] = e.events[1][:4]
    seal(e)


def _forget_a_job(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[1].state = "running"
    e.jobs[0].state, e.jobs[0].due_at = "due", NOW - timedelta(minutes=1)


def _keep_a_dead_lease(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[1].state = "running"
    e.jobs[0].state, e.jobs[0].leased_until = "running", NOW - timedelta(minutes=1)


def _give_up(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[1].state = "running"
    e.jobs[0].state = "incident"


def _change_the_history(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.events[1][3].actor = 8


def _remove_a_line(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    del e.events[1][3]


def _cut_the_tail(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    del e.events[1][5]


def _leave_an_item_open(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.items[0].state = "offered"


def _leave_a_job_behind(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.jobs[0].state = "running"


def _leave_a_token_behind(e: Evidence, o: list[Operation], c: list[Call]) -> None:
    e.cases[1].marking = {"end": 1, "left": 1}


BROKEN: list[tuple[str, Callable[[Evidence, list[Operation], list[Call]], None]]] = [
    ("I1", _lose_what_was_acknowledged),
    ("I1", _do_it_twice),
    ("I1", _do_what_was_refused),
    ("I1", _do_an_unknown_one_twice),
    ("I1", _start_twice),
    ("I2", _store_another_marking),
    ("I2", _fire_what_is_not_enabled),
    ("I3", _store_another_marking),
    ("I3", _hold_a_token_too_many),
    ("I4", _fire_an_item_twice),
    ("I4", _use_another_key),
    ("I4", _use_no_key),
    ("I4", _tell_nobody),
    ("I5", _leave_a_step_undone),
    ("I5", _forget_a_job),
    ("I5", _keep_a_dead_lease),
    ("I5", _give_up),
    ("I6", _change_the_history),
    ("I6", _remove_a_line),
    ("I6", _cut_the_tail),
    ("I7", _leave_an_item_open),
    ("I7", _leave_a_job_behind),
    ("I7", _leave_a_token_behind),
]


@pytest.mark.parametrize(
    ("invariant", "doctor"), BROKEN, ids=[f"{i}{d.__name__}" for i, d in BROKEN]
)
def test_a_broken_invariant_is_found(evidence, operations, calls, invariant, doctor):
    doctor(evidence, operations, calls)

    assert any(problem.startswith(invariant) for problem in check(evidence, operations, calls))
