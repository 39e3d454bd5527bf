"""People as rows show them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist

from approvals.formatting import initials

COLOURS = 12


@dataclass(frozen=True, slots=True)
class PersonView:
    """`colour` is 1 to 12 and stays the same for a person."""

    name: str
    initials: str
    colour: int
    department: str = ""


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


def person_view(user: User) -> PersonView:
    """Return a person; `employee__department` should be loaded with the user."""
    name = name_of(user)
    return PersonView(name, initials(name), user.pk % COLOURS + 1, department_of(user))


def department_of(user: User) -> str:
    """Return the name of the person's department, "" for an account that is no employee."""
    try:
        department = user.employee.department
    except ObjectDoesNotExist:
        return ""
    return department.name if department else ""
