"""From the typed tree to Python closures, which evaluate it. Nothing here reads source text."""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, DecimalException, DivisionByZero
from typing import Any, Final

from workflows.expressions import values
from workflows.expressions.durations import Duration, shift_date
from workflows.expressions.errors import EvaluationError
from workflows.expressions.functions import FUNCTIONS
from workflows.expressions.people import Candidates, Person, as_candidates
from workflows.expressions.tree import (
    And,
    Arithmetic,
    AtMidnight,
    Call,
    Choice,
    Comparator,
    Comparison,
    Concatenation,
    Each,
    Except,
    FieldOf,
    Index,
    Item,
    ListOf,
    Literal,
    Membership,
    Name,
    Negation,
    Node,
    Not,
    Operator,
    Or,
    Shift,
    Union,
    path,
    walk,
)
from workflows.expressions.types import ORDERED, Kind
from workflows.expressions.values import NUMBERS, Frame, demand, kind_of, load, same

Evaluator = Callable[[Frame], Any]
"""Returns a loaded value. `Any`: the checker has seen to the types, `_strict` to what it cannot know."""

_ARITHMETIC: Final[Mapping[Operator, Callable[[Decimal, Decimal], Decimal]]] = {
    Operator.ADD: NUMBERS.add,
    Operator.SUBTRACT: NUMBERS.subtract,
    Operator.MULTIPLY: NUMBERS.multiply,
    Operator.DIVIDE: NUMBERS.divide,
    Operator.FLOOR_DIVIDE: values.floor_divide,
    Operator.REMAINDER: values.remainder,
}
_ORDER: Final[Mapping[Comparator, Callable[[Any, Any], bool]]] = {
    Comparator.LESS: python.lt,
    Comparator.LESS_OR_EQUAL: python.le,
    Comparator.GREATER: python.gt,
    Comparator.GREATER_OR_EQUAL: python.ge,
}
_GIVEN: Final[Mapping[str, Evaluator]] = {
    "requester": lambda frame: Person(frame.context.requester),
    "today": lambda frame: frame.context.today,
    "now": lambda frame: frame.context.now,
    "business_key": lambda frame: frame.context.business_key,
}
_BOOLEAN: Final = frozenset({Kind.BOOLEAN})
_NUMBER: Final = frozenset({Kind.NUMBER})
_TEXT: Final = frozenset({Kind.TEXT})
_CONTAINERS: Final = frozenset({Kind.LIST, Kind.TEXT, Kind.PEOPLE})
_PEOPLE: Final = frozenset({Kind.PERSON, Kind.PEOPLE, Kind.NONE})


def evaluator(node: Node) -> Evaluator:
    """Return the function that evaluates the node."""
    return _BUILDERS[type(node)](node)


def strict_evaluator(node: Node, kinds: frozenset[Kind], what: str = "") -> Evaluator:
    """Return the function that evaluates the node and refuses a result that is not one of the `kinds`.

    Without a check where the checker knows already; `what` names the part in the error.
    """
    run = evaluator(node)
    if node.type.kind in kinds and not node.type.optional:
        return run
    name = what or path(node) or "This"

    def strict(frame: Frame) -> object:
        value = run(frame)
        if kind_of(value) not in kinds:
            try:
                demand(value, kinds, name)
            except EvaluationError as error:
                raise error.located(node.offset, node.end) from None
        return value

    return strict


def _literal(node: Literal) -> Evaluator:
    value = node.value
    return lambda frame: value


def _name(node: Name) -> Evaluator:
    name = node.name
    return _GIVEN.get(name) or _loaded(node, name, lambda frame: frame.values.get(name))


def _item(node: Item) -> Evaluator:
    return _loaded(node, node.name, lambda frame: frame.item)


def _loaded(node: Node, name: str, get: Evaluator) -> Evaluator:
    """Wrap `get` so that what it finds is loaded and of the declared kind, or none."""
    kind = node.type.kind
    allowed = frozenset({kind, Kind.NONE})

    def run(frame: Frame) -> object:
        value = get(frame)
        try:
            value = load(frame, value)
            if kind is not Kind.ANY and kind_of(value) is not kind:
                demand(value, allowed, name)
        except EvaluationError as error:
            raise error.located(node.offset, node.end) from None
        return value

    return run


def _field_of(node: FieldOf) -> Evaluator:
    record, name = evaluator(node.record), node.field
    where = path(node.record) or "This"

    def get(frame: Frame) -> object:
        found = record(frame)
        if found is None:
            raise EvaluationError(
                f"{where} is empty here.", node.record.offset, end=node.record.end
            )
        return found.get(name)

    return _loaded(node, path(node) or name, get)


def _index(node: Index) -> Evaluator:
    container = strict_evaluator(node.container, frozenset({Kind.LIST, Kind.RECORD}))
    index = strict_evaluator(node.index, frozenset({Kind.NUMBER, Kind.TEXT}), "The position")

    def get(frame: Frame) -> object:
        found, position = container(frame), index(frame)
        if isinstance(found, Mapping) and isinstance(position, str):
            return found.get(position)
        if not isinstance(found, list) or isinstance(position, str):
            raise EvaluationError(
                "A list takes a number in [ ], a record the name of a field in quotes."
            )
        if not found:
            raise EvaluationError("The list is empty here.")
        return found[values.whole_number(position, "The position", -len(found), len(found) - 1)]

    return _loaded(node, "The element", get)


def _list_of(node: ListOf) -> Evaluator:
    items = tuple(evaluator(item) for item in node.items)
    return lambda frame: [item(frame) for item in items]


def _not(node: Not) -> Evaluator:
    operand = strict_evaluator(node.operand, _BOOLEAN)
    return lambda frame: not operand(frame)


def _and(node: And) -> Evaluator:
    operands = tuple(strict_evaluator(operand, _BOOLEAN) for operand in node.operands)

    def run(frame: Frame) -> bool:
        for operand in operands:
            if not operand(frame):
                return False
        return True

    return run


def _or(node: Or) -> Evaluator:
    operands = tuple(strict_evaluator(operand, _BOOLEAN) for operand in node.operands)

    def run(frame: Frame) -> bool:
        for operand in operands:
            if operand(frame):
                return True
        return False

    return run


def _comparison(node: Comparison) -> Evaluator:
    if node.operator in (Comparator.EQUAL, Comparator.NOT_EQUAL):
        return _equality(node)
    left, right = strict_evaluator(node.left, ORDERED), strict_evaluator(node.right, ORDERED)
    compare = _ORDER[node.operator]

    def run(frame: Frame) -> bool:
        one, other = left(frame), right(frame)
        try:
            return compare(one, other)
        except TypeError:
            message = "Values of different kinds have no order."
            raise EvaluationError(message, node.offset, end=node.end) from None

    # `any` on both sides: a date and a date with a time would compare, or raise other errors.
    return _of_one_kind(node, left, right, compare) if _is_any(node.left, node.right) else run


def _of_one_kind(
    node: Node, left: Evaluator, right: Evaluator, compare: Callable[[Any, Any], bool]
) -> Evaluator:
    def run(frame: Frame) -> bool:
        one, other = left(frame), right(frame)
        if kind_of(one) is not kind_of(other):
            message = "Values of different kinds have no order."
            raise EvaluationError(message, node.offset, end=node.end)
        return compare(one, other)

    return run


def _equality(node: Comparison) -> Evaluator:
    left, right = evaluator(node.left), evaluator(node.right)
    wanted = node.operator is Comparator.EQUAL
    compound = {Kind.LIST, Kind.RECORD}
    if _is_any(node.left, node.right) or compound & {node.left.type.kind, node.right.type.kind}:
        return lambda frame: same(frame, left(frame), right(frame)) is wanted
    return lambda frame: (left(frame) == right(frame)) is wanted


def _is_any(*nodes: Node) -> bool:
    return any(node.type.kind is Kind.ANY for node in nodes)


def _membership(node: Membership) -> Evaluator:
    member, negated = evaluator(node.member), node.negated
    constants = _constants(node.container)
    if constants is not None and not _is_any(node.member):
        return lambda frame: (member(frame) in constants) is not negated
    container = strict_evaluator(node.container, _CONTAINERS)

    def run(frame: Frame) -> bool:
        one, many = member(frame), container(frame)
        if isinstance(many, str):
            demand(one, _TEXT, path(node.member) or 'What stands before "in"')
            return (one in many) is not negated
        if isinstance(many, Candidates):
            present = many.present(frame.context.directory)
            return (isinstance(one, Person) and one.id in present) is not negated
        frame.spend(len(many))
        return any(same(frame, one, entry) for entry in many) is not negated

    return _located(node, run)


def _constants(container: Node) -> tuple[object, ...] | None:
    """Return the elements of a list of numbers, texts or dates that is written out, None of others."""
    if isinstance(container, ListOf) and all(isinstance(item, Literal) for item in container.items):
        return tuple(item.value for item in container.items if isinstance(item, Literal))
    return None


def _located(node: Node, run: Evaluator) -> Evaluator:
    """Give the errors of `run` the place of `node`, where they have none."""

    def located(frame: Frame) -> object:
        try:
            return run(frame)
        except EvaluationError as error:
            raise error.located(node.offset, node.end) from None

    return located


def _arithmetic(node: Arithmetic) -> Evaluator:
    side = f'A side of "{node.operator}"'
    left = strict_evaluator(node.left, _NUMBER, path(node.left) or side)
    right = strict_evaluator(node.right, _NUMBER, path(node.right) or side)
    calculate = _ARITHMETIC[node.operator]

    def run(frame: Frame) -> Decimal:
        try:
            return calculate(left(frame), right(frame))
        except DecimalException as error:
            divides = node.operator in (Operator.DIVIDE, Operator.FLOOR_DIVIDE, Operator.REMAINDER)
            # 0/0 and x % 0 are "invalid", not a division by zero, to the decimal module.
            by_zero = isinstance(error, DivisionByZero) or (divides and not right(frame))
            message = "Division by zero." if by_zero else "The result has too many digits."
            raise EvaluationError(message, node.offset, end=node.end) from None

    return run


def _negation(node: Negation) -> Evaluator:
    operand = strict_evaluator(node.operand, _NUMBER)
    return lambda frame: NUMBERS.minus(operand(frame))


def _concatenation(node: Concatenation) -> Evaluator:
    left, right = strict_evaluator(node.left, _TEXT), strict_evaluator(node.right, _TEXT)
    return _located(node, lambda frame: values.joined(frame, left(frame), right(frame)))


def _shift(node: Shift) -> Evaluator:
    moment = strict_evaluator(node.moment, frozenset({Kind.DATE, Kind.DATETIME}))
    duration = strict_evaluator(node.duration, frozenset({Kind.DURATION}))

    def run(frame: Frame) -> date:
        start, length = moment(frame), duration(frame)
        return _shifted(frame, start, length, node.sign)

    return _located(node, run)


def _shifted(frame: Frame, start: date, length: Duration, sign: int) -> date:
    is_working_day = frame.context.is_working_day
    frame.spend(length.working_days)
    if not isinstance(start, datetime):
        if not length.is_whole_days:
            raise EvaluationError("A date has no time of day: the duration must be whole days.")
        return shift_date(start, length, sign, is_working_day)
    day = shift_date(start.date(), Duration(working_days=length.working_days), sign, is_working_day)
    try:
        return datetime.combine(day, start.timetz()) + sign * length.span
    except OverflowError:
        raise EvaluationError("The date lies outside the years 1 to 9999.") from None


def _at_midnight(node: AtMidnight) -> Evaluator:
    day = strict_evaluator(node.day, frozenset({Kind.DATE, Kind.DATETIME}))

    def run(frame: Frame) -> datetime:
        found = day(frame)
        if isinstance(found, datetime):
            return found
        return datetime.combine(found, time.min, tzinfo=frame.context.now.tzinfo)

    return run


def _choice(node: Choice) -> Evaluator:
    condition = strict_evaluator(node.condition, _BOOLEAN)
    yes, no = evaluator(node.yes), evaluator(node.no)
    return lambda frame: yes(frame) if condition(frame) else no(frame)


def _each(node: Each) -> Evaluator:
    source = strict_evaluator(node.source, frozenset({Kind.LIST}))
    body = evaluator(node.body)
    condition = None if node.condition is None else strict_evaluator(node.condition, _BOOLEAN)
    steps = sum(1 for part in (node.body, node.condition) if part is not None for _ in walk(part))

    def run(frame: Frame) -> list[object]:
        result = []
        for frame.item in source(frame):
            frame.spend(steps)
            if condition is None or condition(frame):
                result.append(body(frame))
        return result

    return _located(node, run)


def _call(node: Call) -> Evaluator:
    if node.function == "exists":
        return _exists(node)
    function = FUNCTIONS[node.function]
    arguments = []
    for position, argument in enumerate(node.arguments):
        parameter = function.parameters[min(position, len(function.parameters) - 1)]
        kinds = parameter.kinds | {Kind.NONE} if parameter.accepts_none else parameter.kinds
        arguments.append(strict_evaluator(argument, kinds, path(argument) or parameter.name))
    call, cost = function.run, function.cost

    def run(frame: Frame) -> object:
        frame.spend(cost)
        return call(frame, *[argument(frame) for argument in arguments])

    return _located(node, run)


def _exists(node: Call) -> Evaluator:
    argument = _lenient(node.arguments[0])
    return lambda frame: argument(frame) is not None


def _lenient(node: Node) -> Evaluator:
    """Return the evaluator of `exists(a.b[0])`: none where any step of the path leads nowhere."""
    if isinstance(node, FieldOf):
        record, name = _lenient(node.record), node.field
        return lambda frame: (
            found.get(name) if isinstance(found := record(frame), Mapping) else None
        )
    if isinstance(node, Index):
        return _lenient_index(node)
    return evaluator(node)


def _lenient_index(node: Index) -> Evaluator:
    container, index = _lenient(node.container), _lenient(node.index)

    def run(frame: Frame) -> object:
        found, position = container(frame), index(frame)
        if isinstance(found, Mapping) and isinstance(position, str):
            return found.get(position)
        if isinstance(found, list) and isinstance(position, Decimal):
            is_inside = -len(found) <= position < len(found) and position == int(position)
            return found[int(position)] if is_inside else None
        return None

    return run


def _union(node: Union) -> Evaluator:
    left, right = strict_evaluator(node.left, _PEOPLE), strict_evaluator(node.right, _PEOPLE)

    def run(frame: Frame) -> Candidates:
        one, other = as_candidates(left(frame)), as_candidates(right(frame))
        return one.union(other, frame.context.directory)

    return run


def _except(node: Except) -> Evaluator:
    left, right = strict_evaluator(node.left, _PEOPLE), strict_evaluator(node.right, _PEOPLE)

    def run(frame: Frame) -> Candidates:
        one, other = as_candidates(left(frame)), as_candidates(right(frame))
        return one.without(other, frame.context.directory)

    return run


_BUILDERS: Final[Mapping[type[Node], Callable[[Any], Evaluator]]] = {
    Literal: _literal,
    Name: _name,
    Item: _item,
    FieldOf: _field_of,
    Index: _index,
    ListOf: _list_of,
    Not: _not,
    And: _and,
    Or: _or,
    Comparison: _comparison,
    Membership: _membership,
    Arithmetic: _arithmetic,
    Negation: _negation,
    Concatenation: _concatenation,
    Shift: _shift,
    AtMidnight: _at_midnight,
    Choice: _choice,
    Each: _each,
    Call: _call,
    Union: _union,
    Except: _except,
}
