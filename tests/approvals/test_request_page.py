"""The page of a request: fields, lines, actions, whom it waits for, its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals import services
from approvals.display import (
    RequestPage,
    TaskAction,
    people_for,
    request_page,
    task_actions,
    timeline,
)
from approvals.models import Request
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, upload
from workflows import engine
from workflows.models import FlowVersion, WorkItem


def page_of(request: Request, viewer: User) -> RequestPage:
    return request_page(Request.objects.for_list().get(pk=request.pk), viewer=viewer)


def actions_of(request: Request, viewer: User) -> list[TaskAction]:
    items = WorkItem.objects.actionable_by(viewer).filter(case=request.case_id)
    return task_actions(items, viewer=viewer)


def statements(build: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        build()
    return len(captured)


def test_the_page_shows_every_field_that_holds_something(
    submitted_leave: Request, ben: User
) -> None:
    [section] = page_of(submitted_leave, ben).sections
    labels = [field.label for field in section.fields]
    assert labels == ["Kind of leave", "First day", "Last day", "Working days", "Reason"]


def test_lines_come_with_their_receipts(ada: User, ben: User, expense_flow: FlowVersion) -> None:
    draft = make_claim(ada, expense_flow, line("20", receipt=upload()), line("1000"))
    services.attach(draft, by=ada, file=upload("agenda.png"))
    page = page_of(services.submit(draft, by=ada), ben)
    assert page.lines is not None
    first, second = page.lines.rows
    assert (first.category, first.amount_text) == ("Travel", "20.00 EUR")
    assert [file.name for file in first.receipts] == ["receipt.png"]
    assert second.receipts == []
    assert page.lines.total_text == "1,020.00 EUR"
    assert [file.name for file in page.attachments] == ["agenda.png"]


def test_a_returned_request_leads_its_requester_to_the_form(
    returned_leave: Request, ada: User, ben: User
) -> None:
    assert page_of(returned_leave, ada).head.edit_url
    assert page_of(returned_leave, ben).head.edit_url == ""


def test_files_can_be_removed_while_they_can_be_replaced(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    services.attach(submitted_leave, by=ada, file=upload())
    assert page_of(submitted_leave, ada).attachments[0].remove_url == ""
    decide(submitted_leave, ben, "manager_review", "return", "Wrong file.")
    assert page_of(submitted_leave, ada).attachments[0].remove_url
    assert page_of(submitted_leave, ben).attachments[0].remove_url == ""


def test_the_one_who_decides_has_a_button_for_each_outcome(
    submitted_leave: Request, ben: User
) -> None:
    [action] = actions_of(submitted_leave, ben)
    assert [outcome.key for outcome in action.outcomes] == ["approve", "return", "reject"]
    reject = action.outcome("reject")
    assert reject is not None
    assert reject.comment_required
    assert reject.needs_confirmation
    assert action.version == 1
    assert action.transfer_form is not None
    assert action.decision_form is None


def test_the_requester_can_only_withdraw(submitted_leave: Request, ada: User) -> None:
    [action] = actions_of(submitted_leave, ada)
    assert [outcome.key for outcome in action.outcomes] == ["withdraw"]
    assert action.transfer_form is None


def test_a_correction_comes_before_the_offer_to_withdraw(
    returned_leave: Request, ada: User
) -> None:
    first, last = actions_of(returned_leave, ada)
    assert first.edit_url
    assert first.decision_form is None
    assert [outcome.key for outcome in last.outcomes] == ["withdraw"]


def test_a_stranger_has_no_action(submitted_leave: Request, finn: User) -> None:
    assert actions_of(submitted_leave, finn) == []


def test_a_task_with_fields_has_a_form(
    ada: User, ben: User, carl: User, purchase_flow: FlowVersion
) -> None:
    data = {
        "item": "Desk",
        "category": "furniture",
        "amount": 100,
        "currency": "EUR",
        "needed_by": "2026-12-24",
        "justification": "It wobbles.",
    }
    case = engine.start("purchase", by=ada, data=data)
    request = Request.objects.get(case=case)
    decide(request, ben, "manager_review", "approve")
    [action] = actions_of(request, carl)
    assert action.decision_form is not None
    assert list(action.decision_form.fields) == ["order_number"]
    assert action.claim_url


def test_a_held_item_can_be_given_back(
    ada: User, ben: User, carl: User, expense_flow: FlowVersion
) -> None:
    claim = services.submit(make_claim(ada, expense_flow, line("2000")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    engine.claim(factories.open_item(claim.case, "finance_check").pk, by=carl)
    [action] = actions_of(claim, carl)
    assert action.claimed_by_me
    assert action.release_url
    assert action.claim_url == ""


def test_the_page_tells_for_whom_it_waits(ada: User, ben: User, expense_flow: FlowVersion) -> None:
    claim = services.submit(make_claim(ada, expense_flow, line("12000")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    entries = people_for([claim.case_id]).entries(claim.case_id or 0)
    assert [(entry.task_title, entry.people) for entry in entries] == [
        ("Check the claim", "Carl Carter or Cleo Clark (Finance)"),
        ("Decide on the large claim", "Dana Diaz"),
    ]


def test_the_history_reads_as_sentences_newest_first(
    submitted_leave: Request, ada: User, ben: User, eve: User
) -> None:
    services.comment(submitted_leave, by=ada, text="Please soon.")
    decide(submitted_leave, ben, "manager_review", "return", "A day less?")
    item = factories.open_item(submitted_leave.case, "correct")
    services.decide(item.pk, by=ada, outcome="resubmit")
    decide(submitted_leave, ben, "manager_review", "approve", "Enjoy.")
    decide(submitted_leave, eve, "record", "record")
    told = [
        f"{entry.who.name} {entry.text}" if entry.who else entry.text
        for entry in timeline(submitted_leave, viewer=ben)
    ]
    assert told[::-1] == [
        "Ada Archer asked for this",
        "Ada Archer commented",
        "Ben Baker returned this for correction · Decide on the leave",
        "Ada Archer submitted this again · Correct the request",
        "Ben Baker approved · Decide on the leave",
        "Routed automatically: Up to 5 days",
        "Eve Ellis recorded this · Record the leave",
        "The request is closed",
    ]


def test_what_was_said_with_a_decision_stands_in_the_history(
    submitted_leave: Request, ben: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "reject", "The release is due.")
    comments = [entry.comment for entry in timeline(submitted_leave, viewer=ben) if entry.comment]
    assert comments == ["The release is due."]


def test_a_page_costs_the_same_number_of_statements_with_a_long_history(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    def build() -> Any:
        page_of(submitted_leave, ben)
        timeline(Request.objects.for_list().get(pk=submitted_leave.pk), viewer=ben)
        people_for([submitted_leave.case_id]).waiting_on(submitted_leave.case_id or 0)
        actions_of(submitted_leave, ben)

    build()
    before = statements(build)
    for _ in range(5):
        services.comment(submitted_leave, by=ben, text="Hm.")
        services.attach(submitted_leave, by=ada, file=upload())
        decide(submitted_leave, ben, "manager_review", "return", "Again.")
        item = factories.open_item(submitted_leave.case, "correct")
        services.decide(item.pk, by=ada, outcome="resubmit")
    assert statements(build) == before <= 20
