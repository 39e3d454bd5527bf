"""Who may do each task, for every requester: found by the very function that the engine asks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from workflows.compiled import CompiledFlow, CompiledTask
from workflows.definition import TaskKind
from workflows.directory import PersonId, Snapshot
from workflows.engine.assignment import people_for
from workflows.errors import GoflowError
from workflows.expressions import Candidates, Context, EvaluationError, Expression
from workflows.expressions.people import as_candidates

from .asking import Asked, Part, asked_by
from .reasons import Reason, reason_of
from .situations import Situation, situations_of
from .ways import Done, Ways, ways_of

NOT_A_NAME = "\x00"
"""No account is called so: what a data field holds that names nobody."""

_OUTSIDER = PersonId(-1)
_LOOKS_A_TIME = 200

Choice = Mapping[str, PersonId]
"""Who did which earlier task."""


class TooLateError(Exception):
    """The time that the check may take is over."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One requester for whom a task finds nobody, in a situation. `by`: who did what before, as far
    as it matters; `field`: what a data field holds then. `not_done`: what was left out before."""

    requester: PersonId
    reason: Reason
    situation: Situation
    by: tuple[tuple[str, PersonId], ...] = ()
    not_done: tuple[str, ...] = ()
    field: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """`is_always`: a requester of `missing` finds nobody whatever happens."""

    task: CompiledTask
    asked: Asked
    missing: Sequence[Missing]
    always: frozenset[PersonId]
    is_complete: bool


class Look:
    """Looks at the human tasks of one flow with the people of one moment."""

    def __init__(
        self, flow: CompiledFlow, people: Snapshot, *, at: datetime, deadline: float = math.inf
    ) -> None:
        self.flow, self.people, self.at, self.deadline = flow, people, at, deadline
        self.tasks = [t for t in flow.tasks.values() if t.definition.kind is TaskKind.HUMAN]
        self.asked = {task.key: asked_by(task) for task in self.tasks}
        watched = {key for asked in self.asked.values() for key in asked.done}
        self.ways: Ways = ways_of(flow, watched)
        self._evaluations = 0

    def at_task(self, task: CompiledTask) -> Looked:
        """Return for whom `task` finds nobody.

        Raises:
            TooLateError: past the deadline.
        """
        chain = self._chain(task.key)
        conditions = [c for key in chain for c in self.asked[key].conditions]
        situations = situations_of(self.flow, conditions, deadline=self.deadline)
        missing: list[Missing] = []
        ends: dict[PersonId, list[bool]] = {}
        for situation in situations.found:
            for requester, found, is_certain in self._in_situation(task, chain, situation):
                ends.setdefault(requester, []).append(is_certain)
                if found is not None:
                    missing.append(found)
        everywhere = len(situations.found)
        always = [
            person for person, always in ends.items() if len(always) == everywhere and all(always)
        ]
        return Looked(
            task, self.asked[task.key], missing, frozenset(always), situations.is_complete
        )

    def _in_situation(
        self, task: CompiledTask, chain: Sequence[str], situation: Situation
    ) -> Iterator[tuple[PersonId, Missing | None, bool]]:
        """Yield the requesters for whom something is missing; last, whether nothing else can be."""
        asked = self.asked[task.key]
        for requester in self._requesters(task, chain, situation):
            if not asked.done and not asked.fields:
                found = self._missing(task, requester, situation, {}, {}, ())
                if found is not None:
                    yield requester, found, True
                continue
            yield from self._by_choice(task, chain, requester, situation)

    def _requesters(
        self, task: CompiledTask, chain: Sequence[str], situation: Situation
    ) -> Sequence[PersonId]:
        """Return the requesters to look at one by one.

        Where the requester is asked for nowhere, all who are none of the candidates are alike; with
        more than one candidate, they find somebody.
        """
        everybody = self.people.everybody()
        reads = any(self.asked[key].reads_requester or self.asked[key].is_open for key in chain)
        if reads or self.asked[task.key].done or self.asked[task.key].fields:
            return everybody
        try:
            if self._found(task, _OUTSIDER, situation.values, {}) is None:
                return everybody
        except GoflowError:
            return everybody
        concerned: set[PersonId] = set()
        for expression in (task.assign, task.otherwise):
            if expression is not None:
                concerned |= (
                    self._at_most(expression, _OUTSIDER, situation.values, {}, None) or set()
                )
        return [person for person in everybody if person in concerned]

    def _by_choice(
        self,
        task: CompiledTask,
        chain: Sequence[str],
        requester: PersonId,
        situation: Situation,
    ) -> Iterator[tuple[PersonId, Missing | None, bool]]:
        """Try who may have done the earlier tasks, and what data fields may name."""
        if self._is_plenty(task, requester, situation):
            return
        first: Missing | None = None
        is_always = True
        for done in self.ways.to(task.key, chain):
            matters = self._who_matters(chain, requester, situation)
            not_done = tuple(k for k in self.asked[task.key].done if k not in {*done, task.key})
            for by in self._choices(chain, done, requester, situation, matters):
                for fields in self._fields(task, matters):
                    found = self._missing(task, requester, situation, by, fields, not_done)
                    if found is None:
                        is_always = False
                    elif first is None:
                        first = found
        if first is not None:
            yield requester, first, is_always

    def _is_plenty(self, task: CompiledTask, requester: PersonId, situation: Situation) -> bool:
        """Say whether there are more candidates than can be taken away."""
        asked = self.asked[task.key]
        if not asked.is_countable:
            return False
        values = self._named(situation, dict.fromkeys(asked.fields, NOT_A_NAME))
        for expression in (task.assign, task.otherwise):
            if expression is None:
                continue
            found = self._at_most(expression, requester, values, {}, asked.most_removed + 2)
            if found is None:
                return False
            if len(found - {requester}) > asked.most_removed:
                return True
        return False

    def _who_matters(
        self, chain: Sequence[str], requester: PersonId, situation: Situation
    ) -> set[PersonId]:
        """Return the candidates of tasks that have few: only these can be taken away for good."""
        found: set[PersonId] = {requester}
        for key in chain:
            task, removed = self.flow.tasks[key], self.asked[key].most_removed
            values = self._named(situation, dict.fromkeys(self.asked[key].fields, NOT_A_NAME))
            for expression in (task.assign, task.otherwise):
                if expression is not None:
                    few = self._at_most(expression, requester, values, {}, removed + 2)
                    if few is not None and len(few) <= removed + 1:
                        found |= few
        return found

    def _choices(
        self,
        chain: Sequence[str],
        done: Done,
        requester: PersonId,
        situation: Situation,
        matters: set[PersonId],
    ) -> Iterator[dict[str, PersonId]]:
        """Yield who may have done each of the tasks of `done`, in the order of `chain`."""
        todo = [key for key in chain if key in done]

        def choose(n: int, by: dict[str, PersonId]) -> Iterator[dict[str, PersonId]]:
            if n == len(todo):
                yield by
                return
            for person in self._eligible(todo[n], chain, requester, situation, by, matters):
                yield from choose(n + 1, {**by, todo[n]: person})

        yield from choose(0, {})

    def _eligible(
        self,
        key: str,
        chain: Sequence[str],
        requester: PersonId,
        situation: Situation,
        by: Choice,
        matters: set[PersonId],
    ) -> list[PersonId]:
        """Return who may have done a task; of people who make no difference, one."""
        task = self.flow.tasks[key]
        values = self._named(situation, dict.fromkeys(self.asked[key].fields, NOT_A_NAME))
        try:
            found = self._found(task, requester, values, by)
        except GoflowError:
            return []
        if found is None:
            return []
        if self._all_matter(key, chain):
            return sorted(found.present(self.people))
        groups = [self.people.members(group) for group in found.groups]
        mine = {p for p in matters if p not in found.excluded and any(p in g for g in groups)}
        mine |= found.people & matters
        others = set(found.people - matters)
        enough = len(matters) + len(found.excluded) + 1
        for group in found.groups:
            few = self.people.members(group, at_most=enough)
            others |= few - found.excluded - matters
        return sorted(mine) + ([min(others)] if others else [])

    def _all_matter(self, key: str, chain: Sequence[str]) -> bool:
        """Say whether it matters for the last of `chain` who of all people did the task `key`."""
        for n, other in enumerate(chain):
            asked = self.asked[other]
            if key not in asked.done or other == key:
                continue
            if asked.done[key] is Part.ANYTHING or asked.is_open:
                return True
            if self._all_matter(other, chain[n:]):
                return True
        return False

    def _fields(self, task: CompiledTask, matters: set[PersonId]) -> Iterator[dict[str, str]]:
        """Yield what the data fields that name people may hold: nobody, and who would matter."""
        asked = self.asked[task.key]
        options = []
        for name, part in asked.fields.items():
            known = self._enum(name)
            names = (
                [NOT_A_NAME]
                if part is Part.ADDED
                else [NOT_A_NAME, *map(self.people.username, sorted(matters))]
            )
            options.append([(name, value) for value in known or names])
        for chosen in product(*options):
            yield dict(chosen)

    def _enum(self, name: str) -> list[str]:
        properties = self.flow.schema.get("properties")
        part = properties.get(name) if isinstance(properties, Mapping) else None
        values = part.get("enum") if isinstance(part, Mapping) else None
        return [value for value in values or () if isinstance(value, str)]

    def _missing(
        self,
        task: CompiledTask,
        requester: PersonId,
        situation: Situation,
        by: Choice,
        fields: Mapping[str, str],
        not_done: tuple[str, ...],
    ) -> Missing | None:
        values = self._named(situation, fields)
        try:
            if self._found(task, requester, values, by) is not None:
                return None
            context = self._context(requester, by)
            reason = reason_of(self.flow, task, values, context, by, self.people)
        except GoflowError as error:
            told = error.message.rstrip(".")
            told = told[:1].lower() + told[1:]
            reason = Reason(told, told, ())
        asked = self.asked[task.key].done
        mattered = tuple((key, person) for key, person in by.items() if key in asked)
        return Missing(requester, reason, situation, mattered, not_done, tuple(fields.items()))

    def _found(
        self, task: CompiledTask, requester: PersonId, values: Mapping[str, object], by: Choice
    ) -> Candidates | None:
        """Ask as the engine does when the task opens; raises what it would."""
        self._spend()
        return people_for(self.flow, task, dict(values), self._context(requester, by))

    def _at_most(
        self,
        expression: Expression,
        requester: PersonId,
        values: Mapping[str, object],
        by: Choice,
        count: int | None,
    ) -> set[PersonId] | None:
        """Return the people of one expression, of each group no more than `count`; None where it
        cannot be worked out."""
        self._spend()
        try:
            value = expression.evaluate(values, context=self._context(requester, by))
        except (EvaluationError, GoflowError):
            return None
        if not isinstance(value, Candidates):
            return set()
        found = set(as_candidates(value).people)
        for group in value.groups:
            limit = None if count is None else count + len(value.excluded)
            found |= self.people.members(group, at_most=limit) - value.excluded
        return found

    def _context(self, requester: PersonId, by: Choice) -> Context:
        who: Callable[[str], PersonId | None] = by.get
        return Context(requester, self.at, "", self.people, who)

    @staticmethod
    def _named(situation: Situation, fields: Mapping[str, str]) -> Mapping[str, object]:
        return {**situation.values, **fields} if fields else situation.values

    def _chain(self, key: str) -> list[str]:
        """Return the tasks that decide about this one by who did them, those before it first."""
        order: list[str] = []

        def add(task: str, above: tuple[str, ...]) -> None:
            if task in order or task in above or task not in self.asked:
                return
            for earlier in self.asked[task].done:
                add(earlier, (*above, task))
            order.append(task)

        add(key, ())
        return order

    def _spend(self) -> None:
        self._evaluations += 1
        if self._evaluations % _LOOKS_A_TIME == 0 and time.monotonic() > self.deadline:
            raise TooLateError
