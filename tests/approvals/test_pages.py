"""The portal's pages, asked for as a browser does."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals import services
from approvals.models import Request, RequestState
from tests import factories
from tests.approvals.conftest import line, make_claim, make_leave, next_monday, upload
from tests.approvals.test_at_once import at_once
from workflows import engine, flowfile, publishing, store
from workflows.models import CaseState, FlowVersion


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def leave_form(*, weeks: int = 1) -> dict[str, str]:
    day = next_monday(weeks).isoformat()
    return {
        "leave_type": "annual",
        "start": day,
        "end": day,
        "action": "submit",
        "idempotency_key": "page-1",
    }


def send(user: User, **form: Any) -> Any:
    return signed_in(user).post(
        reverse("new_request_kind", args=["leave"]), leave_form(**form), follow=True
    )


def test_a_receipt_is_hidden_with_its_line(ada: User, ben: User) -> None:
    claim = make_claim(ada, factories.publish_flow(_HIDDEN_LINES), line(receipt=upload()))
    services.attach(claim, by=ada, file=upload("agenda.png"))
    services.submit(claim, by=ada)
    receipt, other = claim.attachments.order_by("pk")

    client = signed_in(ben)
    assert client.get(receipt.get_absolute_url()).status_code == 404
    assert client.get(other.get_absolute_url()).status_code == 200
    assert b"receipt.png" not in client.get(claim.get_absolute_url()).content


def test_the_inbox_does_not_tell_of_flows_that_are_drafts_only(
    ada: User, leave_flow: FlowVersion
) -> None:
    draft = "flow: secret\ntitle: Restructuring\nplaces: [start, end]\n"
    transitions = "transitions: {go: {from: start, to: end}}\n"
    store.save_draft(flowfile.read(draft + transitions), by=None)

    page = signed_in(ada).get(reverse("inbox")).content.decode()

    assert "Leave request" in page
    assert "Restructuring" not in page


def test_an_outcome_may_have_the_name_of_a_command(ada: User, carl: User) -> None:
    factories.publish_flow(_RELEASE)
    case = engine.start("payment", by=ada, data={})
    item = factories.open_item(case, "pay")

    signed_in(carl).post(reverse("work_item_outcome", args=[item.pk, "release"]))

    case.refresh_from_db()
    assert case.state == CaseState.COMPLETED


def test_a_draft_whose_flow_was_retired_can_only_be_deleted(
    ada: User, leave_flow: FlowVersion
) -> None:
    draft = make_leave(ada, leave_flow)
    publishing.retire(leave_flow, by=None)

    answer = signed_in(ada).get(draft.get_absolute_url(), follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == reverse("request_delete", args=[draft.number])


def test_a_form_that_is_sent_twice_at_once_leads_to_its_one_request_both_times(
    transactional_db: Any, ada: User, leave_flow: FlowVersion
) -> None:
    answers = at_once(partial(send, ada), partial(send, ada))

    request = Request.objects.get()
    assert request.state == RequestState.RUNNING
    assert [answer.redirect_chain[0][0] for answer in answers] == [request.get_absolute_url()] * 2


def test_who_changes_a_form_that_was_submitted_is_told_that_nothing_is_kept(
    ada: User, leave_flow: FlowVersion
) -> None:
    send(ada)
    answer = send(ada, weeks=3)

    assert Request.objects.get().leave.start == next_monday()
    assert "submitted with this form already" in answer.content.decode()


_HIDDEN_LINES = """
flow: expense
data:
  type: object
  properties:
    title: {type: string}
    currency: {type: string}
    total: {type: number, x-type: decimal}
    lines:
      type: array
      items:
        type: object
        properties:
          date: {type: string, format: date}
          category: {type: string}
          amount: {type: number, x-type: decimal}
          description: {type: string}
        required: [date, category, amount]
  required: [title, currency, total, lines]
places: [start, here, end]
tasks:
  review: {kind: human, assign: manager(requester), form: {fields: {lines: hidden}}}
transitions:
  submit: {from: start, to: here}
  approve: {task: review, outcome: approve, from: here, to: end}
"""

_RELEASE = """
flow: payment
places: [start, here, end]
tasks:
  pay: {kind: human, assign: group("finance")}
transitions:
  submit: {from: start, to: here}
  release: {task: pay, outcome: release, from: here, to: end}
"""
