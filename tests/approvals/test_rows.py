"""Rows of lists, and what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals import services
from approvals.display import due_view, request_rows, work_item_rows
from approvals.models import LeaveType, Request
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, make_leave, next_monday, upload
from workflows import engine
from workflows.models import FlowVersion, WorkItem


def inbox_of(user: User) -> Any:
    return WorkItem.objects.actionable_by(user).awaited()


def statements(build: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        build()
    return len(captured)


def test_a_row_tells_what_is_asked_in_words(submitted_leave: Request, ben: User) -> None:
    [row] = work_item_rows(inbox_of(ben), viewer=ben)
    assert row.number == submitted_leave.number
    assert row.title == "Leave request"
    assert row.task_title == "Decide on the leave"
    assert row.requester.name == "Ada Archer"
    assert row.requester.initials == "AA"
    assert row.requester.department == "Engineering"
    shown = {field.label: field.value for field in row.key_fields}
    assert shown["Kind of leave"] == "Annual leave"
    assert shown["Working days"] == "3"


def test_a_row_offers_the_outcomes_that_its_task_has(submitted_leave: Request, ben: User) -> None:
    [row] = work_item_rows(inbox_of(ben), viewer=ben)
    assert row.approve_url.endswith(f"/{row.id}/outcomes/approve/")
    assert row.reject_url.endswith(f"/{row.id}/outcomes/reject/")
    assert row.claim_url == ""


def test_an_amount_is_shown_with_its_currency(
    ada: User, ben: User, expense_flow: FlowVersion
) -> None:
    services.submit(make_claim(ada, expense_flow, line("12000")), by=ada)
    [row] = work_item_rows(inbox_of(ben), viewer=ben)
    assert [(f.label, f.value) for f in row.key_fields] == [
        ("What for", "Trip"),
        ("Total", "12,000.00 EUR"),
    ]


def finance_claim(ada: User, ben: User, version: FlowVersion) -> Request:
    claim = services.submit(make_claim(ada, version, line("2000")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    return claim


def test_an_item_of_a_group_can_be_claimed(
    ada: User, ben: User, carl: User, cleo: User, expense_flow: FlowVersion
) -> None:
    finance_claim(ada, ben, expense_flow)
    [row] = work_item_rows(inbox_of(carl), viewer=carl)
    assert row.is_group
    assert row.claim_url
    engine.claim(row.id, by=carl)
    [mine] = work_item_rows(WorkItem.objects.filter(pk=row.id), viewer=carl)
    [theirs] = work_item_rows(WorkItem.objects.filter(pk=row.id), viewer=cleo)
    assert mine.claimed_by is not None
    assert mine.claimed_by.name == "Carl Carter"
    assert mine.approve_url
    assert mine.claim_url == theirs.claim_url == theirs.approve_url == ""


def test_a_done_item_tells_how_it_went(submitted_leave: Request, ben: User) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    [row] = work_item_rows(WorkItem.objects.filter(completed_by=ben), viewer=ben)
    assert row.outcome_text == "approved"
    assert row.closed_at is not None
    assert row.approve_url == ""


def test_a_field_that_the_task_hides_is_not_in_the_row(ada: User, ben: User) -> None:
    factories.publish_flow(
        """
        flow: raise_pay
        data:
          type: object
          x-summary: [who, pay]
          properties: {who: {type: string}, pay: {type: number}}
        places: [start, here, end]
        tasks:
          review:
            kind: human
            assign: manager(requester)
            form: {fields: {pay: hidden}}
        transitions:
          come: {from: start, to: here}
          approve: {task: review, outcome: approve, from: here, to: end}
        """
    )
    engine.start("raise_pay", by=ada, data={"who": "Abe", "pay": 9000})
    [row] = work_item_rows(inbox_of(ben), viewer=ben)
    assert [field.label for field in row.key_fields] == ["Who"]


def test_my_request_tells_for_whom_it_waits(
    ada: User, ben: User, expense_flow: FlowVersion
) -> None:
    finance_claim(ada, ben, expense_flow)
    [row] = request_rows(Request.objects.of(ada), viewer=ada)
    assert row.waiting_on == "Carl Carter or Cleo Clark (Finance)"
    assert row.status.text == "In progress"
    assert row.edit_url == ""


def test_a_draft_can_be_edited(ada: User, leave_flow: FlowVersion) -> None:
    draft = make_leave(ada, leave_flow)
    [row] = request_rows(Request.objects.of(ada), viewer=ada)
    assert row.status.key == "draft"
    assert draft.number in row.edit_url
    assert row.key_fields


def test_a_request_on_hold_says_so(submitted_leave: Request, ada: User, admin: User) -> None:
    engine.suspend(submitted_leave.case_id, by=admin, reason="Audit")
    [row] = request_rows(Request.objects.of(ada), viewer=ada)
    assert row.status.key == "suspended"


@pytest.mark.parametrize(
    ("hours", "level"), [(-30, "overdue"), (-1, "overdue"), (30, "soon"), (300, "later")]
)
def test_a_due_date_has_a_level(hours: int, level: str) -> None:
    now = timezone.now().replace(hour=12)
    due = due_view(now + timedelta(hours=hours), now=now)
    assert due is not None
    assert due.level == level


def test_due_later_today_is_today() -> None:
    now = timezone.localtime().replace(hour=9)
    due = due_view(now.replace(hour=17), now=now)
    assert due is not None
    assert due.level == "today"


def many_requests(ada: User, leave: FlowVersion, expense: FlowVersion, weeks: range) -> None:
    for week in weeks:
        services.submit(make_leave(ada, leave, start=next_monday(weeks=week)), by=ada)
        services.submit(make_claim(ada, expense, line(receipt=upload()), line()), by=ada)
        make_leave(ada, leave)
        make_claim(ada, expense)


def test_rows_cost_the_same_number_of_statements_however_many(
    ada: User, ben: User, leave_flow: FlowVersion, expense_flow: FlowVersion
) -> None:
    many_requests(ada, leave_flow, expense_flow, range(1, 2))
    few_items = statements(lambda: work_item_rows(inbox_of(ben), viewer=ben))
    few_requests = statements(lambda: request_rows(Request.objects.of(ada), viewer=ada))
    many_requests(ada, leave_flow, expense_flow, range(2, 6))
    assert statements(lambda: work_item_rows(inbox_of(ben), viewer=ben)) == few_items <= 6
    many = statements(lambda: request_rows(Request.objects.of(ada), viewer=ada))
    assert many == few_requests <= 9


def test_titles_are_those_of_today(submitted_leave: Request, ben: User) -> None:
    LeaveType.objects.update(title="Holiday")
    [row] = work_item_rows(inbox_of(ben), viewer=ben)
    assert row.key_fields[0].value == "Holiday"
