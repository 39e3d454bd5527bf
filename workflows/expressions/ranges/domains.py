"""What values a field can have at all, as its schema says, and how constants split them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from workflows.expressions.ranges.cells import Cell, CellKind
from workflows.expressions.scope import local_definition
from workflows.expressions.types import Kind, Type

_MAX_ENUM = 200
_MOST_DIGITS = 40
_DAY = Fraction(1)


@dataclass(frozen=True, slots=True)
class Domain:
    """Numbers, or dates counted in days: the bounds and whether they belong to it, of what all are
    multiples, and all there are where they are told one by one."""

    low: Fraction | None = None
    high: Fraction | None = None
    has_low: bool = False
    has_high: bool = False
    step: Fraction | None = None
    allowed: tuple[Fraction, ...] | None = None

    def __contains__(self, value: Fraction) -> bool:
        if self.allowed is not None and value not in self.allowed:
            return False
        if self.low is not None and (value < self.low or (value == self.low and not self.has_low)):
            return False
        if self.high is not None and (
            value > self.high or (value == self.high and not self.has_high)
        ):
            return False
        return self.step is None or value % self.step == 0

    def split(
        self, thresholds: Iterable[Fraction], made: Callable[[Fraction], object]
    ) -> list[Cell]:
        """Return the cells that the thresholds make, lowest first: each threshold is one of its
        own, and so is what lies between two. `made` turns a number into a value of the field."""
        if self.allowed is not None:
            return [_point(v, made(v)) for v in sorted(set(self.allowed)) if v in self]
        # A number that no Decimal can be is never met, but its two sides are told apart.
        inner = sorted({t for t in thresholds if self._is_inside(t)})
        cells: list[Cell] = []
        low, has_low = self.low, self.has_low
        for threshold in inner:
            if low is None or low < threshold:
                cells += self._between(low, threshold, has_low, False, made)
            if threshold in self and _is_decimal(threshold):
                cells.append(_point(threshold, made(threshold)))
            low, has_low = threshold, False
        if low is None or self.high is None or low < self.high or has_low:
            cells += self._between(low, self.high, has_low, self.has_high, made)
        return cells

    def _is_inside(self, value: Fraction) -> bool:
        above = self.low is None or value > self.low or (value == self.low and self.has_low)
        below = self.high is None or value < self.high or (value == self.high and self.has_high)
        return above and below

    def _between(
        self,
        low: Fraction | None,
        high: Fraction | None,
        has_low: bool,
        has_high: bool,
        made: Callable[[Fraction], object],
    ) -> Iterator[Cell]:
        sample = _nice(low, high, has_low, has_high, self.step)
        if sample is not None:
            yield Cell(CellKind.RANGE, made(sample), low, high, has_low, has_high)


def _point(value: Fraction, sample: object) -> Cell:
    return Cell(CellKind.RANGE, sample, value, value, has_low=True, has_high=True)


def _is_decimal(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _nice(
    low: Fraction | None,
    high: Fraction | None,
    has_low: bool,
    has_high: bool,
    step: Fraction | None,
) -> Fraction | None:
    """Return a value between the two with few digits, or None if there is none on the grid."""

    def fits(value: Fraction) -> bool:
        above = low is None or value > low or (has_low and value == low)
        below = high is None or value < high or (has_high and value == high)
        return above and below

    steps = [step] if step is not None else [Fraction(1, 10**n) for n in range(_MOST_DIGITS)]
    for unit in steps:
        if low is None and high is None:
            return Fraction(0)
        if low is not None:
            first = math.floor(low / unit)
            candidates = [first * unit, (first + 1) * unit]
        else:
            last = math.ceil((high or 0) / unit)
            candidates = [last * unit, (last - 1) * unit]
        found = next((c for c in candidates if fits(c)), None)
        if found is not None:
            return found
    if has_low and has_high and low == high:
        return low if low is not None and (step is None or low % step == 0) else None
    return None


def as_decimal(value: Fraction) -> Decimal:
    """Return a number with a finite decimal form as it is, without a digit lost."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    return Decimal((value * 10**digits).numerator).scaleb(-digits)


def as_date(value: Fraction) -> date:
    return date.fromordinal(int(value))


def schema_at(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the schema of a field, {} where it cannot be told."""
    found: object = schema
    for name in path.split("."):
        found = _resolved(schema, found)
        properties = found.get("properties") if isinstance(found, Mapping) else None
        found = properties.get(name) if isinstance(properties, Mapping) else None
    found = _resolved(schema, found)
    return found if isinstance(found, Mapping) else {}


def _resolved(root: object, schema: object) -> object:
    for _ in range(12):
        if not isinstance(schema, Mapping) or "$ref" not in schema:
            break
        schema = local_definition(root, schema["$ref"])
    return schema


def number_domain(type_: Type, schema: Mapping[str, Any]) -> Domain:
    """Return the numbers that type and schema allow; what is not understood allows all."""
    minimum, above = _number(schema, "minimum"), _number(schema, "exclusiveMinimum")
    maximum, below = _number(schema, "maximum"), _number(schema, "exclusiveMaximum")
    low = max((b for b in (minimum, above) if b is not None), default=None)
    high = min((b for b in (maximum, below) if b is not None), default=None)
    step = _number(schema, "multipleOf")
    if step is not None and step <= 0:
        step = None
    if type_.whole and not (step is not None and step.denominator == 1):
        # A whole multiple of p/q in lowest terms is a multiple of p.
        step = Fraction(1) if step is None else Fraction(step.numerator)
    return Domain(
        low=low,
        high=high,
        has_low=low is not None and low != above,
        has_high=high is not None and high != below,
        step=step,
        allowed=_allowed(schema),
    )


def date_domain() -> Domain:
    return Domain(Fraction(date.min.toordinal()), Fraction(date.max.toordinal()), True, True, _DAY)


def length_domain(kind: Kind, schema: Mapping[str, Any]) -> Domain:
    """Return how long a list or text can be."""
    least, most = ("minItems", "maxItems") if kind is Kind.LIST else ("minLength", "maxLength")
    low, high = _number(schema, least) or Fraction(0), _number(schema, most)
    return Domain(low, high, True, high is not None, Fraction(1))


def enum_of(schema: Mapping[str, Any]) -> tuple[object, ...] | None:
    """Return the values of `enum` or `const`, None where there is neither."""
    if "const" in schema:
        return (schema["const"],)
    values = schema.get("enum")
    return tuple(values) if isinstance(values, list) else None


def _allowed(schema: Mapping[str, Any]) -> tuple[Fraction, ...] | None:
    values = enum_of(schema)
    if values is None or len(values) > _MAX_ENUM:
        return None
    return tuple(found for value in values if (found := to_fraction(value)) is not None)


def _number(schema: Mapping[str, Any], keyword: str) -> Fraction | None:
    return to_fraction(schema.get(keyword))


def to_fraction(value: object) -> Fraction | None:
    """Return a number exactly; a float as it is written."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return Fraction(exact) if exact.is_finite() else None
