"""Evaluators of what calculates: numbers, texts put together, dates moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Final

from workflows.expressions import values
from workflows.expressions.durations import Duration
from workflows.expressions.errors import EvaluationError
from workflows.expressions.evaluation.building import (
    Evaluator,
    builds,
    located,
    strict_evaluator,
)
from workflows.expressions.tree import (
    Arithmetic,
    AtMidnight,
    Concatenation,
    Negation,
    Operator,
    Shift,
    path,
)
from workflows.expressions.types import Kind
from workflows.expressions.values import NUMBERS, Frame

_OPERATIONS: Final[Mapping[Operator, Callable[[Decimal, Decimal], Decimal]]] = {
    Operator.ADD: NUMBERS.add,
    Operator.SUBTRACT: NUMBERS.subtract,
    Operator.MULTIPLY: NUMBERS.multiply,
    Operator.DIVIDE: NUMBERS.divide,
    Operator.FLOOR_DIVIDE: values.floor_divide,
    Operator.REMAINDER: values.remainder,
}
_DIVISIONS: Final = frozenset({Operator.DIVIDE, Operator.FLOOR_DIVIDE, Operator.REMAINDER})
_NUMBER: Final = frozenset({Kind.NUMBER})
_TEXT: Final = frozenset({Kind.TEXT})
_WORKING_HOUR: Final = timedelta(hours=1)
_MOMENTS: Final = frozenset({Kind.DATE, Kind.DATETIME})


@builds(Arithmetic)
def _arithmetic(node: Arithmetic) -> Evaluator:
    side = f'A side of "{node.operator}"'
    left = strict_evaluator(node.left, _NUMBER, path(node.left) or side)
    right = strict_evaluator(node.right, _NUMBER, path(node.right) or side)
    calculate, divides = _OPERATIONS[node.operator], node.operator in _DIVISIONS

    def run(frame: Frame) -> Decimal:
        one, other = left(frame), right(frame)
        try:
            return calculate(one, other)
        except DecimalException:
            by_zero = divides and not other
            message = "Division by zero." if by_zero else "The result has too many digits."
            raise EvaluationError(message).located(node.offset, node.end) from None

    return run


@builds(Negation)
def _negation(node: Negation) -> Evaluator:
    operand = strict_evaluator(node.operand, _NUMBER)
    return lambda frame: NUMBERS.minus(operand(frame))


@builds(Concatenation)
def _concatenation(node: Concatenation) -> Evaluator:
    left, right = strict_evaluator(node.left, _TEXT), strict_evaluator(node.right, _TEXT)
    return located(node, lambda frame: values.joined(frame, left(frame), right(frame)))


@builds(Shift)
def _shift(node: Shift) -> Evaluator:
    moment = strict_evaluator(node.moment, _MOMENTS)
    duration = strict_evaluator(node.duration, frozenset({Kind.DURATION}))
    sign = node.sign
    return located(node, lambda frame: _shifted(frame, moment(frame), duration(frame), sign))


def _shifted(frame: Frame, start: date, length: Duration, sign: int) -> date:
    frame.spend(length.working_days + length.working_time // _WORKING_HOUR)
    if not isinstance(start, datetime):
        if not length.is_whole_days:
            raise EvaluationError("A date has no time of day: the duration must be whole days.")
        return frame.context.calendar.shift_date(start, length, sign)
    calendar = frame.context.calendar
    return calendar.after(start, length) if sign > 0 else calendar.before(start, length)


@builds(AtMidnight)
def _at_midnight(node: AtMidnight) -> Evaluator:
    day = strict_evaluator(node.day, frozenset({Kind.DATE, Kind.NONE}))

    def midnight(frame: Frame) -> datetime | None:
        found = day(frame)
        if found is None:
            return None
        try:
            return frame.context.calendar.first_moment(found, time.min)
        except OverflowError:
            raise EvaluationError("The date lies outside the years 1 to 9999.") from None

    return located(node, midnight)
