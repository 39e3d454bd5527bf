"""What the functions on numbers, texts, lists and dates do. Arguments are loaded and checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import cast

from workflows.expressions.errors import EvaluationError
from workflows.expressions.people import Candidates
from workflows.expressions.types import ORDERED, Kind, described
from workflows.expressions.values import (
    NUMBERS,
    Frame,
    bounded_length,
    demand,
    kind_of,
    load,
    whole_number,
)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAX_CALENDAR_DAYS = 36_525
_STEPS_A_YEAR = 20


def length(frame: Frame, value: object) -> Decimal:
    if isinstance(value, Candidates):
        return Decimal(len(value.present(frame.context.directory)))
    return Decimal(len(value)) if isinstance(value, (str, list)) else Decimal(0)


def total(frame: Frame, values: list[object]) -> Decimal:
    result = Decimal(0)
    for value in _loaded(frame, values, frozenset({Kind.NUMBER})):
        result = NUMBERS.add(result, cast(Decimal, value))
    return result


def smallest(frame: Frame, *values: object) -> object:
    return _extreme(frame, values, "min", lambda value, best: value < best)


def largest(frame: Frame, *values: object) -> object:
    return _extreme(frame, values, "max", lambda value, best: value > best)


def any_true(frame: Frame, values: list[object]) -> bool:
    return any(_loaded(frame, values, frozenset({Kind.BOOLEAN})))


def all_true(frame: Frame, values: list[object]) -> bool:
    return all(_loaded(frame, values, frozenset({Kind.BOOLEAN})))


def rounded(frame: Frame, value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    """Round half away from zero, as money is rounded."""
    digits = whole_number(places, "The number of places", -20, 20)
    try:
        return value.quantize(Decimal((0, (1,), -digits)), rounding=ROUND_HALF_UP, context=NUMBERS)
    except DecimalException:
        raise EvaluationError("The number has too many digits to be rounded so.") from None


def absolute(frame: Frame, value: Decimal) -> Decimal:
    return NUMBERS.abs(value)


def lower(frame: Frame, text: str) -> str:
    # Some letters become up to three when their case changes.
    bounded_length(frame, len(text) * 3)
    return text.lower()


def upper(frame: Frame, text: str) -> str:
    bounded_length(frame, len(text) * 3)
    return text.upper()


def starts_with(frame: Frame, text: str, start: str) -> bool:
    return text.startswith(start)


def make_date(
    frame: Frame, value: object, month: Decimal | None = None, day: Decimal | None = None
) -> date:
    if isinstance(value, datetime):
        try:
            return value.astimezone(frame.context.now.tzinfo).date()
        except OverflowError:
            raise EvaluationError("The date lies outside the years 1 to 9999.") from None
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str):
            return date_from_text(value)
        if isinstance(value, Decimal) and month is not None and day is not None:
            return date(
                whole_number(value, "The year", 1, 9999),
                whole_number(month, "The month", 1, 12),
                whole_number(day, "The day", 1, 31),
            )
    except ValueError as error:
        raise EvaluationError(str(error).capitalize()) from None
    raise EvaluationError('Write date(year, month, day), or date("2026-12-31").')


def date_from_text(text: str) -> date:
    """Return the date of `2026-12-31`.

    Raises:
        ValueError: it is not such a date; the message is for people.
    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    raise ValueError(f'"{shown}" is not a date; write it as "2026-12-31".')


def days_between(frame: Frame, start: date, end: date) -> Decimal:
    return Decimal((end - start).days)


def working_days_between(frame: Frame, start: date, end: date) -> Decimal:
    """Count the working days from `start` to `end`, both included; negative if `end` is first."""
    if end < start:
        return -working_days_between(frame, end, start)
    calendar = frame.context.calendar
    if calendar.country:
        # The holidays of each year are looked up.
        if (end - start).days > _MAX_CALENDAR_DAYS:
            raise EvaluationError("The dates lie more than 100 years apart.")
        frame.spend(_STEPS_A_YEAR * (end.year - start.year + 1))
    return Decimal(calendar.working_days(start, end))


def exists(frame: Frame, value: object) -> bool:
    return value is not None


def _extreme(
    frame: Frame, values: tuple[object, ...], name: str, is_better: Callable[..., bool]
) -> object:
    listed = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
    elements = _loaded(frame, listed, ORDERED)
    if not elements:
        raise EvaluationError(f"{name} of an empty list: there is no such value.")
    best = elements[0]
    for element in elements[1:]:
        if kind_of(element) is not kind_of(best):
            one, other = described(kind_of(best)), described(kind_of(element))
            raise EvaluationError(f"{name} of values of different kinds: {one} and {other}.")
        if is_better(element, best):
            best = element
    return best


def _loaded(frame: Frame, values: list[object], kinds: frozenset[Kind]) -> list[object]:
    """Return the elements of a list, each loaded and of one of the kinds."""
    frame.spend(len(values))
    elements = [load(frame, value) for value in values]
    for element in elements:
        demand(element, kinds, "An element of the list")
    return elements
