"""Files of requests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from approvals import services
from approvals.errors import FileTooLarge, FileTypeRefused, NotADraft
from approvals.models import Attachment, Request
from tests.approvals.conftest import PNG, decide, line, make_claim, upload
from workflows.errors import InvalidData, NotAllowed, NotFound
from workflows.models import FlowVersion

Files = Callable[[], list[Path]]


@pytest.fixture
def claim(ada: User, expense_flow: FlowVersion) -> Request:
    return make_claim(ada, expense_flow, line("20.00"), line("30.00"))


@pytest.fixture
def submitted_claim(claim: Request, ada: User) -> Request:
    return services.submit(claim, by=ada)


def test_a_file_is_kept_with_its_facts(claim: Request, ada: User, stored_files: Files) -> None:
    attachment = services.attach(claim, by=ada, file=upload("../Beleg.png"))
    assert attachment.name == "Beleg.png"
    assert attachment.content_type == "image/png"
    assert attachment.size_bytes == len(PNG)
    assert attachment.sha256 == hashlib.sha256(PNG).hexdigest()
    [stored] = stored_files()
    assert stored.read_bytes() == PNG
    assert "Beleg" not in stored.name


def test_a_name_without_an_ending_gets_one(claim: Request, ada: User) -> None:
    assert services.attach(claim, by=ada, file=upload("photo")).name == "photo.png"


def test_a_receipt_belongs_to_its_line(claim: Request, ada: User) -> None:
    row = claim.expense.lines.all()[0]
    attachment = services.attach(claim, by=ada, file=upload(), line=row)
    assert list(row.receipts.all()) == [attachment]


def test_a_line_of_another_claim_is_refused(
    claim: Request, ada: User, expense_flow: FlowVersion
) -> None:
    other = make_claim(ada, expense_flow).expense.lines.get()
    with pytest.raises(NotAllowed):
        services.attach(claim, by=ada, file=upload(), line=other)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.png", b"<html><script>alert(1)</script></html>"),
        ("drawing.svg", b"<svg onload='alert(1)'></svg>"),
        ("program.pdf", b"MZ\x90\x00"),
    ],
)
def test_what_is_not_on_the_list_leaves_no_trace(
    claim: Request, ada: User, stored_files: Files, name: str, content: bytes
) -> None:
    with pytest.raises(FileTypeRefused, match=name):
        services.attach(claim, by=ada, file=upload(name, content))
    assert not Attachment.objects.exists()
    assert stored_files() == []


def test_an_empty_file_is_refused(claim: Request, ada: User) -> None:
    with pytest.raises(InvalidData, match="empty"):
        services.attach(claim, by=ada, file=upload("a.txt", b""))


def test_thirty_megabytes_are_too_large(claim: Request, ada: User, stored_files: Files) -> None:
    huge = upload("scan.pdf", b"%PDF-" + bytes(30_000_000))
    with pytest.raises(
        FileTooLarge, match=r"30\.0 MB; a file may have at most 10\.5 MB"
    ) as refusal:
        services.attach(claim, by=ada, file=huge)
    assert refusal.value.http_status == 413
    assert stored_files() == []


def test_the_files_of_a_request_have_a_common_limit(
    claim: Request, ada: User, settings: Any
) -> None:
    settings.GOFLOW_MAX_REQUEST_BYTES = 100
    services.attach(claim, by=ada, file=upload())
    with pytest.raises(FileTooLarge, match="together"):
        services.attach(claim, by=ada, file=upload())


def test_a_draft_that_fails_after_its_receipt_leaves_no_file(
    ada: User, expense_flow: FlowVersion, stored_files: Files
) -> None:
    bad = upload("b.png", b"<html>no picture</html>")
    with pytest.raises(FileTypeRefused):
        make_claim(ada, expense_flow, line(receipt=upload()), line(receipt=bad))
    assert stored_files() == []
    assert not Request.objects.exists()


def test_a_failure_in_the_same_transaction_removes_the_file(
    claim: Request, ada: User, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(self: Attachment, *args: Any, **options: Any) -> None:
        raise RuntimeError("The database is gone.")

    monkeypatch.setattr(Attachment, "save", break_off)
    with pytest.raises(RuntimeError), transaction.atomic():
        services.attach(claim, by=ada, file=upload())
    assert stored_files() == []


def test_whoever_decides_may_attach_while_it_runs(submitted_claim: Request, ben: User) -> None:
    assert services.attach(submitted_claim, by=ben, file=upload()).uploaded_by == ben


def test_nothing_is_attached_to_a_decided_request(
    submitted_claim: Request, ada: User, ben: User
) -> None:
    decide(submitted_claim, ben, "manager_review", "reject", "No.")
    with pytest.raises(NotAllowed, match="rejected"):
        services.attach(submitted_claim, by=ada, file=upload())


def test_a_stranger_attaches_nothing(claim: Request, submitted_claim: Request, finn: User) -> None:
    with pytest.raises(NotFound):
        services.attach(submitted_claim, by=finn, file=upload())


def test_the_requester_removes_a_file_from_a_draft(
    claim: Request,
    ada: User,
    stored_files: Files,
    django_capture_on_commit_callbacks: Any,
) -> None:
    attachment = services.attach(claim, by=ada, file=upload())
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_attachment(attachment, by=ada)
    assert not Attachment.objects.exists()
    assert stored_files() == []


def test_a_file_stays_once_others_decide_on_it(
    claim: Request, submitted_claim: Request, ada: User
) -> None:
    attachment = services.attach(submitted_claim, by=ada, file=upload())
    with pytest.raises(NotADraft):
        services.remove_attachment(attachment, by=ada)


def test_a_file_can_be_replaced_while_it_is_back_for_correction(
    submitted_claim: Request, ada: User, ben: User
) -> None:
    attachment = services.attach(submitted_claim, by=ada, file=upload())
    decide(submitted_claim, ben, "manager_review", "return", "Wrong receipt.")
    services.remove_attachment(attachment, by=ada)
    assert not Attachment.objects.exists()


def test_nobody_removes_the_file_of_somebody_else(
    submitted_claim: Request, ada: User, ben: User
) -> None:
    attachment = services.attach(submitted_claim, by=ben, file=upload())
    decide(submitted_claim, ben, "manager_review", "return", "See my note.")
    with pytest.raises(NotAllowed):
        services.remove_attachment(attachment, by=ada)
