"""The flow as its stories see it: who does what, and how everything is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.compiled import decisions_of
from workflows.definition import FlowDefinition, TaskDefinition, TaskKind, TransitionDefinition
from workflows.net import Marking, Net
from workflows.net.structure import sinks

from .actors import Actor, Cast
from .deeds import Deed, deed_of
from .firings import Firing
from .words import quoted, row, the_case


class Scene:
    """A flow and its cast. `example`: typed data that the case begins with, where they matter."""

    def __init__(
        self, definition: FlowDefinition, cast: Cast, example: Mapping[str, object] | None = None
    ) -> None:
        self.definition, self.cast, self.example = definition, cast, example
        self.net: Net = definition.net()
        self.case = the_case(definition)
        self.tasks = {task.key: task for task in definition.tasks}
        self.transitions = {t.key: t for t in definition.transitions}
        self._decisions = {t.key: tuple(group) for group in decisions_of(definition) for t in group}
        ends = sinks(self.net)
        self.end = ends[0] if len(ends) == 1 else ""

    def title(self, key: str) -> str:
        return quoted(self.net.title(key))

    def titles(self, keys: Iterable[str], word: str = "and") -> str:
        return row((self.title(key) for key in keys), word)

    def step(self, key: str) -> str:
        """Return the step's title, with its task where several steps have this title."""
        shared = [t.key for t in self.definition.transitions if self.name(t.key) == self.name(key)]
        if len(shared) == 1:
            return quoted(self.name(key))
        task = self.task(key)
        return f"{quoted(self.name(key))} in {self.task_title(task)}" if task else self.title(key)

    def steps(self, keys: Iterable[str], word: str = "and") -> str:
        return row(dict.fromkeys(self.step(key) for key in keys), word)

    def places(self, marking: Mapping[str, int]) -> str:
        """Return the marked places in words, in the order of the flow."""
        told = []
        for place in self.net.places:
            count = marking.get(place.key, 0)
            if count:
                told.append(self.title(place.key) + (f" ({count} times)" if count > 1 else ""))
        return row(told)

    def left(self, marking: Marking) -> list[str]:
        """Return the marked places other than the end."""
        return [p.key for p in self.net.places if marking[p.key] and p.key != self.end]

    def matters(self, marking: Marking) -> list[str]:
        """Return of these places those that somebody waits for: what may be withdrawn, say, lies
        there for whoever wants to, and holds nothing up."""
        left = self.left(marking)
        return [place for place in left if not self._is_offer(place)] or left

    def _is_offer(self, place: str) -> bool:
        tasks = [self.task(key) for key in self.net.consumers(place)]
        return bool(tasks) and all(task is not None and task.is_optional for task in tasks)

    def task(self, transition: str) -> TaskDefinition | None:
        key = self.transitions[transition].task
        return self.tasks.get(key) if key else None

    def task_title(self, task: TaskDefinition) -> str:
        return quoted(task.title or task.key)

    def kind(self, transition: str) -> TaskKind | None:
        """Return the kind of the task of which this is an outcome; None where it is automatic."""
        task = self.task(transition)
        return task.kind if task else None

    def is_human(self, transition: str) -> bool:
        return self.kind(transition) is TaskKind.HUMAN

    def actor(self, transition: str) -> Actor | None:
        """Return who chooses this outcome; None where no person does."""
        task = self.task(transition)
        return self.cast.actor(task) if task and task.kind is TaskKind.HUMAN else None

    def deed(self, transition: str) -> Deed:
        return deed_of(self.name(transition))

    def name(self, transition: str) -> str:
        """Return the title, or what stands for it where there is none."""
        found = self.transitions[transition]
        return found.title or found.outcome or found.key

    def choice(self, transition: str) -> tuple[TransitionDefinition, ...]:
        """Return the branches of the decision to which an automatic transition belongs."""
        return self._decisions.get(transition, ())

    def people_beside(self, transition: str) -> list[Actor]:
        """Return who else could have acted on what this transition takes."""
        found = []
        for place in self.net.inputs(transition):
            for key in self.net.consumers(place):
                actor = self.actor(key)
                if actor is not None and actor not in found:
                    found.append(actor)
        return found

    def done(self, firing: Firing, *, has_already: bool = False) -> str:
        """Return the firing as a clause: `Ben rejects`, `Carl in Finance has already agreed`."""
        key = firing.transition
        actor = self.actor(key)
        if actor is not None:
            deed = self.deed(key)
            return f"{actor.brief} {deed.perfect if has_already else deed.present}"
        what = quoted(self.name(key))
        if self.kind(key) is TaskKind.TIMER:
            return f"the time of {what} has come" if has_already else f"the time of {what} comes"
        task = self.task(key)
        if task is not None and self.transitions[key].outcome == "failed":
            failed = "has already failed" if has_already else "fails"
            return f"{self.task_title(task)} {failed}"
        return f"{what} has already happened" if has_already else f"{what} happens"
