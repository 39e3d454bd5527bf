"""The company, as the engine asks for it: today's people, straight from the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from approvals import managers
from approvals.calendars import calendar_of
from approvals.models import Employee
from approvals.snapshot import CompanySnapshot, read_snapshot
from workflows.calendars import WorkingCalendar
from workflows.directory import PersonId
from workflows.store import KeptQuery


class CompanyDirectory:
    """Answers `workflows.directory.Directory` from `Employee`, `Department` and the auth groups.

    A person who has left (an inactive account) is never an answer, and nobody stands in for them by
    guesswork: `manager(person, 2)` is the second manager or nobody, never the third because the
    second has left. The flow's `otherwise` says who acts instead.
    """

    def user(self, username: str) -> PersonId | None:
        return _first(pk for (pk,) in _named.rows(username=username))

    def manager(self, person: PersonId, level: int = 1) -> PersonId | None:
        if not 1 <= level <= managers.MAX_CHAIN:
            return None
        return managers.at_level(_chain(person, level), level)

    def manager_chain(self, person: PersonId, up_to: int) -> list[PersonId]:
        return managers.active_ones(_chain(person, min(up_to, managers.MAX_CHAIN)))

    def department_head(self, person: PersonId) -> PersonId | None:
        return _first(pk for (pk,) in _head.rows(person=person))

    def with_role(self, role: str) -> frozenset[PersonId]:
        found = Employee.objects.filter(role=role, user__is_active=True) if role else ()
        return frozenset(PersonId(employee.user_id) for employee in found)

    def members(self, group: str, at_most: int | None = None) -> frozenset[PersonId]:
        return frozenset(PersonId(pk) for (pk,) in _members(at_most).rows(group=group))

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        found = User.objects.filter(pk__in=list(people), is_active=True)
        return frozenset(PersonId(pk) for pk in found.values_list("pk", flat=True))

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        return calendar_of(person)

    def snapshot(self) -> CompanySnapshot:
        return read_snapshot()


@KeptQuery
def _named(username: str) -> QuerySet[Any, Any]:
    return User.objects.filter(username=username, is_active=True).values_list("pk")


@KeptQuery
def _head(person: int) -> QuerySet[Any, Any]:
    heads = Employee.objects.filter(user=person, department__head__user__is_active=True)
    return heads.order_by().values_list("department__head__user_id")


def _first(found: Iterable[int | None]) -> PersonId | None:
    pk = next(iter(found), None)
    return None if pk is None else PersonId(pk)


def _chain(person: PersonId, levels: int) -> managers.Line:
    return managers.line_of(person, levels, above=_above, names=_names)


def _above(person: PersonId) -> managers.Line:
    """Return the next managers upwards, as many as one statement reads."""
    row = next(iter(_managers.rows(person=person)), ())
    pairs = zip(row[::2], row[1::2], strict=True)
    return [(PersonId(pk), bool(is_active)) for pk, is_active in pairs if pk is not None]


def _names(people: Collection[PersonId]) -> dict[PersonId, tuple[str, str]]:
    """Return each person's name and user name."""
    return {
        PersonId(user.pk): (user.get_full_name() or user.get_username(), user.get_username())
        for user in User.objects.filter(pk__in=list(people))
    }


@KeptQuery
def _managers(person: int) -> QuerySet[Any, Any]:
    """A person's managers upwards, each with whether the account is active, in one row."""
    columns = []
    for hop in range(1, managers.HOPS_AT_ONCE + 1):
        path = "__".join(["manager"] * hop)
        columns += [f"{path}__user_id", f"{path}__user__is_active"]
    return Employee.objects.filter(user=person).order_by().values_list(*columns)


@cache
def _members(at_most: int | None) -> KeptQuery:
    def members(group: str) -> QuerySet[Any, Any]:
        found = User.objects.filter(groups__name=group, is_active=True).values_list("pk")
        return found if at_most is None else found[:at_most]

    return KeptQuery(members)
