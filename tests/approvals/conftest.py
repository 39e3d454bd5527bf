"""Requests in the states that the tests need, and a place for files that goes away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from approvals import services
from approvals.models import ExpenseCategory, LeaveType, Request
from approvals.notifications.wanting import TELL_HANDLER
from approvals.services import LineDraft
from tests import factories
from workflows.jobs.worker import Worker
from workflows.models import FlowVersion, Job, JobState

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.fixture(autouse=True)
def stored_files(settings: Any, tmp_path: Path) -> Callable[[], list[Path]]:
    """Keep attachments in a folder of the test; the value lists the files that are in it."""
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return lambda: [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def next_monday(weeks: int = 1) -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def make_leave(
    by: User, flow_version: FlowVersion, *, start: date | None = None, days: int = 3
) -> Request:
    """Make a draft of leave; `days` are calendar days."""
    first = start or next_monday()
    return services.save_leave(
        by=by,
        flow=flow_version.flow,
        leave_type=LeaveType.objects.get(code="annual"),
        start=first,
        end=first + timedelta(days=days - 1),
        reason="Rest",
    )


def line(amount: str = "100.00", **changes: Any) -> LineDraft:
    category = ExpenseCategory.objects.get(code="travel")
    fields = {"date": timezone.localdate(), "category": category, "amount": Decimal(amount)}
    return LineDraft(**(fields | changes))


def make_claim(by: User, flow_version: FlowVersion, *lines: LineDraft) -> Request:
    return services.save_expense(
        by=by,
        flow=flow_version.flow,
        title="Trip",
        currency="EUR",
        lines=lines or [line()],
    )


def upload(name: str = "receipt.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def decide(request: Request, by: User, task: str, outcome: str, comment: str = "") -> None:
    request.refresh_from_db()
    item = factories.open_item(request.case, task)
    services.decide(item.pk, by=by, outcome=outcome, comment=comment)
    request.refresh_from_db()


def run_jobs() -> None:
    """Let a worker do all that is due."""
    worker = Worker()
    while worker.work_once():
        pass


def tell() -> None:
    """Let a worker tell of all steps so far, and send no mail yet."""
    due = Job.objects.filter(handler=TELL_HANDLER, state=JobState.DUE).order_by("pk")
    Worker().work(list(due.values_list("key", flat=True)))


@pytest.fixture
def submitted_leave(leave_flow: FlowVersion, ada: User) -> Request:
    """Three days of Ada's, with her manager."""
    return services.submit(make_leave(ada, leave_flow), by=ada)


@pytest.fixture
def returned_leave(submitted_leave: Request, ben: User) -> Request:
    decide(submitted_leave, ben, "manager_review", "return", "Please take a day less.")
    return submitted_leave
