"""A large company and what it asked for in three years, made by the database itself.

Two requests for leave go their way through the real services; all others are copies of their rows,
each for another person and another day. Histories are copied with their seals: they are read here,
not verified.
"""

# ruff: noqa: S608  the texts are made of tables and columns of the models

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import Model

from approvals import demo, services
from approvals.models import Department, Employee, LeaveRequest, LeaveType, Notice, Request
from workflows.models import Candidate, Case, Event, Flow, Job, WorkItem

PEOPLE = 5_000
MANAGERS = 250
DEPARTMENTS = 50
HR = 40
NOTICES_EACH = 20
DAYS, OPEN_DAYS = 3 * 365, 20
FILLED = (Case, Request, LeaveRequest, WorkItem, Candidate, Event, Notice)


def make_people() -> list[User]:
    """Make the company; return its people: the managers, then those who report to them."""
    demo.create_company()
    demo.publish_flows()
    director = Employee.objects.get(user__username="dana")
    departments = Department.objects.bulk_create(
        Department(name=f"Department {n:02}") for n in range(DEPARTMENTS)
    )
    users = User.objects.bulk_create(
        User(
            username=f"p{n:04}",
            first_name=f"Person{n:04}",
            last_name="Baker",
            email=f"p{n:04}@{demo.company.MAIL_DOMAIN}",
        )
        for n in range(PEOPLE)
    )
    managers = Employee.objects.bulk_create(
        Employee(user=user, manager=director, department=departments[n % DEPARTMENTS], role="head")
        for n, user in enumerate(users[:MANAGERS])
    )
    Employee.objects.bulk_create(
        Employee(
            user=user,
            manager=managers[n % MANAGERS],
            department=departments[n % DEPARTMENTS],
            role="engineer",
        )
        for n, user in enumerate(users[MANAGERS:])
    )
    Group.objects.get(name="hr").user_set.add(*users[-HR:])
    return users


def fill(users: list[User], requests: int, *, one_open_in: int) -> None:
    """Make so many requests of leave; one in `one_open_in` waits for the requester's manager.

    PostgreSQL only.
    """
    manager, asker = users[0], users[MANAGERS]
    closed, waiting = _moulds(asker, manager)
    _Copies(users, closed, "c", every=f"n % {one_open_in} <> 0").make(requests)
    _Copies(users, waiting, "w", every=f"n % {one_open_in} = 0").make(requests)
    with connection.cursor() as cursor:
        _notices(cursor, users, Case.objects.order_by("-pk")[0])
        cursor.execute("VACUUM ANALYZE")


def _moulds(asker: User, manager: User) -> tuple[Request, Request]:
    made = []
    for monday, outcome in ((date(2026, 1, 5), "approve"), (date(2026, 2, 2), "")):
        draft = services.save_leave(
            by=asker,
            flow=Flow.objects.get(key="leave"),
            leave_type=LeaveType.objects.get(code="sick"),
            start=monday,
            end=monday + timedelta(days=1),
            reason="Rest",
        )
        request = services.submit(draft, by=asker)
        item = WorkItem.objects.open().get(case=request.case, task__key="manager_review")
        if outcome:
            services.decide(item.pk, by=manager, outcome=outcome)
            record = WorkItem.objects.open().get(case=request.case, task__key="record")
            clerk = User.objects.get(username="eve")
            services.decide(record.pk, by=clerk, outcome="record")
        made.append(Request.objects.get(pk=request.pk))
    Job.objects.all().delete()
    return made[0], made[1]


class _Copies:
    """Copies of one request with all of its rows, numbered by n."""

    def __init__(self, users: list[User], mould: Request, prefix: str, *, every: str) -> None:
        case_id = mould.case_id
        self.mould, self.every = mould, every
        self.first_user, self.prefix = users[0].pk, prefix
        self.items = list(WorkItem.objects.filter(case=case_id).order_by("pk"))
        self.events = list(Event.objects.filter(case=case_id).order_by("pk"))
        people = f"{PEOPLE - MANAGERS}"
        self.asker = f"({self.first_user + MANAGERS} + n * 7919 % {people})"
        self.manager = f"({self.first_user} + n * 7919 % {people} % {MANAGERS})"

    def make(self, count: int) -> None:
        # Numbers of their own for each kind of row, so that each finds the others by counting.
        base = 10 + max(
            model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            for model in FILLED
        )
        days = DAYS if self.mould.decided_at else OPEN_DAYS
        at = f"(now() - ({count} - n) * interval '{days} days' / {count})"
        case = f"({base} + n)"
        mould, asker = self.mould, self.asker
        own = {"case_id": case, "started_at": at, "changed_at": at, "requester_id": asker}
        number = f"'LV-{self.prefix}-' || n"
        moments = {"created_at": at, "changed_at": at, "submitted_at": at}
        if mould.decided_at:
            moments["decided_at"] = at
        with connection.cursor() as cursor, _without_indexes(cursor):
            copy = _Copier(cursor, count, self.every)
            copy(Case, mould.case_id, {"id": case, "business_key": number} | _but(own, "case_id"))
            copy(
                Request,
                mould.pk,
                {"id": case, "case_id": case, "number": number, "requester_id": asker, **moments}
                | {"form_key": "NULL"},
            )
            copy(LeaveRequest, mould.pk, {"request_id": case})
            ids: dict[int, str] = {}
            for place, item in enumerate(self.items):
                ids[item.pk] = f"({base} + n * {len(self.items)} + {place})"
                who = {"completed_by_id": self.manager} if item.completed_by_id else {}
                opened = {"id": ids[item.pk], "case_id": case, "opened_at": at} | who
                opened |= {"due_at": f"{at} + interval '2 days'"} if item.due_at else {}
                copy(WorkItem, item.pk, opened | ({"closed_at": at} if item.closed_at else {}))
            self._candidates(copy, base, ids)
            for place, event in enumerate(self.events):
                own_id = f"({base} + n * {len(self.events)} + {place})"
                changes = {"id": own_id, "case_id": case, "at": at}
                if event.actor_id:
                    is_asker = event.actor_id == mould.requester_id
                    changes["actor_id"] = asker if is_asker else self.manager
                if event.work_item_id:
                    changes["work_item_id"] = ids[event.work_item_id]
                copy(Event, event.pk, changes | {"idempotency_key": "NULL"})

    def _candidates(self, copy: _Copier, base: int, ids: Mapping[int, str]) -> None:
        found = list(Candidate.objects.filter(work_item__in=list(ids)).order_by("pk"))
        for place, candidate in enumerate(found):
            who = {}
            if candidate.user_id:
                is_asker = candidate.user_id == self.mould.requester_id
                who = {"user_id": self.asker if is_asker else self.manager}
            own = f"({base} + n * {len(found)} + {place})"
            copy(
                Candidate,
                candidate.pk,
                {"id": own, "work_item_id": ids[candidate.work_item_id]} | who,
            )


class _Copier:
    """Inserts a row again for each number that a condition leaves."""

    def __init__(self, cursor: Any, count: int, every: str) -> None:
        self.cursor, self.count, self.every = cursor, count, every

    def __call__(self, model: type[Model], pk: int | None, changes: Mapping[str, str]) -> None:
        quote = connection.ops.quote_name
        table = quote(model._meta.db_table)
        columns = [str(field.column) for field in model._meta.local_concrete_fields]
        values = [changes.get(column, f"m.{quote(column)}") for column in columns]
        key = quote(str(model._meta.pk.column))
        self.cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quote, columns))}) "
            f"SELECT {', '.join(values)} FROM {table} m, "
            f"generate_series(1::bigint, {self.count}) n "
            f"WHERE m.{key} = {pk} AND {self.every}"
        )


def _notices(cursor: Any, users: list[User], case: Case) -> None:
    cursor.execute(
        "INSERT INTO approvals_notice (key, recipient_id, kind, case_id, parts, created_at) "
        "SELECT 'bench-' || n, %s + n %% %s, 'offered', %s, "
        """'{"task": "Decide on the leave", "number": "LV-1"}', now() """
        "FROM generate_series(1, %s) n",
        [users[0].pk, PEOPLE, case.pk, PEOPLE * NOTICES_EACH],
    )


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Leave out triggers, and make the indexes after the rows: that is much faster."""
    run = cursor.execute
    tables = [model._meta.db_table for model in FILLED]
    run(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname "
        "NOT IN (SELECT conname FROM pg_constraint)",
        [tables],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        run(f"DROP INDEX {connection.ops.quote_name(name)}")
    run("SET session_replication_role = replica")
    run("SET statement_timeout = 0")
    try:
        yield
    finally:
        run("SET session_replication_role = DEFAULT")
        for _name, definition in indexes:
            run(definition)
        for table in tables:
            if table != LeaveRequest._meta.db_table:
                last = f"(SELECT max(id) FROM {table})"
                run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")


def _but(changes: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in changes.items() if key != name}
