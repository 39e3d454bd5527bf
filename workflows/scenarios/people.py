"""Who acts in a scenario: the company where it knows everybody who is named, else sample people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from workflows.calendars import WorkingCalendar
from workflows.definition import ScenarioDefinition
from workflows.directory import Directory, PersonId

_REQUESTER = "the requester"


@dataclass(frozen=True)
class Cast:
    """`is_company`: real people, so that who may act is looked at too."""

    directory: Directory
    requester: PersonId
    people: dict[str, PersonId]
    is_company: bool


def cast_of(scenario: ScenarioDefinition, company: Directory | None) -> Cast:
    """Return the people of a scenario.

    Without a requester, or where somebody who is named has no active account in `company`, all of
    them are sample people: each name is somebody, everybody has a manager, each group a member.
    """
    names = {step.by for step in scenario.steps if step.by}
    if company is not None and scenario.requester:
        known = {name: company.user(name) for name in {*names, scenario.requester}}
        people = {name: person for name, person in known.items() if person is not None}
        if len(people) == len(known):
            return Cast(company, people[scenario.requester], people, is_company=True)
    sample = SamplePeople()
    requester = sample.user(scenario.requester or _REQUESTER)
    return Cast(sample, requester, {name: sample.user(name) for name in names}, is_company=False)


@dataclass
class SamplePeople:
    """A directory in which everybody who is asked for exists. No account has such a number."""

    _names: dict[str, PersonId] = field(default_factory=dict)

    def user(self, username: str) -> PersonId:
        return self._names.setdefault(username, PersonId(-1 - len(self._names)))

    def manager(self, person: PersonId, level: int = 1) -> PersonId:
        for _ in range(level):
            person = self.user(f"manager of {person}")
        return person

    def manager_chain(self, person: PersonId, up_to: int) -> list[PersonId]:
        return [self.manager(person, level) for level in range(1, up_to + 1)]

    def department_head(self, person: PersonId) -> PersonId:
        return self.user(f"head of {person}")

    def with_role(self, role: str) -> frozenset[PersonId]:
        return frozenset({self.user(f"role {role}")})

    def members(self, group: str, at_most: int | None = None) -> frozenset[PersonId]:
        return frozenset({self.user(f"group {group}")})

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        return frozenset(people)

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        return WorkingCalendar()
