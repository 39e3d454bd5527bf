"""How the engine asks for people. `approvals` answers; the engine knows only this door."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, NewType, Protocol

if TYPE_CHECKING:
    from workflows.calendars import WorkingCalendar

PersonId = NewType("PersonId", int)
"""The primary key of a user account."""


class Directory(Protocol):
    """Questions about today's people. Nobody found is `None` or an empty answer, never an error."""

    def user(self, username: str) -> PersonId | None:
        """Return the active person with this user name."""

    def manager(self, person: PersonId, level: int = 1) -> PersonId | None:
        """Return the manager `level` steps up (1 = direct).

        Raises:
            workflows.errors.CyclicManagerChain: the chain comes back to somebody already in it.
        """

    def manager_chain(self, person: PersonId, up_to: int) -> list[PersonId]:
        """Return the managers from the direct one upwards, at most `up_to`.

        Raises:
            workflows.errors.CyclicManagerChain: as above.
        """

    def department_head(self, person: PersonId) -> PersonId | None:
        """Return the head of the person's department."""

    def with_role(self, role: str) -> frozenset[PersonId]:
        """Return the active people with this role, e.g. `director`."""

    def members(self, group: str) -> frozenset[PersonId]:
        """Return the active members of a group."""

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Return those of `people` who can act: active accounts."""

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        """Return when the person works, and in which time zone; None asks for the company's own.

        The company's answers also for people of whom nothing is known. It is asked in most steps:
        an answer may be some seconds old.
        """


@cache
def get_directory() -> Directory:
    """Return the directory that `settings.GOFLOW_DIRECTORY` names."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    directory: Directory = import_string(settings.GOFLOW_DIRECTORY)()
    return directory
