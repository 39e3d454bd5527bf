"""A cast of real people: whom the engine would ask, were the case theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from workflows.compiled import CompiledFlow, CompiledTask
from workflows.definition import TaskDefinition
from workflows.directory import Directory, PersonId
from workflows.errors import GoflowError
from workflows.expressions import Candidates, Context, EvaluationError, Expression

from .actors import Actor, role_of, told_role

Names = Mapping[PersonId, tuple[str, str]]
"""Person -> how they are called, and their full name, for where two share the first."""


class People:
    """Casts active people of the directory; a task that finds nobody is played by its role.

    The requester is the one of `requesters` for whom most tasks find somebody; of several, the one
    with most managers above.
    """

    def __init__(
        self,
        flow: CompiledFlow,
        directory: Directory,
        *,
        requesters: Sequence[PersonId],
        names: Callable[[Collection[PersonId]], Names],
        values: Mapping[str, Any],
        at: datetime,
    ) -> None:
        self._flow, self._directory, self._values, self._at = flow, directory, values, at
        casts = [self._cast_for(person) for person in requesters]
        best = max(casts, key=self._worth, default=None)
        self._requester = None if best is None else best[0]
        self._chosen = {} if best is None else best[1]
        wanted = {person for person, _ in self._chosen.values()}
        if self._requester is not None:
            wanted.add(self._requester)
        self._names = _names_apart(names(directory.active(wanted)))

    @property
    def requester(self) -> Actor:
        name = "" if self._requester is None else self._names.get(self._requester, "")
        return Actor(name, is_person=True) if name else Actor("the requester")

    def actor(self, task: TaskDefinition) -> Actor:
        person, source = self._chosen.get(task.key, (None, ""))
        name = "" if person is None else self._names.get(person, "")
        if not name:
            return Actor(role_of(self._flow.definition, task) or "somebody")
        if person == self._requester:
            return self.requester
        known = self.requester.name if self.requester.is_person else ""
        role = told_role(self._flow.definition, source, known)
        return Actor(name, role.removeprefix("somebody "), is_person=True)

    def _cast_for(self, requester: PersonId) -> tuple[PersonId, dict[str, tuple[PersonId, str]]]:
        """Return who would do which task, and by which expression."""
        chosen: dict[str, tuple[PersonId, str]] = {}

        def completed_by(key: str) -> PersonId | None:
            return chosen[key][0] if key in chosen else None

        context = Context(requester, self._at, "", self._directory, completed_by)
        for task in self._flow.tasks.values():
            for expression in (task.assign, task.otherwise):
                found = self._found(task, expression, context)
                if found and expression is not None:
                    # Of several always the same, so that a fault is told alike each time.
                    chosen[task.key] = (min(found), expression.source)
                    break
        return requester, chosen

    def _found(
        self, task: CompiledTask, expression: Expression | None, context: Context
    ) -> frozenset[PersonId]:
        if expression is None:
            return frozenset()
        try:
            found = expression.evaluate(self._values, context=context)
            if not isinstance(found, Candidates):
                return frozenset()
            present = self._directory.active(found.present(self._directory))
        except (EvaluationError, GoflowError):
            return frozenset()
        return present if task.admits_requester else present - {context.requester}

    def _worth(self, cast: tuple[PersonId, Mapping[str, tuple[PersonId, str]]]) -> tuple[int, int]:
        requester, chosen = cast
        by_assign = sum(
            expression is not None and chosen.get(key, (0, ""))[1] == expression.source
            for key, task in self._flow.tasks.items()
            for expression in (task.assign,)
        )
        try:
            return by_assign, len(self._directory.manager_chain(requester, 20))
        except GoflowError:
            return by_assign, 0


def _names_apart(names: Names) -> dict[PersonId, str]:
    """Return the short names, the full ones of people whom the short ones do not tell apart."""
    shared = [short for short, _ in names.values()]
    return {
        person: short if shared.count(short) == 1 else full
        for person, (short, full) in names.items()
    }
