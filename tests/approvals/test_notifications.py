"""Who is told what, by which step."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from approvals import services
from approvals.models import Notice, NoticeKind, NoticeSettings, Request
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, run_jobs, tell
from tests.approvals.test_at_once import at_once
from workflows import engine
from workflows.errors import GoflowError
from workflows.jobs.ending import give_up
from workflows.listeners import case_listeners
from workflows.models import FlowVersion, Job, JobKind

ESCALATING = """
flow: visit
title: Visit
data: {type: object, properties: {}}
places: [start, waiting, higher, end]
tasks:
  decide: {kind: human, title: Decide on the visit, assign: manager(requester)}
  too_late: {kind: timer, title: Two days are over, after: 0 s}
  decide_above: {kind: human, title: Decide for the manager, assign: "manager(requester, 2)"}
transitions:
  submit: {from: start, to: waiting}
  yes: {task: decide, outcome: approve, from: waiting, to: end}
  late: {task: too_late, outcome: due, from: waiting, to: higher}
  yes_above: {task: decide_above, outcome: approve, from: higher, to: end}
"""
TOGETHER = """
flow: visit
title: Visit
data: {type: object, properties: {}}
places: [start, badge, desk, got_badge, got_desk, end]
tasks:
  make_badge: {kind: human, title: Make a badge, assign: user("eve")}
  clear_desk: {kind: human, title: Clear a desk, assign: user("eve")}
transitions:
  submit: {from: start, to: [badge, desk]}
  badge_made: {task: make_badge, outcome: done, from: badge, to: got_badge}
  desk_clear: {task: clear_desk, outcome: done, from: desk, to: got_desk}
  all_done: {from: [got_badge, got_desk], to: end}
"""


def told(user: User) -> list[tuple[str, str]]:
    """Return the kind and the task of what a person was told, the oldest first."""
    of_user = notices().of(user).order_by("pk")
    return [(notice.kind, notice.parts.get("task", "")) for notice in of_user]


def notices() -> Any:
    """Return what was told, of all steps so far."""
    tell()
    return Notice.objects


def mails() -> Any:
    """Return the jobs that mail it."""
    tell()
    return Job.objects.filter(kind=JobKind.EFFECT, handler="portal.notice_mail")


def test_whoever_may_decide_is_told_of_new_work(submitted_leave: Request, ben: User) -> None:
    assert told(ben) == [(NoticeKind.OFFERED, "Decide on the leave")]


def test_the_requester_is_not_told_of_their_own_submission(
    submitted_leave: Request, ada: User
) -> None:
    assert told(ada) == []


def test_every_active_member_of_a_group_is_told(
    expense_flow: FlowVersion, ada: User, ben: User, carl: User, cleo: User, dana: User
) -> None:
    carl.is_active = False
    carl.save()
    claim = services.submit(make_claim(ada, expense_flow, line("2000.00")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    assert told(cleo) == [(NoticeKind.OFFERED, "Check the claim")]
    assert told(carl) == told(dana) == []


def test_a_requester_is_not_told_of_the_work_of_their_group_on_their_own_request(
    expense_flow: FlowVersion, carl: User, cleo: User, dana: User
) -> None:
    claim = services.submit(make_claim(carl, expense_flow, line("2000.00")), by=carl)
    decide(claim, dana, "manager_review", "approve")
    assert told(cleo) == [(NoticeKind.OFFERED, "Check the claim")]
    assert told(carl) == []


def test_the_requester_is_told_when_it_is_decided_and_not_again_at_the_end(
    submitted_leave: Request, ada: User, ben: User, eve: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    approved = notices().get(recipient=ada)
    assert (approved.kind, approved.parts["decision"]) == (NoticeKind.DECIDED, "approved")

    decide(submitted_leave, eve, "record", "record")
    assert [kind for kind, _ in told(ada)] == [NoticeKind.DECIDED, NoticeKind.FINISHED]


def test_a_rejection_tells_its_reason(submitted_leave: Request, ada: User, ben: User) -> None:
    decide(submitted_leave, ben, "manager_review", "reject", "The fair is that week.")
    notice = notices().get(recipient=ada)
    assert notice.parts["decision"] == "rejected"
    assert notice.parts["by"] == "Ben Baker"
    assert notice.parts["comment"] == "The fair is that week."


def test_a_returned_request_is_told_as_returned_with_what_was_said(
    returned_leave: Request, ada: User
) -> None:
    notice = notices().get(recipient=ada)
    assert notice.kind == NoticeKind.RETURNED
    assert notice.parts["comment"] == "Please take a day less."


def test_who_withdraws_their_request_is_told_nothing(submitted_leave: Request, ada: User) -> None:
    services.withdraw(submitted_leave, by=ada)
    assert told(ada) == []


def test_the_requester_is_told_of_a_cancellation_by_somebody_else(
    submitted_leave: Request, ada: User, admin: User
) -> None:
    engine.cancel(submitted_leave.case_id, by=admin, reason="Entered twice")
    notice = notices().get(recipient=ada)
    assert (notice.parts["decision"], notice.parts["comment"]) == ("cancelled", "Entered twice")


def test_who_gets_work_by_transfer_is_told_from_whom(
    submitted_leave: Request, ben: User, gina: User
) -> None:
    item = factories.open_item(submitted_leave.case, "manager_review")
    engine.transfer(item.pk, by=ben, to=gina, reason="I am away")
    notice = notices().get(recipient=gina)
    assert notice.kind == NoticeKind.TRANSFERRED
    assert (notice.parts["by"], notice.parts["comment"]) == ("Ben Baker", "I am away")


def test_an_escalation_tells_the_requester_and_who_decides_instead(ada: User, dana: User) -> None:
    factories.publish_flow(ESCALATING)
    case = engine.start("visit", by=ada, data={})
    run_jobs()
    case.refresh_from_db()
    escalated = notices().get(recipient=ada)
    assert escalated.kind == NoticeKind.ESCALATED
    assert escalated.parts["task"] == "Decide on the visit"
    assert told(dana) == [(NoticeKind.OFFERED, "Decide for the manager")]


def test_whose_work_is_passed_on_is_told_with_whom_it_is_now(ada: User, ben: User) -> None:
    factories.publish_flow(ESCALATING)
    engine.start("visit", by=ada, data={})
    run_jobs()
    passed_on = notices().get(recipient=ben, kind=NoticeKind.PASSED_ON)
    assert passed_on.parts["task"] == "Decide on the visit"
    assert passed_on.parts["to"] == "Dana Diaz"


def test_of_a_group_that_loses_work_only_who_held_it_is_told(
    ada: User, dana: User, carl: User, cleo: User
) -> None:
    factories.publish_flow(ESCALATING.replace("manager(requester)}", 'group("finance")}', 1))
    case = engine.start("visit", by=ada, data={})
    engine.claim(factories.open_item(case, "decide").pk, by=carl)
    run_jobs()
    assert [n.recipient for n in notices().filter(kind=NoticeKind.PASSED_ON)] == [carl]


def test_who_gets_again_what_they_lose_is_told_of_new_work_alone(ada: User, ben: User) -> None:
    factories.publish_flow(ESCALATING.replace("manager(requester, 2)", "manager(requester)"))
    engine.start("visit", by=ada, data={})
    run_jobs()
    assert (NoticeKind.OFFERED, "Decide for the manager") in told(ben)
    assert not notices().filter(kind=NoticeKind.PASSED_ON).exists()


def test_a_reminder_is_told_to_whoever_may_act_and_once(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    item = factories.open_item(submitted_leave.case, "manager_review")
    for _ in range(2):
        for listener in case_listeners():
            listener.item_reminded(submitted_leave.case, item, occasion="first")
    reminded = notices().filter(kind=NoticeKind.REMINDED)
    assert [notice.recipient for notice in reminded] == [ben]
    assert mails().filter(key__contains="remind").count() == 1


def test_only_the_holder_of_a_claimed_item_is_reminded(
    expense_flow: FlowVersion, ada: User, ben: User, carl: User
) -> None:
    claim = services.submit(make_claim(ada, expense_flow, line("2000.00")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    item = factories.open_item(claim.case, "finance_check")
    engine.claim(item.pk, by=carl)
    item.refresh_from_db()
    for listener in case_listeners():
        listener.item_reminded(claim.case, item, occasion="first")
    reminded = notices().filter(kind=NoticeKind.REMINDED)
    assert [notice.recipient for notice in reminded] == [carl]


def test_operators_are_told_of_an_incident_in_the_portal_only(
    submitted_leave: Request, admin: User, eve: User
) -> None:
    operator = factories.grant(eve, "intervene_case")
    admin.email = "admin@example.com"
    admin.save()
    job = mails().get()
    job.take(by="worker", until=job.due_at)
    job.save()
    give_up(job, "ConnectionRefusedError: nobody listens")

    failed = notices().filter(kind=NoticeKind.FAILED)
    assert {notice.recipient for notice in failed} == {admin, operator}
    assert "nobody listens" in failed[0].parts["error"]
    assert not mails().filter(key__contains="incident").exists()


def test_a_case_that_fails_is_told_to_operators(ada: User, ben: User, admin: User) -> None:
    factories.publish_unproved(_ENDLESS)
    case = engine.start("endless", by=ada, data={})
    review = factories.open_item(case, "review")
    with pytest.raises(GoflowError):
        engine.complete(review.pk, by=ben, outcome="go")
    assert [kind for kind, _ in told(admin)] == [NoticeKind.FAILED]


def test_two_items_for_one_person_are_two_notices_and_one_mail(ada: User, eve: User) -> None:
    factories.publish_flow(TOGETHER)
    engine.start("visit", by=ada, data={})
    assert [task for _, task in told(eve)] == ["Make a badge", "Clear a desk"]
    assert mails().count() == 1
    assert len(mails().get().payload["notices"]) == 2


def test_what_somebody_else_has_done_counts_as_read(
    expense_flow: FlowVersion, ada: User, ben: User, carl: User, cleo: User
) -> None:
    claim = services.submit(make_claim(ada, expense_flow, line("2000.00")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    assert notices().of(cleo).unread().count() == 1
    decide(claim, carl, "finance_check", "approve")
    assert [n.parts["task"] for n in notices().of(cleo).unread()] == ["Pay the claim"]


def test_a_refused_step_tells_nobody(submitted_leave: Request, ada: User, gina: User) -> None:
    item = factories.open_item(submitted_leave.case, "manager_review")
    before = (notices().count(), mails().count())
    with pytest.raises(GoflowError):
        engine.complete(item.pk, by=gina, outcome="approve")
    assert (notices().count(), mails().count()) == before


def test_f9_only_what_happened_is_told_where_four_decide_at_once(
    transactional_db: Any, ada: User, ben: User, leave_flow: FlowVersion
) -> None:
    for _ in range(5):
        case = engine.start("leave", by=ada, data=factories.leave_data())
        review = factories.open_item(case, "manager_review").pk
        withdraw = factories.open_item(case, "withdraw").pk
        at_once(
            lambda review=review: engine.complete(review, by=ben, outcome="approve"),  # type: ignore[misc]
            lambda review=review: engine.complete(review, by=ben, outcome="reject"),  # type: ignore[misc]
            lambda review=review: engine.complete(review, by=ben, outcome="return"),  # type: ignore[misc]
            lambda withdraw=withdraw: engine.complete(withdraw, by=ada, outcome="withdraw"),  # type: ignore[misc]
        )
        last = case.events.filter(kind="fired", actor__isnull=False).latest("sequence")
        of_ada = notices().filter(case=case, recipient=ada)
        expected = {
            "approve": [("decided", "approved")],
            "reject": [("decided", "rejected")],
            "return": [("returned", None)],
            # Also right behind "return": then there is nothing to correct any more.
            "withdraw_request": [],
        }
        assert [(n.kind, n.parts.get("decision")) for n in of_ada] == expected[last.transition]
        assert mails().filter(case=case, key__endswith=f":{ada.pk}").count() == len(of_ada)


def test_who_wants_no_mails_of_a_kind_gets_the_notice_alone(
    leave_flow: FlowVersion, ada: User, ben: User
) -> None:
    NoticeSettings.objects.create(user=ben, mail={"offered": False})
    engine.start("leave", by=ada, data=factories.leave_data())
    assert told(ben) == [(NoticeKind.OFFERED, "Decide on the leave")]
    assert not mails().exists()


def test_the_end_of_what_was_decided_before_comes_as_mail_only_to_who_wants_it(
    submitted_leave: Request, ada: User, ben: User, eve: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    before = mails().count()
    decide(submitted_leave, eve, "record", "record")
    assert mails().count() == before


_ENDLESS = """
flow: endless
data: {type: object, properties: {}}
places: [start, waiting, here, there, end]
tasks:
  review: {kind: human, title: Review, assign: manager(requester)}
transitions:
  submit: {from: start, to: waiting}
  go: {task: review, outcome: go, from: waiting, to: here}
  stop: {task: review, outcome: stop, from: waiting, to: end}
  forth: {from: here, to: there, guard: 1 == 1, priority: 1}
  leave: {from: here, to: end, default: true}
  back: {from: there, to: here}
"""
