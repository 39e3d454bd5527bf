"""What the functions on people do. Nobody found is none, or no candidates."""

from __future__ import annotations

from decimal import Decimal

from workflows.directory import PersonId
from workflows.expressions.people import Candidates, Person
from workflows.expressions.values import Frame, whole_number

_MAX_LEVELS = 50


def user(frame: Frame, name: str | None) -> Person | None:
    return None if name is None else _person(frame.context.directory.user(name))


def group(frame: Frame, name: str) -> Candidates:
    return Candidates(groups=frozenset({name}))


def role(frame: Frame, name: str) -> Candidates:
    return Candidates(people=frame.context.directory.with_role(name))


def manager(frame: Frame, person: Person | None, level: Decimal = Decimal(1)) -> Person | None:
    steps = whole_number(level, "The level", 1, _MAX_LEVELS)
    return None if person is None else _person(frame.context.directory.manager(person.id, steps))


def manager_chain(frame: Frame, person: Person | None, up_to: Decimal) -> Candidates:
    levels = whole_number(up_to, "The number of levels", 1, _MAX_LEVELS)
    if person is None:
        return Candidates()
    return Candidates(frozenset(frame.context.directory.manager_chain(person.id, levels)))


def department_head(frame: Frame, person: Person | None) -> Person | None:
    return None if person is None else _person(frame.context.directory.department_head(person.id))


def did(frame: Frame, task: str) -> Person | None:
    return _person(frame.context.completed_by(task))


def _person(found: PersonId | None) -> Person | None:
    return None if found is None else Person(found)
