"""The company, as the engine asks for it: today's people, straight from the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from approvals.calendars import calendar_of
from approvals.models import Employee
from workflows.calendars import WorkingCalendar
from workflows.directory import PersonId
from workflows.errors import CyclicManagerChain
from workflows.store.sql import CompiledQuery

MAX_CHAIN = 20
"""No line of managers is longer; a level beyond it finds nobody."""

HOPS_PER_STATEMENT = 4


class CompanyDirectory:
    """Answers `workflows.directory.Directory` from `Employee`, `Department` and the auth groups.

    A person who has left (an inactive account) is never an answer, and nobody stands in for them by
    guesswork: `manager(person, 2)` is the second manager or nobody, never the third because the
    second has left. The flow's `otherwise` says who acts instead.
    """

    def user(self, username: str) -> PersonId | None:
        found = User.objects.filter(username=username, is_active=True).values_list("pk", flat=True)
        return _first(found)

    def manager(self, person: PersonId, level: int = 1) -> PersonId | None:
        if not 1 <= level <= MAX_CHAIN:
            return None
        chain = _chain(person, level)
        if len(chain) < level:
            return None
        manager, is_active = chain[level - 1]
        return manager if is_active else None

    def manager_chain(self, person: PersonId, up_to: int) -> list[PersonId]:
        chain = _chain(person, min(up_to, MAX_CHAIN))
        return [manager for manager, is_active in chain if is_active]

    def department_head(self, person: PersonId) -> PersonId | None:
        heads = Employee.objects.filter(user=person, department__head__user__is_active=True)
        return _first(heads.values_list("department__head__user_id", flat=True))

    def with_role(self, role: str) -> frozenset[PersonId]:
        found = Employee.objects.filter(role=role, user__is_active=True) if role else ()
        return frozenset(PersonId(employee.user_id) for employee in found)

    def members(self, group: str) -> frozenset[PersonId]:
        return frozenset(PersonId(pk) for (pk,) in _members.rows(group=group))

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        found = User.objects.filter(pk__in=list(people), is_active=True)
        return frozenset(PersonId(pk) for pk in found.values_list("pk", flat=True))

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        return calendar_of(person)


def _first(found: Iterable[int | None]) -> PersonId | None:
    pk = next(iter(found), None)
    return None if pk is None else PersonId(pk)


def _chain(person: PersonId, levels: int) -> list[tuple[PersonId, bool]]:
    """Return up to `levels` managers upwards, each with whether the account is active.

    One statement reads several levels at once. Levels above the one asked for count only where they
    lead back to `person`: somebody who reports to themselves is told so at once, while a circle
    among the directors does not stop everybody below them.

    Raises:
        CyclicManagerChain: as above, or the levels asked for come back to one of themselves.
    """
    chain: list[tuple[PersonId, bool]] = []
    while len(chain) < levels:
        above = _next_managers(chain[-1][0] if chain else person)
        chain += above
        if len(above) < HOPS_PER_STATEMENT:
            break
    names = [person, *(manager for manager, _ in chain)]
    _refuse_circle(names[: levels + 1])
    if person in names[1:]:
        raise _circle(names[: names.index(person, 1) + 1])
    return chain[:levels]


def _next_managers(person: PersonId) -> list[tuple[PersonId, bool]]:
    row = next(iter(_managers.rows(person=person)), ())
    pairs = zip(row[::2], row[1::2], strict=True)
    return [(PersonId(pk), bool(is_active)) for pk, is_active in pairs if pk is not None]


@CompiledQuery
def _managers(person: int) -> QuerySet[Any, Any]:
    """A person's managers upwards, each with whether the account is active, in one row."""
    columns = []
    for hop in range(1, HOPS_PER_STATEMENT + 1):
        path = "__".join(["manager"] * hop)
        columns += [f"{path}__user_id", f"{path}__user__is_active"]
    return Employee.objects.filter(user=person).order_by().values_list(*columns)


@CompiledQuery
def _members(group: str) -> QuerySet[Any, Any]:
    return User.objects.filter(groups__name=group, is_active=True).values_list("pk")


def _refuse_circle(people: list[PersonId]) -> None:
    for index, person in enumerate(people):
        if person in people[:index]:
            raise _circle(people[people.index(person) : index + 1])


def _circle(people: list[PersonId]) -> CyclicManagerChain:
    """Return the refusal that names the people of a circle, the first one at both ends."""
    users = {user.pk: user for user in User.objects.filter(pk__in=people)}
    names = [users[pk].get_full_name() or users[pk].get_username() for pk in people]
    return CyclicManagerChain(
        f"The line of managers runs in a circle: {' reports to '.join(names)}. "
        "An administrator has to correct the manager of one of them.",
        people=[users[pk].get_username() for pk in people],
    )
