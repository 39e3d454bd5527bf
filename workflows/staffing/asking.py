"""What the expressions of a task ask beside today's people: who did what, and the case's data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

from workflows.compiled import CompiledTask
from workflows.expressions import BOOLEAN, GIVEN_NAMES, Expression
from workflows.expressions.evaluation import strict_evaluator
from workflows.expressions.tree import (
    And,
    Call,
    Choice,
    Except,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Union,
    path,
    walk,
)
from workflows.expressions.types import Kind

_PEOPLE = frozenset(
    {"user", "group", "role", "manager", "manager_chain", "department_head", "did", "field"}
)
_TIMED = frozenset({"working_days_between"})


class Part(IntEnum):
    """What somebody is for in an expression; the higher, the more of them have to be tried."""

    ADDED = 1
    """One more who may act: nobody in this place is the worst."""
    REMOVED = 2
    """Right of a `-`: who is among the others makes a difference."""
    ANYTHING = 3


@dataclass
class Asked:
    """`done`: the tasks that `did` names; `fields`: the data fields that `field` reads.

    `conditions` are the parts of conditions that the case's data alone decide. `is_open` says why
    nothing certain can be told, where that is so.
    """

    done: dict[str, Part] = field(default_factory=dict)
    fields: dict[str, Part] = field(default_factory=dict)
    conditions: list[Expression] = field(default_factory=list)
    reads_requester: bool = False
    is_open: str = ""

    @property
    def most_removed(self) -> int:
        """How many people those right of a `-` take away at most."""
        asked = (*self.done.values(), *self.fields.values())
        return sum(part is Part.REMOVED for part in asked)

    @property
    def is_countable(self) -> bool:
        """Whether more candidates than `most_removed` are enough, whoever they are."""
        return Part.ANYTHING not in self.done.values() and not self.is_open


def asked_by(task: CompiledTask) -> Asked:
    """Return what `assign` and `otherwise` of a task ask."""
    asked = Asked()
    for expression in (task.assign, task.otherwise):
        if expression is not None:
            _Reading(expression, asked).people(expression.tree, Part.ADDED)
    return asked


class _Reading:
    def __init__(self, expression: Expression, asked: Asked) -> None:
        self.expression, self.asked = expression, asked

    def people(self, node: Node, part: Part) -> None:
        if isinstance(node, Union):
            self.people(node.left, part)
            self.people(node.right, part)
        elif isinstance(node, Except):
            # Of people left of a `-`, who they are decides whether they stay.
            left = Part.ANYTHING if part is not Part.ADDED or _names_doer(node.left) else part
            self.people(node.left, left)
            self.people(node.right, Part.REMOVED if part is Part.ADDED else Part.ANYTHING)
        elif isinstance(node, Choice):
            self._condition(node.condition)
            self.people(node.yes, part)
            self.people(node.no, part)
        elif isinstance(node, Call):
            self._call(node, part)
        elif isinstance(node, Name) and node.name == "requester":
            self.asked.reads_requester = True
        elif not isinstance(node, Literal):
            self._anything(node)

    def _call(self, node: Call, part: Part) -> None:
        if node.function == "did":
            self._note(self.asked.done, str(_literal(node)), part)
        elif node.function == "field":
            self._field(node, part)
        elif node.function in ("manager", "manager_chain", "department_head"):
            person, *levels = node.arguments
            # Where nobody is found for nobody, nobody is still the worst.
            inner = Part.ANYTHING if part is not Part.ADDED or _names_doer(person) else part
            self.people(person, inner)
            for level in levels:
                if not isinstance(level, Literal):
                    self.asked.is_open = f"it goes by “{self._text(level)}”"
        elif node.function not in ("user", "group", "role"):
            self._anything(node)

    def _field(self, node: Call, part: Part) -> None:
        name = path(node.arguments[0])
        if name is None or "." in name or part is Part.ANYTHING:
            self.asked.is_open = f"it goes by “{self._text(node)}”"
        else:
            self._note(self.asked.fields, name, part)

    def _condition(self, node: Node) -> None:
        for atom in _atoms(node):
            parts = list(walk(atom))
            names = {part.name for part in parts if isinstance(part, Name)}
            calls = {part.function for part in parts if isinstance(part, Call)}
            data = names - GIVEN_NAMES.keys()
            asks_people = bool(calls & _PEOPLE) or "requester" in names
            if asks_people:
                self._people_compared(parts, has_data=bool(data))
            elif names - data or calls & _TIMED:
                self.asked.is_open = f"it goes by the day: “{self._text(atom)}”"
            elif data:
                self.asked.conditions.append(_condition_of(self.expression, atom, data))

    def _people_compared(self, parts: list[Node], *, has_data: bool) -> None:
        if has_data:
            self.asked.is_open = f"it goes by “{self.expression.source}”"
        for part in parts:
            if isinstance(part, Name) and part.name == "requester":
                self.asked.reads_requester = True
            if isinstance(part, Call) and part.function == "did":
                self._note(self.asked.done, str(_literal(part)), Part.ANYTHING)

    def _anything(self, node: Node) -> None:
        self.asked.is_open = f"it goes by “{self._text(node)}”"
        self.asked.reads_requester = True
        self._people_compared(list(walk(node)), has_data=False)

    def _text(self, node: Node) -> str:
        return " ".join(self.expression.source[node.offset : node.end].split())

    @staticmethod
    def _note(where: dict[str, Part], key: str, part: Part) -> None:
        # In two places, somebody may be wanted and unwanted at once.
        where[key] = part if where.get(key, part) is part else Part.ANYTHING


def _atoms(node: Node) -> Iterator[Node]:
    if isinstance(node, (And, Or)):
        for operand in node.operands:
            yield from _atoms(operand)
    elif isinstance(node, Not):
        yield from _atoms(node.operand)
    elif isinstance(node, Choice):
        for part in (node.condition, node.yes, node.no):
            yield from _atoms(part)
    else:
        yield node


def _condition_of(expression: Expression, atom: Node, names: set[str]) -> Expression:
    run = strict_evaluator(atom, frozenset({Kind.BOOLEAN}))
    return replace(expression, type=BOOLEAN, tree=atom, names=frozenset(names), _run=run)


def _names_doer(node: Node) -> bool:
    """Say whether who did a task may be among these people: right of a `-` does not count."""
    if isinstance(node, Except):
        return _names_doer(node.left)
    if isinstance(node, Union):
        return _names_doer(node.left) or _names_doer(node.right)
    if isinstance(node, Choice):
        return _names_doer(node.yes) or _names_doer(node.no)
    return any(isinstance(part, Call) and part.function == "did" for part in walk(node))


def _literal(node: Call) -> object:
    argument = node.arguments[0]
    return argument.value if isinstance(argument, Literal) else ""
