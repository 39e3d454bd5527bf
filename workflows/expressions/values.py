"""Values while an expression runs: how they are loaded and compared, and their bounds."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.expressions.durations import Duration
from workflows.expressions.errors import EvaluationError
from workflows.expressions.people import Candidates, Context, Person
from workflows.expressions.types import Kind, described

MAX_STEPS = 50_000
"""About 40 ms. A step is a part of the expression, an element of a list, or 128 characters."""

MAX_TEXT = 64_000
MAX_DIGITS = 34
MAX_EXPONENT = 6_144

NUMBERS = decimal.Context(
    prec=MAX_DIGITS,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-MAX_EXPONENT + 1,
    Emax=MAX_EXPONENT,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""Decimal arithmetic as in IEEE 754 decimal128: whatever is added, it stays small."""

_EXACT = NUMBERS.copy()
_EXACT.traps[decimal.Inexact] = True
# 34 digits hold every whole number below this many bits.
_MAX_BITS = 112


class Frame:
    """One evaluation: data, context, the element of the list at hand, and what it may cost."""

    __slots__ = ("context", "item", "steps_left", "values")

    def __init__(self, values: Mapping[str, object], context: Context) -> None:
        self.values = values
        self.context = context
        self.item: object = None
        self.steps_left = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Count `steps`.

        Raises:
            EvaluationError: the evaluation has cost more than `MAX_STEPS`.
        """
        self.steps_left -= steps
        if self.steps_left < 0:
            raise EvaluationError(
                "This takes too long on this data: the lists or texts are too long."
            )


def number(value: Decimal | int | float) -> Decimal:
    """Return an exact, bounded number.

    Raises:
        EvaluationError: it is not finite, or has more than 34 digits.
    """
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise EvaluationError(f"A number has too many digits; at most {MAX_DIGITS} are possible.")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise EvaluationError("A number is infinite or undefined.")
    try:
        return _EXACT.plus(exact)
    except decimal.DecimalException:
        message = f"A number has too many digits; at most {MAX_DIGITS} are possible."
        raise EvaluationError(message) from None


def load(frame: Frame, value: object) -> object:
    """Return a value of the case's data as the evaluator wants it; long texts count as steps.

    Raises:
        EvaluationError: it is of no kind that the language has.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if len(value) > 128:
            frame.spend(len(value) >> 7)
        return value
    if isinstance(value, (Decimal, int, float)):
        return number(value)
    if isinstance(value, datetime):
        if value.tzinfo is None or value.utcoffset() is None:
            raise EvaluationError("A date with a time has no time zone.")
        return value
    if isinstance(value, (date, list, Duration, Person, Candidates)):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return value
    raise EvaluationError(
        f"A value of type {type(value).__name__} cannot be used in an expression."
    )


def kind_of(value: object) -> Kind:
    """Return the kind of a loaded value."""
    exact = _KINDS.get(type(value))
    if exact is not None:
        return exact
    return next((kind for type_, kind in _BASES if isinstance(value, type_)), Kind.ANY)


_KINDS: dict[type[Any], Kind] = {
    Decimal: Kind.NUMBER,
    str: Kind.TEXT,
    bool: Kind.BOOLEAN,
    datetime: Kind.DATETIME,
    date: Kind.DATE,
    list: Kind.LIST,
    dict: Kind.RECORD,
    Duration: Kind.DURATION,
    Person: Kind.PERSON,
    Candidates: Kind.PEOPLE,
    type(None): Kind.NONE,
}
_BASES: tuple[tuple[type[Any], Kind], ...] = (
    (Decimal, Kind.NUMBER),
    (str, Kind.TEXT),
    (datetime, Kind.DATETIME),
    (date, Kind.DATE),
    (list, Kind.LIST),
    (Mapping, Kind.RECORD),
)


def demand(value: object, kinds: frozenset[Kind], what: str) -> None:
    """Refuse a loaded value that is none, or of none of the `kinds`.

    Raises:
        EvaluationError: with a message that names `what`.
    """
    kind = kind_of(value)
    if kind in kinds:
        return
    if kind is Kind.NONE:
        raise EvaluationError(f"{what} is empty here.")
    wanted = " or ".join(sorted(described(kind) for kind in kinds - {Kind.NONE}))
    raise EvaluationError(f"{what} is {described(kind)} here, but must be {wanted}.")


def same(frame: Frame, one: object, other: object) -> bool:
    """Say whether two loaded values are equal: of one kind, and the same throughout."""
    pairs = [(one, other)]
    while pairs:
        left, right = (load(frame, value) for value in pairs.pop())
        kind = kind_of(left)
        if kind is not kind_of(right):
            return False
        if isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            frame.spend(3 * len(left) + 3)
            pairs.extend(zip(left, right, strict=True))
        elif isinstance(left, Mapping) and isinstance(right, Mapping):
            if left.keys() != right.keys():
                return False
            frame.spend(3 * len(left) + 3)
            pairs.extend((left[key], right[key]) for key in left)
        elif left != right:
            return False
    return True


def joined(frame: Frame, one: str, other: str) -> str:
    """Return two texts as one, unless it would be too long."""
    bounded_length(frame, len(one) + len(other))
    return one + other


def bounded_length(frame: Frame, length: int) -> None:
    """Refuse to build a text of more than `MAX_TEXT` characters."""
    if length > MAX_TEXT:
        raise EvaluationError(f"The text would be longer than {MAX_TEXT:,} characters.")
    frame.spend(length >> 7)


def whole_number(value: Decimal, what: str, low: int, high: int) -> int:
    """Return the number as an int.

    Raises:
        EvaluationError: it has decimals, or lies outside `low` to `high`.
    """
    if not low <= value <= high:
        raise EvaluationError(f"{what} must lie between {low} and {high}.")
    if value != int(value):
        raise EvaluationError(f"{what} must be a whole number.")
    return int(value)


def floor_divide(one: Decimal, other: Decimal) -> Decimal:
    quotient = NUMBERS.divide_int(one, other)
    rest = NUMBERS.remainder(one, other)
    return NUMBERS.subtract(quotient, Decimal(1)) if _rounds_down(rest, other) else quotient


def remainder(one: Decimal, other: Decimal) -> Decimal:
    rest = NUMBERS.remainder(one, other)
    return NUMBERS.add(rest, other) if _rounds_down(rest, other) else rest


def _rounds_down(rest: Decimal, divisor: Decimal) -> bool:
    return bool(rest) and rest.is_signed() != divisor.is_signed()


def check_result(frame: Frame, result: object) -> object:
    """Return the result of an evaluation, unless it is larger than its parts together may be.

    A list may hold the same long list many times over; written out it would not be small.
    """
    if not isinstance(result, (list, Mapping)):
        return result
    pending: list[object] = [result]
    size = 0
    while pending:
        value = load(frame, pending.pop())
        if isinstance(value, str):
            size += len(value)
        elif isinstance(value, (list, Mapping)):
            below: Iterable[object] = value if isinstance(value, list) else value.values()
            frame.spend(2 * len(value) + 1)
            size += len(value)
            pending.extend(below)
        if size > MAX_TEXT:
            raise EvaluationError("The result is too large.")
    return result
