"""A few requests, made by the real services, so that the portal is not empty at first sight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from approvals import notifications, services
from approvals.forms import RequestForm, SchemaForm
from approvals.kinds import schema_for
from approvals.models import ExpenseCategory, LeaveType, Request
from approvals.notifications.wanting import TELL_HANDLER
from approvals.notifications.writing import MAIL_HANDLER
from approvals.services import LineDraft
from workflows.models import Flow, Job, WorkItem

People = Mapping[str, User]


def create_samples() -> int:
    """Create the sample requests where there is no request at all, and return how many."""
    if Request.objects.exists():
        return 0
    people = {user.username: user for user in User.objects.filter(employee__isnull=False)}
    today = timezone.localdate()
    _decided_leave(people, today)
    _refused_leave(people, today)
    _open_long_leave(people, today)
    _open_expense(people, today)
    _open_purchase(people, today)
    _tell_without_mails()
    return Request.objects.count()


def _tell_without_mails() -> None:
    """Write the notices of what was done; nobody gets a mail about what somebody has made up."""
    steps = Job.objects.filter(handler=TELL_HANDLER).order_by("pk")
    for step in steps.values_list("payload", flat=True):
        notifications.tell_of_step(
            step["case"], number=step["step"], first=step["first"], last=step["last"]
        )
    Job.objects.filter(handler__in=[TELL_HANDLER, MAIL_HANDLER]).delete()


def _decided_leave(people: People, today: date) -> None:
    """Ada's leave of some weeks ago: it stays clear of the days that somebody tries out first."""
    monday = _monday(today, weeks=-8)
    leave = _submit_leave(people["ada"], "annual", monday, monday + timedelta(days=2), "Hiking")
    _decide(leave, people["ben"], "manager_review", "approve", "Enjoy the mountains.")
    _decide(leave, people["eve"], "record", "record")


def _refused_leave(people: People, today: date) -> None:
    monday = _monday(today, weeks=-3)
    leave = _submit_leave(people["finn"], "unpaid", monday, monday + timedelta(days=1), "Moving")
    _decide(
        leave, people["gina"], "manager_review", "reject", "The trade fair is on these two days."
    )


def _open_long_leave(people: People, today: date) -> None:
    """Eight working days of Abe's: the manager, then the next manager."""
    monday = _monday(today, weeks=6)
    leave = _submit_leave(
        people["abe"], "annual", monday, monday + timedelta(days=9), "Family visit overseas"
    )
    services.comment(leave, by=people["abe"], text="Ada covers for me; she knows about it.")


def _open_expense(people: People, today: date) -> None:
    """Finn's claim, agreed by his manager and over 1,000: Finance has it now."""
    flow = Flow.objects.get(key="expense")
    category = {c.code: c for c in ExpenseCategory.objects.all()}
    receipt = SimpleUploadedFile(
        "hotel-lyon.pdf", _pdf("Hotel Lumiere, Lyon: 3 nights, 936.00 EUR")
    )
    spent = today - timedelta(days=9)
    lines = [
        LineDraft(spent, category["travel"], Decimal("412.40"), "Train Basel - Lyon and back"),
        LineDraft(spent, category["hotel"], Decimal("936.00"), "Three nights", receipt=receipt),
        LineDraft(spent, category["meals"], Decimal("118.50"), "Dinner with the customer"),
    ]
    claim = services.save_expense(
        by=people["finn"], flow=flow, title="Customer visit in Lyon", currency="EUR", lines=lines
    )
    claim = services.submit(claim, by=people["finn"])
    _decide(claim, people["gina"], "manager_review", "approve")


def _open_purchase(people: People, today: date) -> None:
    """Carl's purchase, with the director as his manager."""
    flow = Flow.objects.get(key="purchase")
    data = {
        "item": "Two height-adjustable desks",
        "category": "furniture",
        "amount": "1180.00",
        "currency": "EUR",
        "needed_by": (today + timedelta(days=40)).isoformat(),
        "supplier": "Nordwerk",
        "justification": "The old desks wobble, and two of us share one.",
    }
    form = SchemaForm(data, schema=schema_for(flow), is_submitting=True)
    if not form.is_valid():
        raise ValueError(f"The sample purchase does not fit its flow: {form.errors.as_json()}")
    purchase = services.save_draft(by=people["carl"], flow=flow, form=RequestForm(form))
    services.submit(purchase, by=people["carl"])


def _submit_leave(by: User, code: str, start: date, end: date, reason: str) -> Request:
    draft = services.save_leave(
        by=by,
        flow=Flow.objects.get(key="leave"),
        leave_type=LeaveType.objects.get(code=code),
        start=start,
        end=end,
        reason=reason,
    )
    return services.submit(draft, by=by)


def _decide(request: Request, by: User, task: str, outcome: str, comment: str = "") -> None:
    item = WorkItem.objects.open().get(case=request.case_id, task__key=task)
    services.decide(item.pk, by=by, outcome=outcome, comment=comment)


def _monday(today: date, *, weeks: int) -> date:
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _pdf(text: str) -> bytes:
    """Return a PDF of one page with one line of ASCII text."""
    content = f"BT /F1 14 Tf 56 760 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
