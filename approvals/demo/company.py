"""The people of the demo company, and what they may ask for."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from approvals.models import Department, Employee, ExpenseCategory, LeaveType, Office

PASSWORD = "goflow"  # noqa: S105  the demo runs only where DEBUG is on
MAIL_DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    first_name: str
    last_name: str
    department: str
    job_title: str
    role: str
    manager: str = ""
    group: str = ""


# Managers come before those who report to them.
PEOPLE = (
    DemoPerson("dana", "Dana", "Diaz", "Management", "Managing director", "director"),
    DemoPerson("ben", "Ben", "Baker", "Engineering", "Head of Engineering", "head", "dana"),
    DemoPerson("gina", "Gina", "Grant", "Sales", "Head of Sales", "head", "dana"),
    DemoPerson("carl", "Carl", "Carter", "Finance", "Accountant", "accountant", "dana", "finance"),
    DemoPerson("cleo", "Cleo", "Clark", "Finance", "Controller", "accountant", "dana", "finance"),
    DemoPerson("eve", "Eve", "Ellis", "HR", "HR manager", "hr", "dana", "hr"),
    DemoPerson("ada", "Ada", "Archer", "Engineering", "Engineer", "engineer", "ben"),
    DemoPerson("abe", "Abe", "Adler", "Engineering", "Engineer", "engineer", "ben"),
    DemoPerson("finn", "Finn", "Foster", "Sales", "Sales representative", "sales", "gina"),
)
HEADS = {"Management": "dana", "Engineering": "ben", "Sales": "gina"}
GROUPS = ("finance", "hr")
OFFICE = "Head office"
# code -> (title, paid)
LEAVE_TYPES = {
    "annual": ("Annual leave", True),
    "sick": ("Sick leave", True),
    "parental": ("Parental leave", True),
    "special": ("Special leave", True),
    "unpaid": ("Unpaid leave", False),
}
EXPENSE_CATEGORIES = {
    "travel": "Travel",
    "meals": "Meals",
    "hotel": "Hotel",
    "office": "Office supplies",
    "training": "Training",
    "other": "Other",
}


@transaction.atomic
def create_company() -> None:
    """Create whatever of the demo company is missing; what is there stays as it is."""
    for code, (title, is_paid) in LEAVE_TYPES.items():
        LeaveType.objects.get_or_create(code=code, defaults={"title": title, "is_paid": is_paid})
    for code, title in EXPENSE_CATEGORIES.items():
        ExpenseCategory.objects.get_or_create(code=code, defaults={"title": title})
    for name in GROUPS:
        Group.objects.get_or_create(name=name)
    if not Office.objects.exists():
        # Without holidays, so that the samples can be asked for on any day.
        Office.objects.create(name=OFFICE, time_zone=settings.TIME_ZONE, is_default=True)
    password = _PasswordOnce()
    for person in PEOPLE:
        _create_person(person, password)
    for name, username in HEADS.items():
        head = Employee.objects.get(user__username=username)
        Department.objects.filter(name=name, head=None).update(head=head)
    if not User.objects.filter(username="admin").exists():
        User.objects.create(
            username="admin",
            email=f"admin@{MAIL_DOMAIN}",
            password=password.hash,
            is_staff=True,
            is_superuser=True,
        )


class _PasswordOnce:
    """The hash of the password, made when it is first needed: hashing is slow by design."""

    _hash = ""

    @property
    def hash(self) -> str:
        self._hash = self._hash or make_password(PASSWORD)
        return self._hash


def _create_person(person: DemoPerson, password: _PasswordOnce) -> None:
    if User.objects.filter(username=person.username).exists():
        return
    user = User.objects.create(
        username=person.username,
        first_name=person.first_name,
        last_name=person.last_name,
        email=f"{person.username}@{MAIL_DOMAIN}",
        password=password.hash,
    )
    department, _ = Department.objects.get_or_create(name=person.department)
    manager = Employee.objects.filter(user__username=person.manager).first()
    Employee.objects.create(
        user=user,
        department=department,
        manager=manager,
        job_title=person.job_title,
        role=person.role,
    )
    if person.group:
        user.groups.add(Group.objects.get(name=person.group))
