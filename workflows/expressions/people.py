"""People as values: one person, or the candidates for a work item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from workflows.directory import Directory, PersonId

if TYPE_CHECKING:
    from workflows.calendars import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Person:
    id: PersonId


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may act: `people`, and the members of `groups` without `excluded`.

    Groups stay groups, so that a later change of their members reaches work items that are open.
    `excluded` never takes somebody out of `people`.
    """

    people: frozenset[PersonId] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)
    excluded: frozenset[PersonId] = field(default_factory=frozenset)

    def present(self, directory: Directory) -> frozenset[PersonId]:
        """Return the people that these candidates are today."""
        return self.people | (_members(self.groups, directory) - self.excluded)

    def union(self, other: Candidates, directory: Directory) -> Candidates:
        """Return those of either side. Nobody whom one side includes is excluded by the other."""
        people = self.people | other.people
        groups = self.groups | other.groups
        if not other.groups or self.excluded == other.excluded:
            return Candidates(people, groups, self.excluded if groups else frozenset())
        if not self.groups:
            return Candidates(people, groups, other.excluded)
        # Whom one side excludes from its groups and the other includes is named in person.
        kept = (self.excluded & other.present(directory)) | (
            other.excluded & self.present(directory)
        )
        return Candidates(people | kept, groups, (self.excluded | other.excluded) - kept)

    def without(self, other: Candidates, directory: Directory) -> Candidates:
        """Return those who are not in `other` today; a group that it holds is gone for good."""
        removed = other.present(directory)
        groups = self.groups if other.excluded else self.groups - other.groups
        excluded = (self.excluded | removed) if groups else frozenset[PersonId]()
        return Candidates(self.people - removed, groups, excluded)


def as_candidates(value: object) -> Candidates:
    """Return a person, candidates or none (nobody) as candidates."""
    if isinstance(value, Candidates):
        return value
    return Candidates(frozenset({value.id})) if isinstance(value, Person) else Candidates()


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression may ask beside the case's data. `at` is the moment of the step.

    Time is told where the requester works. The directory is asked for their calendar only by
    expressions that need it.
    """

    requester: PersonId
    at: datetime
    business_key: str
    directory: Directory
    completed_by: Callable[[str], PersonId | None]

    @property
    def calendar(self) -> WorkingCalendar:
        return self.directory.calendar(self.requester)

    @property
    def now(self) -> datetime:
        return self.at.astimezone(self.calendar.zone)

    @property
    def today(self) -> date:
        return self.now.date()


def _members(groups: frozenset[str], directory: Directory) -> frozenset[PersonId]:
    return frozenset[PersonId]().union(*(directory.members(group) for group in groups))
