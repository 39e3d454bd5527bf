"""The mails, as a real mail server gets them."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from approvals import services
from approvals.models import Notice, NoticeKind, NoticeSettings, Request, RequestState
from approvals.notifications import send_mail
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, run_jobs, tell
from tests.approvals.test_notifications import TOGETHER, mails
from workflows import engine
from workflows.clock import database_now
from workflows.models import FlowVersion, JobState, WorkItemState


@dataclass
class Recorder:
    """Keeps every mail, and answers `refusal` where it has one."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusal: str = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(email.message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        return self.refusal or "250 Taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def no_smtp(settings: Any, free_port: int) -> None:
    """Mails go to a port where nobody listens."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = free_port
    settings.PUBLIC_URL = "https://portal.example.com"


@pytest.fixture
def smtp(no_smtp: None, free_port: int) -> Iterator[Recorder]:
    recorder = Recorder()
    server = Controller(recorder, hostname="127.0.0.1", port=free_port)
    server.start()
    yield recorder
    server.stop()


def texts(mail: EmailMessage) -> tuple[str, str]:
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


def test_the_mail_says_what_to_do_and_links_to_the_page(
    smtp: Recorder, submitted_leave: Request
) -> None:
    run_jobs()
    [mail] = smtp.mails
    number = submitted_leave.number
    assert mail["To"] == "ben@example.com"
    assert mail["Subject"] == f"{number}: Decide on the leave (Ada Archer)"
    for text in texts(mail):
        assert f"https://portal.example.com/requests/{number}/" in text
        assert "Annual leave" in text


def test_a_mail_is_marked_as_sent_by_a_machine_and_can_be_answered(
    smtp: Recorder, submitted_leave: Request
) -> None:
    run_jobs()
    [mail] = smtp.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] == "ada@example.com"


def test_looking_at_the_link_of_a_mail_decides_nothing(
    smtp: Recorder, submitted_leave: Request, ben: User
) -> None:
    run_jobs()
    client = Client()
    client.force_login(ben)
    client.get(submitted_leave.get_absolute_url())
    submitted_leave.refresh_from_db()
    assert submitted_leave.state == RequestState.RUNNING


def test_f39_a_mail_that_is_sent_twice_is_one_to_the_reader(
    smtp: Recorder, submitted_leave: Request
) -> None:
    job = mails().get()
    for _ in range(2):
        send_mail(job.payload["notices"], idempotency_key=job.idempotency_key)
    first, second = smtp.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@portal.example.com>")


def test_mails_about_one_request_have_ids_of_their_own_and_one_thread(
    smtp: Recorder, submitted_leave: Request, ben: User
) -> None:
    run_jobs()
    decide(submitted_leave, ben, "manager_review", "approve")
    run_jobs()
    ids = [mail["Message-ID"] for mail in smtp.mails]
    assert len(set(ids)) == len(ids) == 3
    assert len({mail["References"] for mail in smtp.mails}) == 1


def test_f39_a_mail_server_that_is_down_leaves_the_approval_as_it_is(
    no_smtp: None, submitted_leave: Request, ben: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    run_jobs()
    item = submitted_leave.case.work_items.get(task__key="manager_review")
    assert item.state == WorkItemState.COMPLETED
    waiting = mails().filter(payload__contains="decided")
    assert {job.state for job in waiting} == {JobState.DUE}
    assert all("ConnectionRefusedError" in job.last_error for job in waiting)
    assert all(job.due_at > database_now() for job in waiting)


def test_f39_what_a_mail_server_refuses_is_sent_when_it_takes_it(
    smtp: Recorder, submitted_leave: Request
) -> None:
    smtp.refusal = "451 Try again later"
    run_jobs()
    smtp.refusal = ""
    mails().update(due_at=database_now())
    run_jobs()
    refused, taken = smtp.mails
    assert refused["Message-ID"] == taken["Message-ID"]
    assert mails().get().state == JobState.DONE


def test_a_mail_that_the_server_refuses_for_good_is_not_sent_again(
    smtp: Recorder, submitted_leave: Request
) -> None:
    smtp.refusal = "550 No such person"
    run_jobs()
    assert len(smtp.mails) == 1
    job = mails().get()
    assert job.state == JobState.INCIDENT
    assert "No such person" in job.last_error


def test_operators_are_told_once_a_day_that_mails_cannot_be_sent(
    smtp: Recorder, submitted_leave: Request, ben: User, admin: User
) -> None:
    decide(submitted_leave, ben, "manager_review", "approve")
    smtp.refusal = "550 No such person"
    run_jobs()
    assert mails().filter(state=JobState.INCIDENT).count() == 2
    assert Notice.objects.filter(recipient=admin, kind=NoticeKind.FAILED).count() == 1


def test_nobody_gets_a_mail_about_work_that_is_done_already(
    smtp: Recorder, expense_flow: FlowVersion, ada: User, ben: User, carl: User
) -> None:
    claim = services.submit(make_claim(ada, expense_flow, line("2000.00")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    tell()
    decide(claim, carl, "finance_check", "reject", "Not ours")
    run_jobs()
    assert smtp.to("cleo@example.com") == smtp.to("ben@example.com") == []


def test_nobody_gets_a_mail_about_work_that_somebody_has_taken(
    smtp: Recorder, expense_flow: FlowVersion, ada: User, ben: User, carl: User
) -> None:
    claim = services.submit(make_claim(ada, expense_flow, line("2000.00")), by=ada)
    decide(claim, ben, "manager_review", "approve")
    tell()
    engine.claim(factories.open_item(claim.case, "finance_check").pk, by=carl)
    run_jobs()
    assert smtp.to("cleo@example.com") == []
    assert len(smtp.to("carl@example.com")) == 1


def test_who_has_left_gets_no_mail(smtp: Recorder, submitted_leave: Request, ben: User) -> None:
    User.objects.filter(pk=ben.pk).update(is_active=False)
    run_jobs()
    assert smtp.mails == []


def test_a_choice_made_before_the_mail_goes_out_counts(
    smtp: Recorder, submitted_leave: Request, ben: User
) -> None:
    NoticeSettings.objects.create(user=ben, mail={"offered": False})
    run_jobs()
    assert smtp.mails == []


def test_one_mail_tells_of_all_that_came_at_once(smtp: Recorder, ada: User, eve: User) -> None:
    factories.publish_flow(TOGETHER)
    engine.start("visit", by=ada, data={})
    run_jobs()
    [mail] = smtp.mails
    for text in texts(mail):
        assert "Make a badge" in text
        assert "Clear a desk" in text


def test_the_reason_of_a_rejection_stands_in_the_mail_and_as_text(
    smtp: Recorder, submitted_leave: Request, ben: User
) -> None:
    run_jobs()
    decide(submitted_leave, ben, "manager_review", "reject", "<b>No</b> & never")
    run_jobs()
    [mail] = smtp.to("ada@example.com")
    plain, html = texts(mail)
    assert mail["Subject"] == f"{submitted_leave.number}: Leave request rejected"
    assert mail["Reply-To"] == "ben@example.com"
    assert "<b>No</b> & never" in plain
    assert "&lt;b&gt;No&lt;/b&gt; &amp; never" in html


def test_a_line_break_in_a_title_adds_no_header(smtp: Recorder, submitted_leave: Request) -> None:
    tell()
    notice = Notice.objects.get()
    notice.parts["task"] = "Decide\r\nBcc: eve@example.com"
    notice.save()
    run_jobs()
    [mail] = smtp.mails
    assert mail["Bcc"] is None
    assert "Decide Bcc: eve@example.com" in mail["Subject"]


def test_a_mail_leaves_out_the_fields_that_its_reader_may_not_see(
    smtp: Recorder, ada: User, ben: User
) -> None:
    factories.publish_flow(_HIDDEN)
    engine.start("raise", by=ada, data={"role": "Engineer", "salary": 5})
    run_jobs()
    [mail] = smtp.mails
    for text in texts(mail):
        assert "Engineer" in text
        assert "Salary" not in text


def test_the_demo_company_gets_no_mails_about_what_it_never_did(
    smtp: Recorder, db: Any, settings: Any
) -> None:
    settings.DEBUG = True
    call_command("demo", verbosity=0)
    assert Notice.objects.exists()
    run_jobs()
    assert smtp.mails == []


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_has_a_text(kind: NoticeKind) -> None:
    from approvals.notifications.texts import text_of

    parts = {"task": "Decide", "title": "Leave", "decision": "approved", "error": "It broke"}
    text = text_of(Notice(kind=kind, parts=parts))
    assert text.headline
    assert text.sentence


_HIDDEN = """
flow: raise
title: Raise
data:
  type: object
  properties: {role: {type: string, title: Role}, salary: {type: number, title: Salary}}
  required: [role, salary]
places: [start, waiting, end]
tasks:
  decide:
    {kind: human, title: Decide, assign: manager(requester), form: {fields: {salary: hidden}}}
transitions:
  submit: {from: start, to: waiting}
  yes: {task: decide, outcome: approve, from: waiting, to: end}
"""
