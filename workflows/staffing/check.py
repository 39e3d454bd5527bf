"""Whether somebody can always act in a flow, for everybody who may start it."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflows.compiled import CompiledFlow
from workflows.directory import PersonId, Snapshot

from .look import NOT_A_NAME, Look, Looked, Missing, TooLateError
from .report import Answer, Gap, PeopleReport, TaskPeople
from .situations import Situation, is_reached

_TOO_LATE = "there was no time to look at everybody"
_TOO_MANY = "not every kind of data could be looked at"


def check_people(
    flow: CompiledFlow, people: Snapshot, *, at: datetime, seconds: float = math.inf
) -> PeopleReport:
    """Return whether each human task of `flow` finds somebody, whoever asks, with these people.

    What the engine would find is asked of the engine's own function. Of data of which nothing is
    known, of people who did an earlier task, and past the `seconds`, nothing is claimed.
    """
    began = time.monotonic()
    deadline = began + seconds
    look = Look(flow, people, at=at, deadline=deadline)
    everybody = people.everybody()
    tasks = []
    for n, task in enumerate(look.tasks):
        now = time.monotonic()
        # One task that takes long leaves their share to the others.
        look.deadline = now + max(0.0, deadline - now) / (len(look.tasks) - n)
        try:
            looked = look.at_task(task)
        except TooLateError:
            tasks.append(TaskPeople(task.key, task.title, Answer.DEPENDS, is_open=_TOO_LATE))
        else:
            tasks.append(_Telling(look, looked, deadline).told(everybody))
    concerned = {person for task in tasks for gap in task.gaps for person in gap.requesters}
    return PeopleReport(
        flow=flow.definition.key,
        title=flow.title,
        tasks=tuple(tasks),
        requesters=len(everybody),
        names={person: (people.name(person), people.username(person)) for person in concerned},
        seconds=round(time.monotonic() - began, 6),
    )


@dataclass
class _Telling:
    look: Look
    looked: Looked
    deadline: float

    def told(self, everybody: Collection[PersonId]) -> TaskPeople:
        task, looked = self.looked.task, self.looked
        is_open = looked.asked.is_open or ("" if looked.is_complete else _TOO_MANY)
        gaps = self._gaps()
        certain = {person for gap in gaps if gap.is_certain for person in gap.requesters}
        answer = Answer.EVERYBODY
        if certain:
            is_nobody = not is_open and looked.always.issuperset(everybody)
            answer = Answer.NOBODY if is_nobody else Answer.SOME
        elif gaps or is_open:
            answer = Answer.DEPENDS
        if answer is Answer.DEPENDS and not is_open:
            is_open = "it goes by the data of the case"
        return TaskPeople(task.key, task.title, answer, gaps, is_open)

    def _gaps(self) -> tuple[Gap, ...]:
        """Return the requesters in groups of one reason, each requester once a condition."""
        groups: dict[tuple[object, ...], list[Missing]] = {}
        for missing in self.looked.missing:
            told = self._condition(missing)
            groups.setdefault((missing.reason, told, id(missing.situation)), []).append(missing)
        return tuple(self._gap(found, str(key[1])) for key, found in groups.items())

    def _gap(self, found: Sequence[Missing], condition: str) -> Gap:
        first = found[0]
        return Gap(
            requesters=tuple(missing.requester for missing in found),
            why=first.reason.why,
            they_why=first.reason.they,
            condition=condition,
            is_certain=self._is_certain(first),
            example=first.situation.values if first.situation.told else None,
            cures=first.reason.cures,
        )

    def _condition(self, missing: Missing) -> str:
        flow, people = self.look.flow, self.look.people
        parts = []
        if missing.by and missing.requester in self.looked.always:
            titles = " and ".join(f"“{flow.tasks[key].title}”" for key, _ in missing.by)
            parts.append(f"whoever does {titles}")
        elif missing.by:
            who = [f"{people.name(p)} does “{flow.tasks[key].title}”" for key, p in missing.by]
            parts.append(f"if {' and '.join(who)}")
        parts += [f"where “{flow.tasks[key].title}” is left out" for key in missing.not_done]
        for name, value in missing.field:
            what = "names nobody" if value == NOT_A_NAME else f"is “{value}”"
            parts.append(f"where “{name}” {what}")
        if missing.situation.told:
            parts.append(f"where {missing.situation.told}")
        return " ".join(parts)

    def _is_certain(self, missing: Missing) -> bool:
        """Say whether such a case can be, as far as it is seen."""
        if self.looked.asked.is_open or any(value == NOT_A_NAME for _, value in missing.field):
            return False
        if missing.not_done and self._has_guards:
            return False
        return not missing.situation.told or self._is_reached(missing.situation)

    @property
    def _has_guards(self) -> bool:
        return any(transition.guard for transition in self.look.flow.definition.transitions)

    def _is_reached(self, situation: Situation) -> bool:
        key = self.looked.task.key
        return is_reached(self.look.flow, key, situation.values, deadline=self.deadline)
