"""How the engine asks for people. `approvals` answers; the engine knows only this door."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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

    def members(self, group: str, at_most: int | None = None) -> frozenset[PersonId]:
        """Return the active members of a group; no more than `at_most` (1 or more)
        of them, whichever."""

    def active(self, people: Collection[PersonId]) -> frozenset[PersonId]:
        """Return those of `people` who can act: active accounts."""

    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        """Return when the person works, and in which time zone; None asks for the company's own.

        The company's answers also for people of whom nothing is known. It is asked in most steps:
        an answer may be some seconds old.
        """


class Snapshot(Directory, Protocol):
    """All of today's people, read at once: whatever is asked of it costs no statement.

    It answers every question of a `Directory` as the directory itself would have at that moment.
    """

    def everybody(self) -> Sequence[PersonId]:
        """Return the active accounts, each of which may start a flow, in the order of their
        names."""

    def name(self, person: PersonId) -> str:
        """Return what people call an account, active or not; what it is called in lists."""

    def username(self, person: PersonId) -> str:
        """Return the user name of an account."""

    def line(self, person: PersonId, levels: int) -> Sequence[tuple[PersonId, bool]]:
        """Return up to `levels` managers upwards, each with whether the account is active; nobody
        stands in it twice."""

    def duties(self, person: PersonId) -> Sequence[str]:
        """Return what would lie with nobody if this person left: whom they manage, say."""

    def page_of(self, person: PersonId) -> str:
        """Return the address of the page on which a person's manager and department are set, ""
        where there is none."""

    def without(self, person: PersonId) -> Snapshot:
        """Return the people as they would be if this person had left."""


class Company(Directory, Protocol):
    """The directory of the installation, which can be asked for all people at once too."""

    def snapshot(self) -> Snapshot:
        """Return everybody as they are now, by a fixed number of statements."""


@cache
def get_directory() -> Company:
    """Return the directory that `settings.GOFLOW_DIRECTORY` names."""
    from django.conf import settings
    from django.utils.module_loading import import_string

    directory: Company = import_string(settings.GOFLOW_DIRECTORY)()
    return directory
