"""What the check of a flow's people has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from workflows import data as case_data
from workflows.directory import PersonId
from workflows.proving import PublishProblem

MOST_NAMED = 3
MOST_LISTED = 50
"""So many requesters of one finding stand in the JSON, beside their number."""


class CureKind(StrEnum):
    MANAGER = "manager"
    DEPARTMENT = "department"
    GROUP = "group"
    ROLE = "role"
    ACCOUNT = "account"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Cure:
    """A way out. `subject`: the group, the role, the user name, the task; `person`: whose manager,
    None for each requester's own."""

    kind: CureKind
    subject: str = ""
    person: PersonId | None = None

    def as_dict(self) -> dict[str, object]:
        return {"kind": self.kind.value, "subject": self.subject}


class Answer(StrEnum):
    """`nobody`: it can be done for no requester at all. `some`: for some it cannot. `depends`: only
    the case's data tell."""

    EVERYBODY = "everybody"
    SOME = "some"
    NOBODY = "nobody"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Gap:
    """Requesters for whom a task finds nobody, for one reason.

    `why` has `{who}` where the requester is named, `they_why` speaks of several. `condition` tells
    of which cases this is true, "" of all. `is_certain`: such a case can be, `example` are its data
    where they matter.
    """

    requesters: tuple[PersonId, ...]
    why: str
    they_why: str
    condition: str = ""
    is_certain: bool = True
    example: Mapping[str, Any] | None = None
    cures: tuple[Cure, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskPeople:
    """Whether somebody can do a task. `is_open` says why that is not certain, "" where it is."""

    key: str
    title: str
    answer: Answer
    gaps: tuple[Gap, ...] = ()
    is_open: str = ""

    @property
    def certain_gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if gap.is_certain)


@dataclass(frozen=True)
class PeopleReport:
    """Whether each task of a flow has somebody for every possible requester.

    `requesters` is how many there are; `names` has the name and user name of everybody in a gap.
    """

    flow: str
    title: str
    tasks: tuple[TaskPeople, ...]
    requesters: int
    names: Mapping[PersonId, tuple[str, str]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def findings(self) -> tuple[TaskPeople, ...]:
        """The tasks that are certain to find nobody for somebody."""
        return tuple(task for task in self.tasks if task.certain_gaps)

    @property
    def undecided(self) -> tuple[TaskPeople, ...]:
        return tuple(task for task in self.tasks if task.answer is Answer.DEPENDS)

    @property
    def is_staffed(self) -> bool:
        """Whether somebody can always act, for certain."""
        return all(task.answer is Answer.EVERYBODY for task in self.tasks)

    @property
    def problems(self) -> Sequence[PublishProblem]:
        """What stands against publishing: a task for nobody at all is no matter of confirming."""
        return [
            PublishProblem(
                f"tasks.{task.key}.assign",
                self.told(task, gap),
                is_warning=task.answer is not Answer.NOBODY,
                example=gap.example,
            )
            for task in self.findings
            for gap in task.certain_gaps
        ]

    def told(self, task: TaskPeople, gap: Gap) -> str:
        """Return a gap as a sentence that names the task, the requesters and the reason."""
        where = f" {gap.condition}" if gap.condition else ""
        for_whom = f", whoever asks{',' * bool(where)}"
        if len(gap.requesters) < self.requesters or self.requesters == 1:
            for_whom = f" for a request of {self.named(gap.requesters)}"
        return f"{task.title!r} finds nobody{for_whom}{where}: {self.reason(gap)}."

    def reason(self, gap: Gap) -> str:
        if len(gap.requesters) == 1:
            return gap.why.replace("{who}", self.names[gap.requesters[0]][0])
        return gap.they_why

    def named(self, people: Sequence[PersonId]) -> str:
        """Return the first names of a list, and how many more there are."""
        names = [self.names[person][0] for person in people[:MOST_NAMED]]
        more = len(people) - len(names)
        if more:
            return f"{', '.join(names)} and {more} more"
        return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def as_dict(self) -> dict[str, object]:
        return {
            "flow": self.flow,
            "is_staffed": self.is_staffed,
            "requesters": self.requesters,
            "tasks": [self._task(task) for task in self.tasks],
            "seconds": self.seconds,
        }

    def _task(self, task: TaskPeople) -> dict[str, object]:
        return {
            "task": task.key,
            "title": task.title,
            "answer": task.answer.value,
            "depends_on": task.is_open,
            "gaps": [self._gap(task, gap) for gap in task.gaps],
        }

    def _gap(self, task: TaskPeople, gap: Gap) -> dict[str, object]:
        listed = gap.requesters[:MOST_LISTED]
        return {
            "message": self.told(task, gap),
            "requesters": [self.names[person][1] for person in listed],
            "requester_count": len(gap.requesters),
            "why": self.reason(gap),
            "condition": gap.condition,
            "is_certain": gap.is_certain,
            "example": None if gap.example is None else case_data.write(gap.example),
            "cures": [cure.as_dict() for cure in gap.cures],
        }
