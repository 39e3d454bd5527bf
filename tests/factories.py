"""Makers of rows: only what a test says is special, the rest is ordinary."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.utils import timezone

from approvals.models import Department, Employee, ExpenseCategory, LeaveType
from workflows import flowfile, publishing, store
from workflows.models import Case, FlowVersion, WorkItem
from workflows.proving import Proof

FLOWS = Path(__file__).parent.parent / "approvals" / "flows"

# user name -> (first, last, department, role, manager, groups)
CAST: dict[str, tuple[str, str, str, str, str, tuple[str, ...]]] = {
    "dana": ("Dana", "Diaz", "Management", "director", "", ()),
    "ben": ("Ben", "Baker", "Engineering", "head", "dana", ()),
    "ada": ("Ada", "Archer", "Engineering", "engineer", "ben", ()),
    "abe": ("Abe", "Adler", "Engineering", "engineer", "ben", ()),
    "carl": ("Carl", "Carter", "Finance", "accountant", "dana", ("finance",)),
    "cleo": ("Cleo", "Clark", "Finance", "accountant", "dana", ("finance",)),
    "eve": ("Eve", "Ellis", "HR", "hr", "dana", ("hr",)),
    "gina": ("Gina", "Grant", "Sales", "head", "dana", ()),
    "finn": ("Finn", "Foster", "Sales", "sales", "gina", ()),
}


@cache
def _password() -> str:
    return make_password("goflow")


def make_user(username: str, **fields: Any) -> User:
    """Create a user whose password is `goflow`."""
    return User.objects.create(username=username, password=_password(), **fields)


def make_company() -> SimpleNamespace:
    """Create the demo company's people and return them by user name, with `admin`."""
    people = SimpleNamespace(admin=make_user("admin", is_staff=True, is_superuser=True))
    employees: dict[str, Employee] = {}
    for name, (first, last, department_name, role, manager, groups) in CAST.items():
        user = make_user(name, first_name=first, last_name=last, email=f"{name}@example.com")
        department, _ = Department.objects.get_or_create(name=department_name)
        employees[name] = Employee.objects.create(
            user=user, department=department, role=role, manager=employees.get(manager)
        )
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
        setattr(people, name, user)
    for name, department_name in (
        ("ben", "Engineering"),
        ("gina", "Sales"),
        ("dana", "Management"),
    ):
        Department.objects.filter(name=department_name).update(head=employees[name])
    LeaveType.objects.create(code="annual", title="Annual leave")
    ExpenseCategory.objects.create(code="travel", title="Travel")
    ExpenseCategory.objects.create(code="meals", title="Meals")
    return people


def grant(user: User, *codenames: str) -> User:
    """Give `user` permissions, and return it anew so that no cached answer stays."""
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=user.pk)


def publish_flow(
    text: str, *, confirm_warnings: bool = True, proof: Proof | None = None
) -> FlowVersion:
    """Publish the flow that a flow file's text describes."""
    version = store.save_draft(flowfile.read(text), by=None)
    return publishing.publish(version, by=None, confirm_warnings=confirm_warnings, proof=proof)


def publish_unproved(text: str) -> FlowVersion:
    """Put a flow into force that its proof would refuse: to see what the engine does then."""
    version = store.save_draft(flowfile.read(text), by=None)
    version.publish(at=timezone.now())
    version.save(update_fields=["state", "published_at"])
    return version


def publish_shipped(key: str) -> FlowVersion:
    """Publish a flow that Goflow brings along.

    Hundreds of tests do, so it is proved once in a run; `publish` looks whether the proof is one of
    this very flow. Other flows are proved each time: what a test has changed may be what refuses
    them.
    """
    text = (FLOWS / f"{key}.yaml").read_text(encoding="utf-8")
    return publish_flow(text, proof=_proof_of(text))


@cache
def _proof_of(text: str) -> Proof:
    return publishing.prove_definition(flowfile.read(text))


def open_item(case: Case, task_key: str) -> WorkItem:
    """Return the open work item of a task."""
    return WorkItem.objects.open().get(case=case, task__key=task_key)


def leave_data(**changes: Any) -> dict[str, Any]:
    """Return data for a leave of three working days."""
    return {
        "leave_type": "annual",
        "start": "2026-12-07",
        "end": "2026-12-09",
        "days": 3,
        "reason": "Rest",
    } | changes


def expense_data(total: int = 100, **changes: Any) -> dict[str, Any]:
    line = {"date": "2026-11-02", "category": "travel", "amount": total, "description": "Train"}
    return {"title": "Trip", "currency": "EUR", "total": total, "lines": [line]} | changes
