"""Who acts in a story: sample people, or roles where nobody is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from workflows.compiled import flow_scope
from workflows.definition import FlowDefinition, TaskDefinition
from workflows.expressions import PEOPLE, ExpressionError, compile_expression
from workflows.expressions.tree import Call, Choice, Except, Literal, Name, Node, Union

_MOST_LETTERS_OF_AN_ABBREVIATION = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is what a sentence calls them: "Ben", or "the manager" where nobody is known.

    `role` says why they: "Ada's manager", "in Finance"; "" where the name tells it already.
    """

    name: str
    role: str = ""
    is_person: bool = False

    @property
    def intro(self) -> str:
        """Return the name with the role, for the first time that they are named."""
        if not self.role or self.is_of_group:
            return self.brief
        return f"{self.name} ({self.role})"

    @property
    def brief(self) -> str:
        """Return the name, with the group that they act for: "Carl in Finance"."""
        return f"{self.name} {self.role}" if self.is_of_group else self.name

    @property
    def is_of_group(self) -> bool:
        return self.role.startswith("in ")

    def of(self, thing: str) -> str:
        """Return the thing as theirs: `Carl's answer`, `the answer of the manager`."""
        if not self.is_person:
            return f"the {thing} of {self.name}"
        return f"{self.name}'{'' if self.name.endswith('s') else 's'} {thing}"

    def as_dict(self) -> dict[str, object]:
        return {"name": self.name, "role": self.role, "is_person": self.is_person}


class Cast(Protocol):
    """Who plays whom."""

    @property
    def requester(self) -> Actor: ...

    def actor(self, task: TaskDefinition) -> Actor:
        """Return who does this task of people."""


class Roles:
    """The cast where no people are known: everybody is called by what the flow says of them."""

    def __init__(self, definition: FlowDefinition) -> None:
        self._definition = definition
        self._found: dict[str, Actor] = {}

    @property
    def requester(self) -> Actor:
        return Actor("the requester")

    def actor(self, task: TaskDefinition) -> Actor:
        if task.key not in self._found:
            self._found[task.key] = Actor(role_of(self._definition, task) or "somebody")
        return self._found[task.key]


def role_of(definition: FlowDefinition, task: TaskDefinition) -> str:
    """Return who does the task by what the flow says: "the manager", "somebody in Finance".

    "" where that cannot be told.
    """
    for source in (task.assign, task.otherwise):
        found = told_role(definition, source)
        if found:
            return found
    return ""


def told_role(definition: FlowDefinition, source: str, requester: str = "") -> str:
    """Return an expression of people in words; "" where it has none.

    With the name of a `requester` the words are about them: "Ada's manager".
    """
    if not source:
        return ""
    try:
        tree = compile_expression(source, scope=flow_scope(definition), expected=PEOPLE).tree
    except ExpressionError:
        return ""
    titles = {task.key: task.title or task.key for task in definition.tasks}
    return _told(tree, requester, titles)


def group_title(key: str) -> str:
    """Return a group's key as people say it: `finance` is Finance, `hr` is HR."""
    words = key.replace("_", " ").replace("-", " ").strip()
    if len(words) <= _MOST_LETTERS_OF_AN_ABBREVIATION:
        return words.upper()
    return words[:1].upper() + words[1:]


def _told(node: Node, requester: str, titles: Mapping[str, str]) -> str:
    if isinstance(node, Name):
        return (requester or "the requester") if node.name == "requester" else ""
    if isinstance(node, Union):
        return _told(node.left, requester, titles) or _told(node.right, requester, titles)
    if isinstance(node, Except):
        return _told(node.left, requester, titles)
    if isinstance(node, Choice):
        return _told(node.yes, requester, titles) or _told(node.no, requester, titles)
    return _called(node, requester, titles) if isinstance(node, Call) else ""


def _called(call: Call, requester: str, titles: Mapping[str, str]) -> str:
    first = call.arguments[0] if call.arguments else None
    named = str(first.value) if isinstance(first, Literal) else ""
    if call.function == "group":
        return f"somebody in {group_title(named)}"
    if call.function == "role":
        return f"the {named.replace('_', ' ')}"
    if call.function == "user":
        return named
    if call.function == "did":
        return f"whoever did “{titles.get(named, named)}”"
    whose = _told(first, requester, titles) if first is not None else ""
    is_requester = isinstance(first, Name) and first.name == "requester"
    if call.function == "manager":
        return _manager(call, whose, is_known=bool(requester) and is_requester)
    if call.function == "manager_chain":
        return "a manager further up"
    if call.function == "department_head":
        return f"the head of {requester}'s department" if requester else "the head of department"
    return ""


def _manager(call: Call, whose: str, *, is_known: bool) -> str:
    level = call.arguments[1] if len(call.arguments) > 1 else None
    steps = level.value if isinstance(level, Literal) else 1
    if steps == 2:
        return "the next manager up"
    if steps != 1:
        return "a manager further up"
    if is_known:
        return f"{whose}'s manager"
    return "the manager" if whose in ("", "the requester") else f"the manager of {whose}"
