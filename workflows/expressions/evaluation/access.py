"""Evaluators of literals and of everything that reads the case's data."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from workflows.expressions.errors import EvaluationError
from workflows.expressions.evaluation.building import (
    Evaluator,
    builds,
    evaluator,
    located,
    strict_evaluator,
)
from workflows.expressions.people import Person
from workflows.expressions.tree import FieldOf, Index, Item, ListOf, Literal, Name, Node, path
from workflows.expressions.types import Kind
from workflows.expressions.values import Frame, demand, kind_of, load, whole_number

_GIVEN: Final[Mapping[str, Evaluator]] = {
    "requester": lambda frame: Person(frame.context.requester),
    "today": lambda frame: frame.context.today,
    "now": lambda frame: frame.context.now,
    "business_key": lambda frame: frame.context.business_key,
}


@builds(Literal)
def _literal(node: Literal) -> Evaluator:
    value = node.value
    return lambda frame: value


@builds(Name)
def _name(node: Name) -> Evaluator:
    name = node.name
    return _GIVEN.get(name) or _loaded(node, name, lambda frame: frame.values.get(name))


@builds(Item)
def _item(node: Item) -> Evaluator:
    return _loaded(node, node.name, lambda frame: frame.item)


@builds(FieldOf)
def _field_of(node: FieldOf) -> Evaluator:
    record, name = evaluator(node.record), node.field
    where = path(node.record) or "This"

    def get(frame: Frame) -> object:
        found = record(frame)
        if found is None:
            raise EvaluationError(f"{where} is empty here.").located(
                node.record.offset, node.record.end
            )
        return found.get(name)

    return _loaded(node, path(node) or name, get)


@builds(Index)
def _index(node: Index) -> Evaluator:
    container = strict_evaluator(node.container, frozenset({Kind.LIST, Kind.RECORD}))
    index = strict_evaluator(node.index, frozenset({Kind.NUMBER, Kind.TEXT}), "The position")

    def get(frame: Frame) -> object:
        found, position = container(frame), index(frame)
        if isinstance(found, Mapping) and isinstance(position, str):
            return found.get(position)
        if not isinstance(found, list) or not isinstance(position, Decimal):
            raise EvaluationError(
                "A list takes a number in [ ], a record the name of a field in quotes."
            )
        if not -len(found) <= position < len(found):
            raise EvaluationError(
                f"The list has {len(found)} elements, counted from 0; there is no {position}."
            )
        return found[whole_number(position, "The position", -len(found), len(found) - 1)]

    return _loaded(node, "The element", get)


@builds(ListOf)
def _list_of(node: ListOf) -> Evaluator:
    items = tuple(evaluator(item) for item in node.items)
    return lambda frame: [item(frame) for item in items]


def lenient(node: Node) -> Evaluator:
    """Return the evaluator for `exists(a.b[0])`: none where any step of the path leads nowhere."""
    if isinstance(node, FieldOf):
        record, name = lenient(node.record), node.field
        return lambda frame: _field(record(frame), name)
    if isinstance(node, Index):
        container, index = lenient(node.container), lenient(node.index)
        return lambda frame: _element(container(frame), index(frame))
    if isinstance(node, Name) and node.name not in _GIVEN:
        field = node.name
        return lambda frame: frame.values.get(field)
    if isinstance(node, Item):
        return lambda frame: frame.item
    return evaluator(node)


def _field(record: object, name: str) -> object:
    return record.get(name) if isinstance(record, Mapping) else None


def _element(container: object, position: object) -> object:
    if isinstance(container, list) and isinstance(position, Decimal):
        is_inside = -len(container) <= position < len(container) and not position % 1
        return container[int(position)] if is_inside else None
    return _field(container, position) if isinstance(position, str) else None


def _loaded(node: Node, name: str, get: Evaluator) -> Evaluator:
    """Wrap `get` so that what it finds is loaded and of the declared type.

    Also a required field is checked: the type is a promise of the schema, not of the caller.
    """
    kind = node.type.kind
    allowed = frozenset({kind, Kind.NONE} if node.type.optional else {kind})

    def run(frame: Frame) -> object:
        value = load(frame, get(frame))
        if kind is not Kind.ANY and kind_of(value) not in allowed:
            demand(value, allowed, name)
        return value

    return located(node, run)
