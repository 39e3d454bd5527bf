"""Lines of managers, wherever they are read from: the rows one by one, or everybody at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from workflows.directory import PersonId
from workflows.errors import CyclicManagerChain

MAX_CHAIN = 20
"""No line of managers is longer; a level beyond it finds nobody."""

HOPS_AT_ONCE = 4
"""How many levels one statement reads."""

Line = list[tuple[PersonId, bool]]
"""Managers upwards, each with whether the account is active."""

Names = Callable[[Collection[PersonId]], Mapping[PersonId, tuple[str, str]]]
"""Gives each person's name and user name."""


def line_of(
    person: PersonId,
    levels: int,
    *,
    above: Callable[[PersonId], Sequence[tuple[PersonId, bool]]],
    names: Names,
) -> Line:
    """Return up to `levels` managers upwards; `above` gives the next `HOPS_AT_ONCE` of a person.

    Levels above the one asked for count only where they lead back to `person`: somebody who reports
    to themselves is told so at once, while a circle among the directors does not stop everybody
    below them.

    Raises:
        CyclicManagerChain: as above, or the levels asked for come back to one of themselves.
    """
    line: Line = []
    while len(line) < levels:
        following = above(line[-1][0] if line else person)
        line += following
        if len(following) < HOPS_AT_ONCE:
            break
    people = [person, *(manager for manager, _ in line)]
    asked = people[: levels + 1]
    if len(set(asked)) < len(asked):
        raise _circle(_first_circle(asked), names)
    if person in people[1:]:
        raise _circle(people[: people.index(person, 1) + 1], names)
    return line[:levels]


def at_level(line: Line, level: int) -> PersonId | None:
    """Return the manager `level` steps up; nobody stands in for one who has left."""
    if len(line) < level:
        return None
    manager, is_active = line[level - 1]
    return manager if is_active else None


def active_ones(line: Line) -> list[PersonId]:
    return [manager for manager, is_active in line if is_active]


def _first_circle(people: list[PersonId]) -> list[PersonId]:
    """Return the people from one to the same again."""
    end = next(n for n, person in enumerate(people) if person in people[:n])
    return people[people.index(people[end]) : end + 1]


def _circle(people: list[PersonId], names: Names) -> CyclicManagerChain:
    """Return the refusal that names the people of a circle, the first one at both ends."""
    known = names(people)
    return CyclicManagerChain(
        f"The line of managers runs in a circle: "
        f"{' reports to '.join(known[person][0] for person in people)}. "
        "An administrator has to correct the manager of one of them.",
        people=[known[person][1] for person in people],
    )
