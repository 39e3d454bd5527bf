"""Each step of a run as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.compiled import flow_scope
from workflows.definition import TaskDefinition, TaskKind, TransitionDefinition
from workflows.expressions import BOOLEAN, ExpressionError, compile_expression
from workflows.expressions.durations import looks_like_duration

from .actors import Actor
from .deeds import deed_of, is_of_requester
from .firings import Firing
from .scene import Scene
from .words import field_title, opened, quoted, row, value_told

_MOST_FIELDS = 4
_NUMBERS = {2: "two", 3: "three", 4: "four"}


class Narrator:
    """Tells the steps of one run in their order; who is named for the first time is introduced."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._named: set[Actor] = set()
        self._changed: set[str] = set()
        self._is_begun = False

    def opening(self) -> str:
        """Return the sentence before the first step."""
        scene = self._scene
        who = self._named_now(scene.cast.requester)
        told = self._data(self._fields_that_decide())
        title = scene.definition.title or scene.definition.key
        return opened(f"{who} fills in {quoted(title)}{f': {told}' if told else ''}.")

    def sentence(self, firing: Firing) -> str:
        """Return what happens in this step."""
        key = firing.transition
        transition = self._scene.transitions[key]
        task = self._scene.task(key)
        main = self._automatic(firing, transition) if task is None else self._of_task(key, task)
        self._changed |= set(transition.assignments)
        self._is_begun = True
        return opened(main + self._consequence(firing))

    def _of_task(self, key: str, task: TaskDefinition) -> str:
        scene = self._scene
        title, outcome = scene.task_title(task), self._scene.transitions[key].outcome
        if task.kind is TaskKind.HUMAN:
            who = self._named_now(scene.cast.actor(task))
            return f"{who} {scene.deed(key).present} in {title}."
        if task.kind is TaskKind.TIMER:
            return self._timer(key, task)
        if task.kind is TaskKind.MESSAGE:
            return f"the message for {title} comes in."
        if task.kind is TaskKind.SUBFLOW:
            ends = "is cancelled" if outcome == "cancelled" else "comes to its end"
            return f"the flow that {title} has started {ends}."
        if outcome == "failed":
            return f"the system tries {title} and gives up; so it goes on with {scene.title(key)}."
        return f"the system does {title}."

    def _timer(self, key: str, task: TaskDefinition) -> str:
        scene = self._scene
        waiting = [self._named_now(actor) for actor in scene.people_beside(key)]
        silent = ""
        if waiting:
            silent = f"{row(waiting)} {'has' if len(waiting) == 1 else 'have'} not answered"
        ends = f"{scene.task_title(task)} happens by itself."
        if "after" in task.options or "every" in task.options:
            length = str(task.options.get("after", task.options.get("every")))
            if not looks_like_duration(length):
                length = "the set time"
            if silent:
                return f"after {length}, {silent}: {ends}"
            return f"after {length}, {ends}"
        return (
            f"the set time comes and {silent}: {ends}" if silent else f"the set time comes: {ends}"
        )

    def _automatic(self, firing: Firing, transition: TransitionDefinition) -> str:
        scene = self._scene
        name = quoted(scene.name(transition.key))
        branches = scene.choice(transition.key)
        if len(branches) > 1:
            return self._decided(transition, branches, name)
        if transition.guard:
            return f"{self._because(transition)} {name} happens by itself."
        if not self._is_begun and is_of_requester(scene.name(transition.key)):
            deed = deed_of(scene.name(transition.key))
            who = self._named_now(scene.cast.requester)
            return f"{who} {deed.present}{'' if ' ' in deed.present else ' it'}."
        together = [place for place, count in firing.taken.items() if count]
        if len(together) > 1:
            both = "both" if len(together) == 2 else "all"
            return f"{scene.titles(together)} are {both} there, so {name} happens by itself."
        return f"{name} happens by itself."

    def _decided(
        self,
        transition: TransitionDefinition,
        branches: tuple[TransitionDefinition, ...],
        name: str,
    ) -> str:
        if transition.guard:
            return f"{self._because(transition)} the flow goes on with {name}."
        if self._scene.example is not None and transition.is_default:
            told = self._data(self._read_by(*branches))
            if told:
                return f"as {told}, no other branch fits and the flow goes on with {name}."
        others = row((quoted(self._scene.name(t.key)) for t in branches if t != transition), "or")
        return f"the flow does not take {others}: it goes on with {name}."

    def _because(self, transition: TransitionDefinition) -> str:
        told = self._data(self._read_by(transition))
        return f"as {told}," if told else f"suppose that {transition.guard}:"

    def _read_by(self, *transitions: TransitionDefinition) -> list[str]:
        """Return the fields that the guards read; those that are set on the way are left out."""
        definition = self._scene.definition
        found: dict[str, None] = {}
        for transition in transitions:
            if not transition.guard:
                continue
            try:
                scope = flow_scope(definition)
                guard = compile_expression(transition.guard, scope=scope, expected=BOOLEAN)
            except ExpressionError:
                continue
            found |= dict.fromkeys(sorted(guard.names))
        return [name for name in found if name not in self._changed]

    def _fields_that_decide(self) -> list[str]:
        return self._read_by(*self._scene.definition.transitions)

    def _data(self, names: list[str]) -> str:
        """Return what the example data say of these fields; "" where nothing is known."""
        example, schema = self._scene.example, self._scene.definition.data
        fields = schema.get("properties")
        if example is None or not isinstance(fields, Mapping):
            return ""
        told = [
            f"{field_title(schema, name)} is {value_told(example.get(name))}"
            for name in names
            if name in fields
        ]
        return row(told[:_MOST_FIELDS])

    def _consequence(self, firing: Firing) -> str:
        scene = self._scene
        told = ""
        cleared = [place for place in firing.emptied if place not in firing.put]
        if cleared:
            told += f" That clears away {scene.titles(cleared)}."
        count = sum(firing.put.values())
        if scene.end in firing.put:
            again = " once more" if firing.before[scene.end] else ""
            told += f" With that {scene.case} is closed{again}."
        elif count > 1:
            number = _NUMBERS.get(count, str(count))
            told += f" From here on, {number} things run at once: {scene.places(firing.put)}."
        elif not count:
            told += " It leads nowhere."
        return told

    def _named_now(self, actor: Actor) -> str:
        if actor in self._named:
            return actor.name if actor.is_person else actor.brief
        self._named.add(actor)
        return actor.intro
