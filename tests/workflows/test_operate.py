"""What an operator does to a running case: move, skip, repeat, set data, cancel a branch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories import grant, leave_data, open_item, publish_flow, publish_unproved
from workflows import engine, history
from workflows.engine import Move, Repeat, Skip
from workflows.errors import (
    CannotEndProperly,
    CaseFailed,
    CaseNotRunning,
    CaseWouldStrand,
    Conflict,
    InvalidData,
    NotAllowed,
    NotFound,
    OutcomeNotEnabled,
    OwnRequest,
    StalePage,
    TokensGone,
    WorkItemClosed,
)
from workflows.jobs import handlers
from workflows.jobs.handlers import ServiceCall
from workflows.models import Case, CaseState, EventKind, Job, WorkItem

BOTH = """
flow: both
title: Two opinions
data: {type: object, properties: {amount: {type: integer}, note: {type: string}}}
places:
  start: {}
  legal: {title: With Legal}
  finance: {title: With Finance}
  legal_done: {}
  finance_done: {title: Finance is done}
  asked: {title: Asked}
  end: {}
tasks:
  ask_legal: {kind: human, title: Legal looks, assign: 'group("hr")'}
  ask_finance: {kind: human, title: Finance looks, assign: 'group("finance")'}
  decide: {kind: human, title: Decide, assign: manager(requester)}
transitions:
  split: {from: start, to: [legal, finance]}
  legal_ok: {title: Fine, task: ask_legal, outcome: fine, from: legal, to: legal_done}
  finance_ok: {title: Fine, task: ask_finance, outcome: fine, from: finance, to: finance_done}
  join: {from: [legal_done, finance_done], to: asked}
  grant: {title: Grant, task: decide, outcome: approve, from: asked, to: end, guard: amount <= 100}
  refuse: {title: Refuse, task: decide, outcome: reject, from: asked, to: end}
"""

WITH_A_JOB = """
flow: booking
data: {type: object, properties: {}}
places: [start, end]
tasks:
  book: {kind: service, handler: tests.book}
transitions:
  done: {task: book, outcome: done, from: start, to: end}
  failed: {task: book, outcome: failed, from: start, to: end}
"""


@pytest.fixture
def oscar(company, gina):
    """An operator who is neither requester nor approver."""
    return grant(gina, "intervene_case", "view_all_cases")


@pytest.fixture
def forceful(oscar):
    return grant(oscar, "force_intervention")


@pytest.fixture
def booking(company, ada) -> Iterator[Case]:
    @handlers.handler("tests.book")
    def book(call: ServiceCall) -> None:
        """Nobody takes the job in these tests."""

    publish_flow(WITH_A_JOB)
    yield engine.start("booking", by=ada, data={})
    del handlers._handlers["tests.book"]


@pytest.fixture
def leave(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


@pytest.fixture
def both(company, ada) -> Case:
    publish_flow(BOTH)
    return engine.start("both", by=ada, data={"amount": 500})


def open_tasks(case: Case) -> set[str]:
    return set(WorkItem.objects.open().filter(case=case).values_list("task__key", flat=True))


def test_moved_tokens_close_what_stood_there_and_open_what_stands_now(leave, oscar):
    case = engine.move(
        leave.pk, by=oscar, take={"with_manager": 1}, put={"to_correct": 1}, reason="Wrong dates"
    )

    assert case.marking == {"to_correct": 1, "withdrawable": 1}
    assert open_tasks(case) == {"correct", "withdraw"}


def test_automatic_transitions_follow_a_move(leave, oscar):
    case = engine.move(
        leave.pk, by=oscar, take={"with_manager": 1}, put={"agreed": 1}, reason="By phone"
    )

    assert case.marking == {"to_record": 1}
    assert case.data["decision"] == "approved"


def test_the_history_tells_what_was_taken_and_put_and_replays(leave, oscar):
    case = engine.move(
        leave.pk, by=oscar, take={"with_manager": 1}, put={"agreed": 1}, reason="By phone"
    )

    line = case.events.get(kind=EventKind.MOVED)
    assert line.payload == {
        "reason": "By phone",
        "take": {"with_manager": 1},
        "put": {"agreed": 1},
    }
    assert line.actor == oscar
    assert history.verify_case(case) == []


def test_a_move_into_the_end_ends_the_case(both, oscar):
    case = engine.move(
        both.pk, by=oscar, take={"legal": 1, "finance": 1}, put={"end": 1}, reason="Settled"
    )

    assert case.state == CaseState.COMPLETED
    assert open_tasks(case) == set()
    assert history.verify_case(case) == []


def test_tokens_that_are_not_there_are_not_taken(leave, oscar):
    with pytest.raises(TokensGone, match="'With the next manager' holds 0, not 1"):
        engine.move(
            leave.pk, by=oscar, take={"with_next_manager": 1}, put={"agreed": 1}, reason="x"
        )


@pytest.mark.parametrize(
    ("take", "put", "told"),
    [
        ({"nowhere": 1}, {"agreed": 1}, "There is no place 'nowhere'"),
        ({"with_manager": 0}, {"agreed": 1}, "whole number from 1"),
        ({"with_manager": True}, {}, "whole number from 1"),
        ({}, {"agreed": 5000}, "from 1 to 1,000"),
        ({}, {}, "which tokens"),
    ],
)
def test_a_move_that_says_nothing_sensible_is_refused(leave, oscar, take, put, told):
    with pytest.raises(InvalidData, match=told):
        engine.move(leave.pk, by=oscar, take=take, put=put, reason="x")


def test_a_case_is_not_left_without_a_token(leave, oscar):
    with pytest.raises(CaseWouldStrand, match="cancel it"):
        engine.move(leave.pk, by=oscar, take={"with_manager": 1, "withdrawable": 1}, reason="x")


def test_a_move_after_which_the_case_cannot_end_properly_is_refused_with_the_run(leave, oscar):
    with pytest.raises(CannotEndProperly, match="a token in “Approved”") as refused:
        engine.move(leave.pk, by=oscar, take={"with_manager": 1}, put={"to_record": 1}, reason="x")

    foresight = refused.value.facts["foresight"]
    assert foresight["run"] == ["withdraw_request"]
    assert foresight["marking_then"] == {"end": 1, "to_record": 1}
    assert Case.objects.get(pk=leave.pk).marking == {"with_manager": 1, "withdrawable": 1}


def test_who_may_force_it_forces_it(leave, forceful):
    case = engine.move(
        leave.pk,
        by=forceful,
        take={"with_manager": 1},
        put={"to_record": 1},
        reason="The rest follows",
        force=True,
    )

    assert case.marking == {"to_record": 1, "withdrawable": 1}
    assert case.events.get(kind=EventKind.MOVED).payload["forced"] is True


def test_forcing_needs_a_right_of_its_own(leave, oscar):
    with pytest.raises(NotAllowed, match="force"):
        engine.move(
            leave.pk,
            by=oscar,
            take={"with_manager": 1},
            put={"to_record": 1},
            reason="x",
            force=True,
        )


def test_no_force_makes_a_case_fail(leave, forceful):
    with pytest.raises(CannotEndProperly, match="would fail at once"):
        engine.move(
            leave.pk,
            by=forceful,
            take={"with_manager": 1},
            put={"end": 1},
            reason="x",
            force=True,
        )

    assert Case.objects.get(pk=leave.pk).state == CaseState.RUNNING


def test_nobody_intervenes_in_their_own_case(leave_flow, oscar, company):
    own = engine.start("leave", by=oscar, data=leave_data())
    item = open_item(own, "manager_review")
    calls = (
        lambda: engine.move(own.pk, by=oscar, put={"agreed": 1}, reason="x"),
        lambda: engine.set_data(own.pk, by=oscar, data={"days": 1}, reason="x"),
        lambda: engine.cancel_branch(own.pk, by=oscar, places=["withdrawable"], reason="x"),
        lambda: engine.skip(item.pk, by=oscar, outcome="approve", reason="x"),
        lambda: engine.repeat(item.pk, by=oscar, reason="x"),
        lambda: engine.foresee(own.pk, Skip(item.pk, "approve"), by=oscar),
    )

    for call in calls:
        with pytest.raises(OwnRequest):
            call()


def test_who_lacks_the_right_does_not_intervene(leave, ben):
    with pytest.raises(NotAllowed):
        engine.set_data(leave.pk, by=ben, data={"days": 1}, reason="x")


def test_a_stranger_learns_nothing_of_a_work_item(leave, finn):
    with pytest.raises(NotFound):
        engine.skip(open_item(leave, "manager_review").pk, by=finn, reason="x")


def test_an_intervention_without_a_reason_is_refused(leave, oscar):
    with pytest.raises(InvalidData, match="reason"):
        engine.move(leave.pk, by=oscar, put={"agreed": 1}, reason=" ")


def test_a_suspended_case_is_not_moved(leave, oscar):
    engine.suspend(leave.pk, by=oscar, reason="Audit")

    with pytest.raises(CaseNotRunning):
        engine.move(leave.pk, by=oscar, put={"agreed": 1}, reason="x")


def test_what_was_foreseen_of_an_older_step_is_not_done(leave, oscar, ben):
    seen = leave.step_count
    engine.complete(open_item(leave, "manager_review").pk, by=ben, outcome="return", comment="No")

    with pytest.raises(StalePage):
        engine.set_data(leave.pk, by=oscar, data={"days": 2}, reason="x", expected_version=seen)


def test_a_repeated_call_moves_once(both, oscar):
    def call() -> Case:
        return engine.move(
            both.pk,
            by=oscar,
            take={"legal": 1},
            put={"legal_done": 1},
            reason="Legal said yes",
            idempotency_key="k1",
        )

    call()
    assert call().marking == {"finance": 1, "legal_done": 1}
    assert both.events.filter(kind=EventKind.MOVED).count() == 1


def test_a_skipped_item_ends_with_its_outcome_and_by_nobody(leave, oscar):
    item = open_item(leave, "manager_review")

    case = engine.skip(item.pk, by=oscar, outcome="approve", reason="Ben has left")

    item.refresh_from_db()
    assert (item.state, item.outcome, item.completed_by) == ("completed", "approve", None)
    assert case.marking == {"to_record": 1}
    line = case.events.get(kind=EventKind.SKIPPED)
    assert (line.transition, line.actor, line.work_item_id) == ("approve", oscar, item.pk)
    assert history.verify_case(case) == []


def test_an_outcome_that_is_named_fires_against_its_guard_and_says_so(both, oscar, eve, carl):
    engine.complete(open_item(both, "ask_legal").pk, by=eve, outcome="fine")
    engine.complete(open_item(both, "ask_finance").pk, by=carl, outcome="fine")

    case = engine.skip(
        open_item(both, "decide").pk, by=oscar, outcome="approve", reason="The board agreed"
    )

    assert case.state == CaseState.COMPLETED
    assert case.events.get(kind=EventKind.SKIPPED).payload["against_guard"] is True


def test_without_an_outcome_the_only_possible_one_is_taken(both, oscar):
    case = engine.skip(open_item(both, "ask_legal").pk, by=oscar, reason="No lawyer is left")

    assert case.marking == {"finance": 1, "legal_done": 1}


def test_without_an_outcome_a_choice_is_not_guessed(leave, oscar):
    with pytest.raises(OutcomeNotEnabled, match="approve, return, reject"):
        engine.skip(open_item(leave, "manager_review").pk, by=oscar, reason="x")


def test_an_outcome_that_the_task_lacks_is_refused(leave, oscar):
    with pytest.raises(OutcomeNotEnabled, match="'explode'"):
        engine.skip(open_item(leave, "manager_review").pk, by=oscar, outcome="explode", reason="x")


def test_what_is_closed_is_not_skipped(leave, oscar, ben):
    item = open_item(leave, "manager_review")
    engine.complete(item.pk, by=ben, outcome="approve")

    with pytest.raises(WorkItemClosed, match="Ben Baker"):
        engine.skip(item.pk, by=oscar, outcome="reject", reason="x")


def test_who_comes_after_a_skip_is_told_who_skipped(leave, oscar, ben):
    item = open_item(leave, "manager_review")
    engine.skip(item.pk, by=oscar, outcome="approve", reason="Ben has left")

    with pytest.raises(WorkItemClosed, match="Gina Grant has already skipped to “Approve”"):
        engine.complete(item.pk, by=ben, outcome="reject")


def test_the_job_of_a_skipped_service_task_is_not_run(booking, oscar):
    item = open_item(booking, "book")

    case = engine.skip(item.pk, by=oscar, outcome="done", reason="Booked by hand")

    assert case.state == CaseState.COMPLETED
    assert Job.objects.get(work_item=item).state == "cancelled"


def test_a_repeated_item_opens_again_and_takes_back_what_came_of_it(leave, oscar, ben):
    first = open_item(leave, "manager_review")
    engine.complete(first.pk, by=ben, outcome="approve")

    case = engine.repeat(first.pk, by=oscar, reason="Ben pressed the wrong button")

    assert case.marking == {"with_manager": 1, "withdrawable": 1}
    assert open_tasks(case) == {"manager_review", "escalation", "withdraw"}
    assert open_item(case, "manager_review").pk != first.pk
    assert history.verify_case(case) == []


def test_a_skipped_item_can_be_repeated(leave, oscar):
    item = open_item(leave, "manager_review")
    engine.skip(item.pk, by=oscar, outcome="return", reason="x")

    assert open_tasks(engine.repeat(item.pk, by=oscar, reason="y")) == {
        "manager_review",
        "escalation",
        "withdraw",
    }


def test_what_has_moved_on_is_not_repeated(leave, oscar, ada, ben):
    first = open_item(leave, "manager_review")
    engine.complete(first.pk, by=ben, outcome="return", comment="Less")
    engine.complete(open_item(leave, "correct").pk, by=ada, outcome="resubmit")
    engine.complete(open_item(leave, "manager_review").pk, by=ben, outcome="approve")

    with pytest.raises(TokensGone, match="moved on from 'Back with the requester'"):
        engine.repeat(first.pk, by=oscar, reason="x")


def test_an_item_that_is_open_is_not_repeated(leave, oscar):
    with pytest.raises(Conflict, match="only what was completed"):
        engine.repeat(open_item(leave, "manager_review").pk, by=oscar, reason="x")


def test_an_item_whose_task_is_open_again_is_not_repeated(leave, oscar, ada, ben):
    first = open_item(leave, "manager_review")
    engine.complete(first.pk, by=ben, outcome="return", comment="Less")
    engine.complete(open_item(leave, "correct").pk, by=ada, outcome="resubmit")

    with pytest.raises(Conflict, match="is open already"):
        engine.repeat(first.pk, by=oscar, reason="x")


def test_data_that_was_set_is_in_the_case_and_in_its_history(leave, oscar):
    case = engine.set_data(leave.pk, by=oscar, data={"days": 7}, reason="Counted wrong")

    assert case.data["days"] == 7
    assert case.events.get(kind=EventKind.DATA_SET).payload["data"] == {"days": 7}
    assert open_tasks(case) == {"manager_review", "escalation", "withdraw"}
    assert history.verify_case(case) == []


@pytest.mark.parametrize(
    ("data", "told"),
    [({"days": "many"}, "Working days"), ({"dayz": 3}, "no field dayz"), ({}, "which fields")],
)
def test_data_that_the_schema_refuses_is_not_set(leave, oscar, data, told):
    with pytest.raises(InvalidData, match=told):
        engine.set_data(leave.pk, by=oscar, data=data, reason="x")

    assert Case.objects.get(pk=leave.pk).data["days"] == 3


def test_a_cancelled_branch_is_withdrawn_and_the_rest_goes_on(both, forceful):
    case = engine.cancel_branch(
        both.pk, by=forceful, places=["legal"], reason="No law in it", force=True
    )

    assert case.marking == {"finance": 1}
    assert open_tasks(case) == {"ask_finance"}
    assert case.events.get(kind=EventKind.BRANCH_CANCELLED).payload["take"] == {"legal": 1}
    assert history.verify_case(case) == []


def test_a_branch_that_others_wait_for_is_not_cancelled(both, oscar):
    with pytest.raises(CannotEndProperly, match="legal_done"):
        engine.cancel_branch(both.pk, by=oscar, places=["legal"], reason="x")


def test_the_offer_to_withdraw_alone_is_not_left(leave, oscar):
    with pytest.raises(CaseWouldStrand, match="only 'Withdraw the request'"):
        engine.cancel_branch(leave.pk, by=oscar, places=["with_manager"], reason="x")


def test_the_last_branch_is_not_cancelled(both, oscar):
    with pytest.raises(CaseWouldStrand, match="cancel it"):
        engine.cancel_branch(both.pk, by=oscar, places=["legal", "finance"], reason="x")


def test_a_branch_without_a_token_is_not_cancelled(both, oscar):
    with pytest.raises(InvalidData, match="None of these places"):
        engine.cancel_branch(both.pk, by=oscar, places=["asked"], reason="x")


LOOP = """
flow: loop
data: {type: object, properties: {rounds: {type: integer}}}
places: [start, waiting, turning, end]
tasks:
  look: {kind: human, title: Look, assign: manager(requester)}
transitions:
  begin: {from: start, to: waiting}
  turn: {task: look, outcome: turn, from: waiting, to: turning}
  again: {from: turning, to: turning, guard: rounds > 3, priority: 1}
  stop: {from: turning, to: end, default: true}
"""


@pytest.fixture
def failed(company, ada, ben) -> Case:
    publish_unproved(LOOP)
    case = engine.start("loop", by=ada, data={"rounds": 5})
    with pytest.raises(CaseFailed):
        engine.complete(open_item(case, "look").pk, by=ben, outcome="turn")
    return Case.objects.get(pk=case.pk)


def test_corrected_data_lets_a_failed_case_run_again(failed, oscar, ben):
    case = engine.set_data(failed.pk, by=oscar, data={"rounds": 1}, reason="Typing error")

    assert (case.state, case.failure) == (CaseState.RUNNING, "")
    case = engine.complete(open_item(case, "look").pk, by=ben, outcome="turn")
    assert case.state == CaseState.COMPLETED
    assert history.verify_case(case) == []


def test_moved_tokens_let_a_failed_case_run_again(failed, oscar):
    case = engine.move(
        failed.pk, by=oscar, take={"waiting": 1}, put={"end": 1}, reason="Settled by phone"
    )

    assert case.state == CaseState.COMPLETED
    assert history.verify_case(case) == []


def test_what_would_fail_again_is_foreseen(failed, oscar):
    wanted = Move({"waiting": 1}, {"turning": 1})

    assert engine.foresee(failed.pk, wanted, by=oscar).fails
    assert Case.objects.get(pk=failed.pk).state == CaseState.FAILED


def test_a_failed_case_is_not_repeated(failed, oscar):
    item = failed.work_items.latest("pk")

    with pytest.raises(CaseNotRunning):
        engine.repeat(item.pk, by=oscar, reason="x")


def test_foresight_tells_what_closes_opens_and_for_whom(leave, oscar):
    wanted = Move({"with_manager": 1}, {"with_next_manager": 1})

    foresight = engine.foresee(leave.pk, wanted, by=oscar)

    assert foresight.answer == "yes"
    assert [(item.title, item.people) for item in foresight.closes] == [
        ("Decide on the leave", ("Ben Baker",)),
        ("Pass on to the next manager", ()),
    ]
    assert [(item.title, item.people) for item in foresight.opens] == [
        ("Decide as the next manager", ("Dana Diaz",))
    ]


def test_foresight_knows_what_follows_by_itself(leave, oscar):
    foresight = engine.foresee(leave.pk, Move({"with_manager": 1}, {"agreed": 1}), by=oscar)

    assert foresight.fires == ("short_leave",)
    assert foresight.marking == {"to_record": 1}
    assert [item.groups for item in foresight.opens] == [("hr",)]


def test_foresight_says_no_with_the_run_that_shows_it(leave, oscar):
    foresight = engine.foresee(leave.pk, Move({"with_manager": 1}, {"to_record": 1}), by=oscar)

    assert (foresight.answer, foresight.completion.run) == ("no", ("withdraw_request",))
    assert "a token in “Approved”" in foresight.message


def test_foresight_changes_nothing(leave, oscar, ben):
    before = Case.objects.values().get(pk=leave.pk)
    items = list(WorkItem.objects.order_by("pk").values())
    first = open_item(leave, "manager_review")
    for wanted in (Move({"with_manager": 1}, {"agreed": 1}), Skip(first.pk, "reject")):
        engine.foresee(leave.pk, wanted, by=oscar)

    assert Case.objects.values().get(pk=leave.pk) == before
    assert list(WorkItem.objects.order_by("pk").values()) == items


def test_foresight_is_what_then_happens(leave, oscar, ben):
    item = open_item(leave, "manager_review")
    engine.complete(item.pk, by=ben, outcome="approve")
    foresight = engine.foresee(leave.pk, Repeat(item.pk), by=oscar)

    case = engine.repeat(item.pk, by=oscar, reason="x", expected_version=foresight.step)

    assert case.marking == foresight.marking
    assert {opened.task for opened in foresight.opens} == open_tasks(case)


def test_what_is_impossible_is_refused_when_it_is_foreseen(leave, oscar):
    with pytest.raises(TokensGone):
        engine.foresee(leave.pk, Move({"agreed": 1}, {"end": 1}), by=oscar)
