"""Why nobody was found: each part of the expressions in a few words, with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.compiled import CompiledFlow, CompiledTask
from workflows.directory import PersonId, Snapshot
from workflows.expressions import Candidates, Context, EvaluationError, Person
from workflows.expressions.evaluation import evaluator
from workflows.expressions.people import as_candidates
from workflows.expressions.tree import Call, Choice, Except, Literal, Node, Union, path, walk
from workflows.expressions.values import Frame

from .report import Cure, CureKind

_MOST_MEMBERS = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """`{who}` stands for the requester, in `they` for several who ask."""

    why: str
    they: str
    cures: tuple[Cure, ...]


def reason_of(
    flow: CompiledFlow,
    task: CompiledTask,
    values: Mapping[str, object],
    context: Context,
    done: Mapping[str, PersonId],
    people: Snapshot,
) -> Reason:
    """Return why `task` finds nobody in this situation."""
    telling = _Telling(flow, task, values, context, done, people)
    parts: dict[tuple[str, str], None] = {}
    for expression in (task.assign, task.otherwise):
        if expression is not None:
            parts.update(dict.fromkeys(telling.why(expression.tree, ())))
    cures = list(dict.fromkeys(telling.cures))
    if task.otherwise is None:
        cures.append(Cure(CureKind.OTHERWISE, task.key))
    why, they = ("; ".join(part[n] for part in parts) for n in (0, 1))
    return Reason(why, they, tuple(cures))


class _Telling:
    def __init__(
        self,
        flow: CompiledFlow,
        task: CompiledTask,
        values: Mapping[str, object],
        context: Context,
        done: Mapping[str, PersonId],
        people: Snapshot,
    ) -> None:
        self.flow, self.task, self.done, self.people = flow, task, done, people
        self.frame = Frame(values, context)
        self.requester = context.requester
        self.cures: list[Cure] = []

    def why(self, node: Node, removed: tuple[Node, ...]) -> Iterator[tuple[str, str]]:
        """Yield the reason of each part, as it is said of one requester and of several."""
        if isinstance(node, Union):
            yield from self.why(node.left, removed)
            yield from self.why(node.right, removed)
        elif isinstance(node, Except):
            yield from self.why(node.left, (*removed, node.right))
        elif isinstance(node, Choice):
            yield from self.why(node.yes if self._value(node.condition) else node.no, removed)
        else:
            found = self._present(node)
            yield self._all_removed(node, found, removed) if found else self._nobody(node)

    def _nobody(self, node: Node) -> tuple[str, str]:
        if isinstance(node, Call):
            told = getattr(self, f"_no_{node.function}", None)
            if told is not None:
                why: tuple[str, str] = told(node)
                return why
        return _alike("nobody is named")

    def _no_group(self, node: Call) -> tuple[str, str]:
        name = self._literal(node)
        self.cures.append(Cure(CureKind.GROUP, name))
        return _alike(f"nobody active is in the group “{name}”")

    def _no_role(self, node: Call) -> tuple[str, str]:
        name = self._literal(node)
        self.cures.append(Cure(CureKind.ROLE, name))
        return _alike(f"nobody active has the role “{name}”")

    def _no_user(self, node: Call) -> tuple[str, str]:
        name = self._literal(node)
        self.cures.append(Cure(CureKind.ACCOUNT, name))
        return _alike(f"there is no active account “{name}”")

    def _no_field(self, node: Call) -> tuple[str, str]:
        return _alike(f"“{self._field_title(node)}” names nobody who is active")

    def _no_did(self, node: Call) -> tuple[str, str]:
        title = self._title(node)
        person = self.done.get(self._literal(node))
        if person is None:
            return _alike(f"nobody has done “{title}”")
        return _alike(f"{self.people.name(person)}, who did “{title}”, has left")

    def _no_manager(self, node: Call) -> tuple[str, str]:
        person = self._person(node.arguments[0])
        if person is None:
            return self._nobody(node.arguments[0])
        level = self._value(node.arguments[1]) if len(node.arguments) > 1 else 1
        levels = int(str(level)) if level is not None else 1
        self._cure_manager(person)
        line = self.people.line(person, levels)
        if len(line) < levels:
            what = "no manager" if levels == 1 else f"no manager {levels} levels up"
            return self._has(person, what)
        manager = "manager" if levels == 1 else f"manager {levels} levels up"
        name = self.people.name(line[levels - 1][0])
        one = f"the {manager} of {self._name(person)}, {name}, has left"
        return one, one.replace(f"the {manager} of {{who}}", f"their {manager}")

    def _no_manager_chain(self, node: Call) -> tuple[str, str]:
        person = self._person(node.arguments[0])
        if person is None:
            return self._nobody(node.arguments[0])
        self._cure_manager(person)
        return self._has(person, "no active manager")

    def _no_department_head(self, node: Call) -> tuple[str, str]:
        person = self._person(node.arguments[0])
        if person is None:
            return self._nobody(node.arguments[0])
        own = person == self.requester
        self.cures.append(Cure(CureKind.DEPARTMENT, person=None if own else person))
        return self._has(person, "no department with an active head")

    def _all_removed(
        self, node: Node, found: frozenset[PersonId], removed: tuple[Node, ...]
    ) -> tuple[str, str]:
        """Tell of people whom a part does find, and why none of them may act."""
        listed = self._listed(sorted(found, key=self.people.name), removed)
        if isinstance(node, Call) and node.function == "group":
            self.cures.append(Cure(CureKind.GROUP, self._literal(node)))
            listed = f"the group “{self._literal(node)}” has only {listed}"
        elif isinstance(node, Call) and node.function == "role":
            self.cures.append(Cure(CureKind.ROLE, self._literal(node)))
            listed = f"the role “{self._literal(node)}” has only {listed}"
        elif isinstance(node, Call) and node.function == "manager":
            listed = f"the manager is {listed}"
        elif isinstance(node, Call) and node.function == "department_head":
            listed = f"the head of the department is {listed}"
        else:
            listed = f"there is only {listed}"
        return _alike(listed)

    def _listed(self, found: list[PersonId], removed: tuple[Node, ...]) -> str:
        told = [(self._name(p), self._why_not(p, removed)) for p in found[:_MOST_MEMBERS]]
        if len(found) == 1:
            return ", ".join(told[0])
        more = len(found) - len(told)
        names = [f"{name} ({why})" for name, why in told] + ([f"{more} more"] if more else [])
        return f"{', '.join(names[:-1])} and {names[-1]}"

    def _why_not(self, person: PersonId, removed: tuple[Node, ...]) -> str:
        if person == self.requester and not self.task.admits_requester:
            return "who asks"
        did = [
            t
            for t, by in self.done.items()
            if by == person and any(_names_did(node, t) for node in removed)
        ]
        if did:
            titles = " and ".join(f"“{self.flow.tasks[key].title}”" for key in did)
            return f"who already did {titles}, which excludes them"
        if any(person in self._present(node) for node in removed):
            return "whom the flow excludes"
        return "who has left"

    def _has(self, person: PersonId, what: str) -> tuple[str, str]:
        if person == self.requester:
            return f"{{who}} has {what}", f"they have {what}"
        return _alike(f"{self._name(person)} has {what}")

    def _cure_manager(self, person: PersonId) -> None:
        own = person == self.requester
        self.cures.append(Cure(CureKind.MANAGER, person=None if own else person))

    def _name(self, person: PersonId) -> str:
        return "{who}" if person == self.requester else self.people.name(person)

    def _person(self, node: Node) -> PersonId | None:
        value = self._value(node)
        return value.id if isinstance(value, Person) else None

    def _present(self, node: Node) -> frozenset[PersonId]:
        value = self._value(node)
        if not isinstance(value, (Person, Candidates)):
            return frozenset()
        return as_candidates(value).present(self.people)

    def _value(self, node: Node) -> object:
        try:
            value: object = evaluator(node)(self.frame)
        except EvaluationError:
            return None
        return value

    def _title(self, node: Call) -> str:
        return self.flow.tasks[self._literal(node)].title

    def _field_title(self, node: Call) -> str:
        name = path(node.arguments[0]) or ""
        properties = self.flow.schema.get("properties")
        part = properties.get(name) if isinstance(properties, Mapping) else None
        title = part.get("title") if isinstance(part, Mapping) else None
        return str(title or name)

    def _literal(self, node: Call) -> str:
        argument = node.arguments[0]
        return str(argument.value) if isinstance(argument, Literal) else ""


def _names_did(node: Node, task: str) -> bool:
    calls = (part for part in walk(node) if isinstance(part, Call) and part.function == "did")
    return any(
        isinstance(name, Literal) and name.value == task
        for call in calls
        for name in call.arguments
    )


def _alike(text: str) -> tuple[str, str]:
    return text, text.replace("{who}", "whoever asks")
