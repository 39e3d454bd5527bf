"""A small company, a flow's data and short ways to compile and evaluate."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workflows.calendars import WorkingCalendar
from workflows.directory import PersonId
from workflows.expressions import (
    Candidates,
    Context,
    Expression,
    Person,
    Type,
    compile_expression,
    scope_of,
)

ADA, BEN, CARL, CLEO, DANA, EVE = (PersonId(n) for n in range(1, 7))
_USERS = {"ada": ADA, "ben": BEN, "carl": CARL, "cleo": CLEO, "dana": DANA, "eve": EVE}
_MANAGERS = {ADA: BEN, BEN: DANA, CARL: DANA, CLEO: DANA, EVE: DANA}
_GROUPS = {"finance": {CARL, CLEO}, "board": {CLEO, DANA}, "hr": {EVE}}
_ROLES = {"head": {BEN, DANA}}


class Company:
    """The directory of the tests; groups may be changed."""

    def __init__(self, calendar: WorkingCalendar = WorkingCalendar()) -> None:  # noqa: B008
        self.working_calendar = calendar
        self.groups = {name: set(people) for name, people in _GROUPS.items()}
        self.questions = 0

    def user(self, username: str) -> PersonId | None:
        self.questions += 1
        return _USERS.get(username)

    def manager(self, person: PersonId, level: int = 1) -> PersonId | None:
        self.questions += 1
        found: PersonId | None = person
        for _ in range(level):
            found = None if found is None else _MANAGERS.get(found)
        return found

    def manager_chain(self, person: PersonId, up_to: int) -> list[PersonId]:
        found = [self.manager(person, level) for level in range(1, up_to + 1)]
        return [manager for manager in found if manager is not None]

    def department_head(self, person: PersonId) -> PersonId | None:
        return BEN if person in (ADA, BEN) else None

    def with_role(self, role: str) -> frozenset[PersonId]:
        return frozenset(_ROLES.get(role, ()))

    def members(self, group: str, at_most: int | None = None) -> frozenset[PersonId]:
        return frozenset(sorted(self.groups.get(group, ()))[:at_most])

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        return frozenset(people)

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        self.questions += 1
        return self.working_calendar


LINE = {
    "type": "object",
    "properties": {
        "amount": {"type": "number"},
        "date": {"type": "string", "format": "date"},
        "note": {"type": "string"},
    },
    "required": ["amount", "date"],
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "title": "Amount", "x-type": "decimal"},
        "days": {"type": "integer", "title": "Days"},
        "category": {"type": "string", "enum": ["travel", "meals", "other"]},
        "comment": {"type": "string"},
        "urgent": {"type": "boolean"},
        "start": {"type": "string", "format": "date"},
        "end": {"type": "string", "format": "date"},
        "asked_at": {"type": "string", "format": "date-time"},
        "score": {"type": ["number", "null"]},
        "approver": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "lines": {"type": "array", "title": "Lines", "items": {"$ref": "#/$defs/line"}},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "country": {"type": "string"}},
        },
        "金额": {"type": "number"},
        "answer": {},
    },
    "required": ["amount", "days", "category", "urgent", "start", "end", "asked_at", "tags"]
    + ["lines", "金额"],
    "$defs": {"line": LINE},
}
SCOPE = scope_of(SCHEMA, task_keys={"review", "pay"})
VALUES: dict[str, Any] = {
    "amount": Decimal("1000.10"),
    "days": Decimal(3),
    "category": "travel",
    "urgent": True,
    "start": date(2026, 11, 20),
    "end": date(2026, 11, 24),
    "asked_at": datetime(2026, 11, 19, 23, 30, tzinfo=UTC),
    "approver": "dana",
    "tags": ["new", "big"],
    "lines": [
        {"amount": Decimal("0.1"), "date": date(2026, 11, 1)},
        {"amount": Decimal("0.2"), "date": date(2026, 11, 2), "note": "taxi"},
    ],
    "金额": Decimal(5),
    "answer": {"status": "ok", "codes": [1, 2.5, "x"]},
}


def make_context(**changes: Any) -> Context:
    context = Context(
        requester=ADA,
        at=datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
        business_key="L-7",
        directory=Company(),
        completed_by={"review": BEN}.get,
    )
    return replace(context, **changes)


def compiled(source: str, expected: Type | None = None) -> Expression:
    return compile_expression(source, scope=SCOPE, expected=expected)


def value_of(source: str, expected: Type | None = None, **values: Any) -> Any:
    """Evaluate on `VALUES`, changed by `values`."""
    return compiled(source, expected).evaluate({**VALUES, **values}, context=make_context())


def people_of(source: str, context: Context | None = None) -> Candidates:
    from workflows.expressions import PEOPLE

    found = compiled(source, PEOPLE).evaluate(VALUES, context=context or make_context())
    assert isinstance(found, Candidates)
    return found


def person(number: int) -> Person:
    return Person(PersonId(number))
