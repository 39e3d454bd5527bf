"""The whole company in memory, for questions about everybody at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from django.contrib.auth.models import User
from django.urls import reverse

from approvals import managers
from approvals.calendars import calendar_of
from approvals.models import Employee
from workflows.calendars import WorkingCalendar
from workflows.directory import PersonId

MOST_NAMED = 3
"""Of the people whom somebody manages."""


@dataclass(frozen=True, slots=True)
class _Account:
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class _Post:
    """A person's place in the company; `pk` is that of the row."""

    pk: int
    manager: PersonId | None
    role: str
    department: str
    head: PersonId | None


@dataclass(frozen=True)
class CompanySnapshot:
    """Answers `workflows.directory.Snapshot` as `CompanyDirectory` does from the same rows."""

    accounts: Mapping[PersonId, _Account]
    active_people: frozenset[PersonId]
    posts: Mapping[PersonId, _Post]
    groups: Mapping[str, frozenset[PersonId]]

    def user(self, username: str) -> PersonId | None:
        return self._active_of(self._by_username.get(username))

    def manager(self, person: PersonId, level: int = 1) -> PersonId | None:
        if not 1 <= level <= managers.MAX_CHAIN:
            return None
        return managers.at_level(self._line(person, level), level)

    def manager_chain(self, person: PersonId, up_to: int) -> list[PersonId]:
        return managers.active_ones(self._line(person, min(up_to, managers.MAX_CHAIN)))

    def department_head(self, person: PersonId) -> PersonId | None:
        post = self.posts.get(person)
        return None if post is None else self._active_of(post.head)

    def with_role(self, role: str) -> frozenset[PersonId]:
        return self._by_role.get(role, frozenset()) if role else frozenset()

    def members(self, group: str, at_most: int | None = None) -> frozenset[PersonId]:
        members = self._members.get(group, frozenset())
        if at_most is None or len(members) <= at_most:
            return members
        return frozenset(islice(members, at_most))

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        return self.active_people.intersection(people)

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        return calendar_of(person)

    def everybody(self) -> Sequence[PersonId]:
        return self._everybody

    def name(self, person: PersonId) -> str:
        account = self.accounts.get(person)
        return account.name if account else str(person)

    def username(self, person: PersonId) -> str:
        account = self.accounts.get(person)
        return account.username if account else str(person)

    def line(self, person: PersonId, levels: int) -> Sequence[tuple[PersonId, bool]]:
        found: dict[PersonId, bool] = {}
        while len(found) < levels:
            manager = self._manager_of(person)
            if manager is None or manager in found:
                break
            found[manager] = manager in self.active_people
            person = manager
        return list(found.items())

    def duties(self, person: PersonId) -> Sequence[str]:
        duties = [
            f"the only member of {group}" for group in self._held_alone(self._members, person)
        ]
        duties += [
            f"the only one with the role {role}" for role in self._held_alone(self._by_role, person)
        ]
        posts = {p: post for p, post in self.posts.items() if p in self.active_people}
        departments = sorted({post.department for post in posts.values() if post.head == person})
        duties += [f"head of {department}" for department in departments]
        reports = sorted(self.name(p) for p, post in posts.items() if post.manager == person)
        if reports:
            more = len(reports) - MOST_NAMED
            told = ", ".join(reports[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
            duties.append(f"manager of {told}")
        return duties

    def page_of(self, person: PersonId) -> str:
        post = self.posts.get(person)
        if post is None:
            return reverse("admin:auth_user_change", args=[person])
        return reverse("admin:approvals_employee_change", args=[post.pk])

    def without(self, person: PersonId) -> CompanySnapshot:
        return replace(self, active_people=self.active_people - {person})

    @cached_property
    def _everybody(self) -> list[PersonId]:
        return sorted(self.active_people, key=lambda person: (self.name(person), person))

    @cached_property
    def _by_username(self) -> dict[str, PersonId]:
        return {account.username: person for person, account in self.accounts.items()}

    @cached_property
    def _by_role(self) -> dict[str, frozenset[PersonId]]:
        roles: dict[str, set[PersonId]] = defaultdict(set)
        for person, post in self.posts.items():
            if post.role and person in self.active_people:
                roles[post.role].add(person)
        return {role: frozenset(people) for role, people in roles.items()}

    @cached_property
    def _members(self) -> dict[str, frozenset[PersonId]]:
        return {group: people & self.active_people for group, people in self.groups.items()}

    def _held_alone(self, held: Mapping[str, frozenset[PersonId]], person: PersonId) -> list[str]:
        return sorted(name for name, people in held.items() if people == {person})

    def _active_of(self, person: PersonId | None) -> PersonId | None:
        return person if person in self.active_people else None

    def _manager_of(self, person: PersonId) -> PersonId | None:
        post = self.posts.get(person)
        return None if post is None else post.manager

    def _line(self, person: PersonId, levels: int) -> managers.Line:
        return managers.line_of(person, levels, above=self._above, names=self._names)

    def _above(self, person: PersonId) -> managers.Line:
        """Return the next managers upwards, as many as `CompanyDirectory` reads at once."""
        found: managers.Line = []
        manager = self._manager_of(person)
        while manager is not None and len(found) < managers.HOPS_AT_ONCE:
            found.append((manager, manager in self.active_people))
            manager = self._manager_of(manager)
        return found

    def _names(self, people: Collection[PersonId]) -> dict[PersonId, tuple[str, str]]:
        return {person: (self.name(person), self.username(person)) for person in people}


def read_snapshot() -> CompanySnapshot:
    """Read everybody, in three statements."""
    accounts: dict[PersonId, _Account] = {}
    active: set[PersonId] = set()
    users = User.objects.order_by().values_list(
        "pk", "username", "first_name", "last_name", "is_active"
    )
    for pk, username, first, last, is_active in users.iterator(chunk_size=5_000):
        person = PersonId(pk)
        accounts[person] = _Account(username, f"{first} {last}".strip() or username)
        if is_active:
            active.add(person)
    groups: dict[str, set[PersonId]] = defaultdict(set)
    memberships = User.groups.through.objects.order_by().values_list("group__name", "user_id")
    for group, user_id in memberships.iterator(chunk_size=5_000):
        groups[group].add(PersonId(user_id))
    return CompanySnapshot(
        accounts,
        frozenset(active),
        _posts(),
        {group: frozenset(people) for group, people in groups.items()},
    )


def _posts() -> dict[PersonId, _Post]:
    rows = Employee.objects.order_by().values_list(
        "user_id", "pk", "manager__user_id", "role", "department__name", "department__head__user_id"
    )
    return {
        PersonId(user_id): _Post(
            pk,
            None if manager is None else PersonId(manager),
            role,
            department or "",
            None if head is None else PersonId(head),
        )
        for user_id, pk, manager, role, department, head in rows.iterator(chunk_size=5_000)
    }
