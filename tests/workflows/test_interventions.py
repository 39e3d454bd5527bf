"""Suspending, resuming and cancelling a case."""

from __future__ import annotations

import pytest

from tests.factories import grant, leave_data
from workflows import engine, history
from workflows.errors import CaseNotRunning, InvalidData, NotAllowed, NotFound
from workflows.models import Case, CaseState, WorkItem


@pytest.fixture
def leave(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


def test_a_cancelled_case_holds_no_token_and_offers_nothing(leave, admin):
    case = engine.cancel(leave.pk, by=admin, reason="Entered twice")

    assert case.state == CaseState.CANCELLED
    assert case.marking == {}
    assert not WorkItem.objects.filter(case=case).open().exists()
    assert history.verify_case(case) == []


def test_a_suspended_case_leaves_the_inbox_and_comes_back(leave, admin, ben):
    engine.suspend(leave.pk, by=admin, reason="Audit")
    assert not WorkItem.objects.actionable_by(ben).exists()

    engine.resume(leave.pk, by=admin, reason="Done")
    assert WorkItem.objects.actionable_by(ben).exists()


def test_an_intervention_needs_a_reason(leave, admin):
    with pytest.raises(InvalidData, match="reason"):
        engine.cancel(leave.pk, by=admin, reason="  ")


def test_an_intervention_needs_the_right(leave, ben):
    with pytest.raises(NotAllowed):
        engine.suspend(leave.pk, by=ben, reason="Because")


def test_a_stranger_learns_nothing_of_the_case(leave, finn):
    with pytest.raises(NotFound):
        engine.cancel(leave.pk, by=finn, reason="Because")


def test_an_operator_is_who_holds_the_permissions(leave, gina):
    gina = grant(gina, "intervene_case", "view_all_cases")

    assert engine.suspend(leave.pk, by=gina, reason="Audit").state == CaseState.SUSPENDED


def test_a_closed_case_cannot_be_cancelled_again(leave, admin):
    engine.cancel(leave.pk, by=admin, reason="Entered twice")

    with pytest.raises(CaseNotRunning, match="cancelled"):
        engine.cancel(leave.pk, by=admin, reason="Again")


def test_the_reason_is_in_the_history(leave, admin):
    engine.suspend(leave.pk, by=admin, reason="Audit")

    event = leave.events.get(kind="suspended")
    assert event.payload["reason"] == "Audit"
    assert event.actor == admin
