"""How long the server takes for each page, in a company of 5,000 people."""

from __future__ import annotations

import gc
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from approvals import demo
from approvals.models import Employee, Request
from workflows.bench.processes import percentiles
from workflows.models import Case, FlowVersion, Job, WorkItem

from . import company

REQUESTS = 1_000_000
ONE_OPEN_IN = 100
MUST_HOLD_P95_MS = {"postgresql": 100, "sqlite": 50}
STATEMENTS = re.compile(r'statements;desc="(\d+)"')


@dataclass
class _Page:
    name: str
    client: Client
    address: str
    statements: int = 0
    rounds: list[dict[str, float]] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)


def pages(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """Server time of every page: 5,000 people with 1 million requests; on SQLite, the demo.

    Each page is asked for `steps` times a round, page after page; p50 and p95 are the medians of
    the rounds. The time is that of the whole stack but for the socket; `cpu_ms` is what of it the
    page's own thread computed, which is the same on a busy machine.
    """
    if connection.vendor == "postgresql":
        users = company.make_people()
        company.fill(users, REQUESTS, one_open_in=ONE_OPEN_IN)
        manager, asker = users[0], users[company.MANAGERS]
    elif connection.vendor == "sqlite":
        demo.create_company()
        demo.publish_flows()
        demo.create_samples()
        manager, asker = (User.objects.get(username=name) for name in ("ben", "ada"))
    else:
        raise CommandError("This benchmark runs on PostgreSQL or SQLite.")
    with tempfile.TemporaryDirectory() as folder, _as_on_a_server(folder):
        call_command("collectstatic", verbosity=0, interactive=False)
        found = list(_pages(manager, asker))
        for page in found:
            _ask(page)
        # As `goflow_site.web` does.
        gc.collect()
        gc.freeze()
        for _ in range(rounds):
            for page in found:
                page.rounds.append(percentiles([_ask(page) for _ in range(steps)]))
    for page in found:
        yield _told(page, rounds)


def _as_on_a_server(folder: str) -> Any:
    return override_settings(
        DEBUG=False, STATIC_ROOT=folder, SERVER_TIMING=True, ALLOWED_HOSTS=["testserver"]
    )


def _told(page: _Page, rounds: int) -> dict[str, Any]:
    return {
        "bench": "pages",
        "database": connection.vendor,
        "what": page.name,
        "requests": Request.objects.count(),
        "rounds": rounds,
        "statements": page.statements,
        **{name: statistics.median(r[name] for r in page.rounds) for name in ("p50_ms", "p95_ms")},
        "cpu_ms": round(statistics.median(page.cpu_seconds) * 1000, 1),
        "must_hold_p95_ms": MUST_HOLD_P95_MS[connection.vendor],
    }


def _ask(page: _Page) -> float:
    begun, cpu_begun = time.perf_counter(), time.thread_time()
    answer = page.client.get(page.address, secure=True)
    took = time.perf_counter() - begun
    page.cpu_seconds.append(time.thread_time() - cpu_begun)
    if answer.status_code != 200:
        raise CommandError(f"{page.name} ({page.address}) answers {answer.status_code}.")
    counted = STATEMENTS.search(answer.headers.get("Server-Timing", ""))
    page.statements = int(counted[1]) if counted else 0
    return took


def _client(user: User) -> Client:
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user)
    return client


def _pages(manager: User, asker: User) -> Iterator[_Page]:
    """Return what people, operators and programs look at."""
    lead, own = _client(manager), _client(asker)
    admin = _client(User.objects.get(username="admin"))
    item = WorkItem.objects.actionable_by(manager).awaited().latest("pk")
    waiting = Request.objects.get(case=item.case)
    version = FlowVersion.objects.filter(flow__key="leave").latest("pk")
    employee = Employee.objects.get(user=asker)
    for name, client, address in (
        ("sign in", Client(), "/login/"),
        ("home", own, "/"),
        ("home of a manager", lead, "/"),
        ("inbox", lead, "/inbox/"),
        ("inbox, with the group", lead, "/inbox/?tab=pool"),
        ("inbox, done", lead, "/inbox/?tab=done"),
        ("inbox, search", lead, "/inbox/?q=Person"),
        ("notices", lead, "/notices/"),
        ("settings", own, "/settings/"),
        ("requests", own, "/requests/"),
        ("new request", own, "/requests/new/"),
        ("form of leave", own, "/requests/new/leave/"),
        ("form of expenses", own, "/requests/new/expense/"),
        ("form of a purchase", own, "/requests/new/purchase/"),
        ("request", lead, f"/requests/{waiting.number}/"),
        ("decision", lead, f"/work-items/{item.pk}/outcomes/approve/"),
        ("request, as an operator", admin, f"/requests/{waiting.number}/"),
        ("stuck requests", admin, "/stuck/"),
        ("admin", admin, "/admin/"),
        *(
            (f"admin: {app}.{name}", admin, f"/admin/{app}/{name}/")
            for app, name in (
                ("approvals", "employee"),
                ("approvals", "department"),
                ("approvals", "office"),
                ("approvals", "leavetype"),
                ("approvals", "expensecategory"),
                ("approvals", "request"),
                ("approvals", "attachment"),
                ("auth", "user"),
                ("auth", "group"),
                ("workflows", "case"),
                ("workflows", "workitem"),
                ("workflows", "event"),
                ("workflows", "job"),
                ("workflows", "workerbeat"),
                ("workflows", "flow"),
                ("workflows", "flowversion"),
            )
        ),
        ("admin: a person", admin, f"/admin/approvals/employee/{employee.pk}/change/"),
        ("admin: a request", admin, f"/admin/approvals/request/{waiting.pk}/change/"),
        ("admin: a case", admin, f"/admin/workflows/case/{item.case_id}/change/"),
        ("admin: a version", admin, f"/admin/workflows/flowversion/{version.pk}/change/"),
        ("API: cases", own, "/api/v1/cases/"),
        ("API: every case", admin, "/api/v1/cases/"),
        ("API: a case", own, f"/api/v1/cases/{_own_case(asker).pk}/"),
        ("API: a history", own, f"/api/v1/cases/{_own_case(asker).pk}/history/"),
        ("API: a drawing", own, f"/api/v1/cases/{_own_case(asker).pk}/diagram.svg"),
        ("API: work items", lead, "/api/v1/work-items/"),
        ("API: leave requests", own, "/api/v1/leave-requests/"),
        ("API: expense claims", own, "/api/v1/expense-claims/"),
        ("API: flows", own, "/api/v1/flows/"),
        ("API: jobs", admin, "/api/v1/jobs/"),
        ("API: kinds of leave", own, "/api/v1/leave-types/"),
        ("API: its description", own, "/api/schema/"),
    ):
        yield _Page(name, client, address)
    for job in Job.objects.order_by("-pk")[:1]:
        yield _Page("admin: a job", admin, f"/admin/workflows/job/{job.pk}/change/")


def _own_case(user: User) -> Case:
    return Case.objects.filter(requester=user).latest("pk")
