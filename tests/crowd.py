"""A company that grows: so many rows of everything that pages and lists show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals import services
from approvals.calendars import forget_calendars
from approvals.models import (
    Attachment,
    Comment,
    Department,
    Employee,
    ExpenseCategory,
    LeaveType,
    Notice,
    NoticeKind,
    Office,
    Request,
)
from tests.factories import (
    expense_data,
    leave_data,
    make_user,
    open_item,
    publish_flow,
    publish_shipped,
)
from workflows import engine, flowfile, store
from workflows.models import Case, FlowVersion, Job, JobKind, JobState, WorkerBeat

FEW, MANY = 3, 30

FLOW = """
flow: crowd_{number}
title: Crowd {number}
data: {{type: object, properties: {{amount: {{type: number, title: Amount}}}}}}
places: [start, asked, end]
tasks:
  review: {{kind: human, title: Review, assign: manager(requester)}}
transitions:
  ask: {{from: start, to: asked}}
  approve: {{task: review, outcome: approve, from: asked, to: end}}
"""
CHAIN = "flow: chain\nplaces: [{places}]\ntransitions:\n{transitions}"


class Crowd:
    """`grow(n)` makes what is missing of n rows; then `leave`, `claim`, `draft`, `chain` have n
    comments, files, events, lines or transitions."""

    leave: Request
    claim: Request
    draft: Request
    chain: FlowVersion

    def __init__(self, company: SimpleNamespace) -> None:
        self.company = company
        self.size = 0
        self.clients: dict[str, Client] = {}
        for key in ("leave", "expense", "purchase"):
            publish_shipped(key)
        Office.objects.create(name="Here", time_zone="UTC", is_default=True)

    def client(self, name: str) -> Client:
        if name not in self.clients:
            self.clients[name] = Client()
            self.clients[name].force_login(getattr(self.company, name))
        return self.clients[name]

    def statements(self, name: str, address: str) -> int:
        """Return what a page costs somebody, once what is kept by the process is known."""
        client = self.client(name)
        # Read anew by the first call; else it might run out of date between the two.
        forget_calendars()
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return len(captured)

    def grow(self, size: int) -> None:
        for number in range(self.size, size):
            self._add_people(number)
            self._add_requests(number)
        self._make_large(size)
        self.size = size

    def _add_people(self, number: int) -> None:
        ben = self.company.ben.employee
        office = Office.objects.create(name=f"Office {number}", time_zone="UTC")
        department = Department.objects.create(name=f"New {number}", head=ben)
        user = make_user(f"new{number}", first_name=f"New{number}")
        Employee.objects.create(user=user, department=department, manager=ben, office=office)
        group = Group.objects.create(name=f"Group {number}")
        user.groups.add(group)
        self.company.ben.groups.add(group)
        LeaveType.objects.create(code=f"kind{number}", title=f"Kind {number}")
        ExpenseCategory.objects.create(code=f"category{number}", title=f"Category {number}")
        now = timezone.now()
        WorkerBeat.objects.create(name=f"worker{number}", started_at=now, seen_at=now)
        publish_flow(FLOW.format(number=number))

    def _add_requests(self, number: int) -> None:
        ada, ben = self.company.ada, self.company.ben
        leave = engine.start("leave", by=ada, data=leave_data())
        engine.start("expense", by=ada, data=expense_data())
        purchase = {"item": "Desk", "category": "furniture", "amount": "10", "currency": "EUR"}
        purchase |= {"needed_by": "2030-01-31", "justification": "The old one is broken."}
        engine.start("purchase", by=ada, data=purchase)
        decided = engine.start("leave", by=ada, data=leave_data())
        engine.complete(open_item(decided, "manager_review").pk, by=ben, outcome="approve")
        own = engine.start("leave", by=ben, data=leave_data())
        engine.suspend(own.pk, by=self.company.admin, reason="Wait")
        # Waits for a group of Ben's own, each item for another one.
        item = open_item(engine.start("leave", by=ada, data=leave_data()), "manager_review")
        item.candidates.update(user=None, group=f"Group {number}")
        self._add_failure(leave, number)
        for user in (ada, ben):
            Notice.objects.create(
                key=f"crowd-{number}-{user.pk}",
                recipient=user,
                kind=NoticeKind.FINISHED,
                case=leave,
                parts={"task": "Review", "number": leave.business_key},
                created_at=timezone.now(),
            )

    def _add_failure(self, case: Case, number: int) -> None:
        now = timezone.now() - timedelta(days=30 + number)
        Job.objects.create(
            case=case,
            work_item=open_item(case, "manager_review"),
            kind=JobKind.SERVICE,
            key=f"crowd-{number}",
            state=JobState.INCIDENT,
            handler="http",
            due_at=now,
            created_at=now,
            last_error="No answer",
        )

    def _make_large(self, size: int) -> None:
        ada, admin = self.company.ada, self.company.admin
        self.leave = self._request(engine.start("leave", by=ada, data=leave_data()))
        line = expense_data()["lines"][0]
        lines = expense_data(total=100 * size, lines=[line] * size)
        self.claim = self._request(engine.start("expense", by=ada, data=lines))
        for request in (self.leave, self.claim):
            for number in range(size):
                self._talk(request, number)
        for _ in range(size):
            engine.suspend(self.leave.case_id, by=admin, reason="Wait")
            engine.resume(self.leave.case_id, by=admin, reason="Go on")
        steps = range(size)
        self.chain = store.save_draft(
            flowfile.read(
                CHAIN.format(
                    places=", ".join(f"p{n}" for n in range(size + 1)),
                    transitions="\n".join(f"  t{n}: {{from: p{n}, to: p{n + 1}}}" for n in steps),
                )
            ),
            by=admin,
        )
        self.draft = self._draft(size)

    def _talk(self, request: Request, number: int) -> None:
        author = (self.company.ada, self.company.ben, self.company.eve)[number % 3]
        Comment.objects.create(request=request, author=author, text=f"Comment {number}")
        Attachment.objects.create(
            request=request,
            file=ContentFile(b"x", name=f"{number}.txt"),
            name=f"{number}.txt",
            content_type="text/plain",
            size_bytes=1,
            sha256="0" * 64,
            uploaded_by=author,
        )

    def _draft(self, size: int) -> Request:
        category = ExpenseCategory.objects.get(code="travel")
        line = services.LineDraft(date=timezone.localdate(), category=category, amount=1)  # type: ignore[arg-type]
        flow = FlowVersion.objects.published().get(flow__key="expense").flow
        return services.save_expense(
            by=self.company.ada, flow=flow, title="Trip", currency="EUR", lines=[line] * size
        )

    @staticmethod
    def _request(case: Case) -> Request:
        return Request.objects.get(case=case)


Addresses = Callable[[Crowd], dict[str, tuple[str, str]]]


def costs(crowd: Crowd, addresses: Addresses, size: int) -> dict[str, int]:
    """Return what each page costs in statements where there are `size` rows of everything."""
    crowd.grow(size)
    return {name: crowd.statements(*page) for name, page in addresses(crowd).items()}
