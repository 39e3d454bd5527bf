"""Data that a schema accepts, to show a finding by an example."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from workflows import data as case_data
from workflows.calendars import WorkingCalendar
from workflows.directory import Directory, PersonId
from workflows.expressions import Context, EvaluationError, Expression
from workflows.expressions.ranges import Case, Cell, CellKind, Partition
from workflows.expressions.ranges.domains import as_decimal, schema_at, to_fraction
from workflows.expressions.scope import local_definition

_MOST_TRIED = 150
_AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
_TEXTS = ("text", "A", "AB", "ABC", "ABCD", "1", "12", "123", "1234", "12345", "A1", "a@b.example")


class AsksPeopleError(Exception):
    """A guard asks who somebody is, which no data can tell."""


class _NoDirectory:
    def calendar(self, person: PersonId | None) -> WorkingCalendar:
        return WorkingCalendar()

    def __getattr__(self, name: str) -> Any:
        raise AsksPeopleError(name)


def _nobody(key: str) -> PersonId | None:
    raise AsksPeopleError(key)


CONTEXT = Context(
    requester=PersonId(1),
    at=_AT,
    business_key="",
    directory=cast("Directory", _NoDirectory()),
    completed_by=_nobody,
)


def results_on(
    guards: tuple[Expression | None, ...], values: Mapping[str, Any]
) -> tuple[bool | None, ...]:
    """Return whether each guard holds on the data; None where it fails.

    Raises:
        AsksPeopleError: one of them depends on people.
    """
    return tuple(_result(guard, values) for guard in guards)


def _result(guard: Expression | None, values: Mapping[str, Any]) -> bool | None:
    if guard is None:
        return True
    try:
        return guard.evaluate(values, context=CONTEXT) is True
    except EvaluationError:
        return None


def example_of(
    case: Case,
    partition: Partition,
    guards: tuple[Expression | None, ...],
    schema: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Return data of this case that the schema accepts and the guards answer as told, or None."""
    fixed = {
        key: cell
        for key, cell in case.cells.items()
        if not partition.dimensions[key].is_part and cell.kind is not CellKind.PRESENT
    }
    free = sorted(
        {
            name
            for key in case.cells
            for name in partition.dimensions[key].reads
            if name not in fixed and not any(other.startswith(f"{name}.") for other in fixed)
        }
    )
    wanted = [key for key, cell in case.cells.items() if cell.kind is CellKind.PRESENT]
    hints = [cell.sample for key, cell in case.cells.items() if partition.dimensions[key].is_part]
    parts = [partition.dimensions[key] for key in case.cells if partition.dimensions[key].is_part]
    read = {name for part in parts for name in part.reads}
    # A part of a guard may ask for another value of a range than the one that stands for it.
    ranges = [path for path in fixed if path.split(".")[0] in read]
    choices = [_candidates(schema, name, hints) for name in free]
    choices += [_within(fixed[path], hints) for path in ranges]
    base = base_data(schema, wanted=wanted)
    for chosen in itertools.islice(itertools.product(*choices), _MOST_TRIED):
        values = dict(base)
        for path, cell in fixed.items():
            _put(schema, values, path, cell.sample)
        values.update(zip(free, chosen, strict=False))
        for path, value in zip(ranges, chosen[len(free) :], strict=True):
            _put(schema, values, path, value)
        values = case_data.read(schema, values)
        try:
            if results_on(guards, values) == case.results and not case_data.check(schema, values):
                return values
        except AsksPeopleError:
            return None
    return None


def base_data(schema: Mapping[str, Any], *, wanted: list[str] | None = None) -> dict[str, Any]:
    """Return a value for each required field, and for each that is `wanted`."""
    properties = schema.get("properties")
    required = schema.get("required")
    names = [n for n in required if isinstance(n, str)] if isinstance(required, list) else []
    if not isinstance(properties, Mapping):
        return {}
    values = {name: sample(schema, properties.get(name)) for name in names}
    for path in wanted or []:
        if "." not in path and path not in values:
            values[path] = sample(schema, properties.get(path))
    return values


def _put(schema: Mapping[str, Any], values: dict[str, Any], path: str, value: object) -> None:
    *above, last = path.split(".")
    record = values
    for name in above:
        below = record.get(name)
        record[name] = record = dict(below) if isinstance(below, Mapping) else {}
    if value is None:
        record.pop(last, None)
        types = schema_at(schema, path).get("type")
        if isinstance(types, list) and "null" in types:
            record[last] = None
    else:
        record[last] = value


def sample(root: Mapping[str, Any], part: object) -> Any:
    """Return a value that this part of the schema accepts; None where none was found."""
    for _ in range(12):
        if isinstance(part, Mapping) and "$ref" in part:
            part = local_definition(root, part["$ref"])
    if not isinstance(part, Mapping):
        return "text"
    alone = {
        "type": "object",
        "properties": {"x": part},
        "$defs": root.get("$defs", {}),
        "definitions": root.get("definitions", {}),
    }
    for value in _possible(root, part):
        if not case_data.check(alone, {"x": value}):
            return value
    return None


def _possible(root: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[Any]:
    yield from (part[key] for key in ("const", "default") if key in part)
    for key in ("examples", "enum"):
        if isinstance(part.get(key), list):
            yield from part[key]
    declared = part.get("type")
    kinds = declared if isinstance(declared, list) else [declared]
    if "number" in kinds or "integer" in kinds or part.get("x-type") == "decimal":
        yield from _numbers(part)
    if "string" in kinds:
        yield from ("2026-01-15", "2026-01-15T09:00:00+00:00") if "format" in part else ()
        least = part.get("minLength")
        for text in _TEXTS:
            yield text.ljust(least if isinstance(least, int) else 0, "x")
    if "boolean" in kinds:
        yield False
    if "array" in kinds:
        least = part.get("minItems")
        yield [
            sample(root, part.get("items")) for _ in range(least if isinstance(least, int) else 0)
        ]
    if "object" in kinds or "properties" in part:
        yield base_data({**root, "properties": {}, "required": [], **part})
    yield from ("text", Decimal(1))


def _numbers(part: Mapping[str, Any]) -> Iterator[Decimal]:
    bounds = [to_fraction(part.get(k)) for k in ("minimum", "exclusiveMinimum", "multipleOf")]
    bounds += [to_fraction(part.get(k)) for k in ("maximum", "exclusiveMaximum")]
    yield from (Decimal(1), Decimal(0))
    for bound in bounds:
        if bound is not None:
            yield from (as_decimal(bound + step) for step in (0, 1, -1))


def _candidates(schema: Mapping[str, Any], name: str, hints: list[object]) -> list[Any]:
    """Return values to try for a field of which a part of a guard makes something."""
    part = schema_at(schema, name)
    first = sample(schema, part)
    numbers = [hint for hint in hints if isinstance(hint, Decimal)]
    found: list[Any] = [first]
    if isinstance(first, list):
        item = part.get("items")
        for number in (*numbers, Decimal(0)):
            found.append([_with_number(sample(schema, item), number)])
            if 0 <= number <= 50 and number == int(number):
                found.append([sample(schema, item) for _ in range(int(number))])
    elif isinstance(case_data.read(schema, {name: first})[name], date):
        days = [_AT.date() + timedelta(days=n) for n in (0, -1, 1, 10)]
        found = [*days, *(_AT.date() + timedelta(days=int(n)) for n in numbers if abs(n) < 9_999)]
    elif isinstance(first, str):
        texts = [hint for hint in hints if isinstance(hint, str)]
        found += [
            *texts,
            *(t.upper() for t in texts),
            *("x" * int(n) for n in numbers if 0 <= n < 999),
        ]
    elif isinstance(first, (int, float, Decimal)) and not isinstance(first, bool):
        found += [*numbers, *(Decimal(n) for n in (1, 0, 2, 3, 10, 100, -1))]
    elif isinstance(first, bool):
        found = [False, True]
    return found


def _within(cell: Cell, hints: list[object]) -> list[object]:
    """Return values of a cell to try, first the one that stands for it."""
    found = [cell.sample]
    if isinstance(cell.sample, Decimal) and not cell.is_point:
        numbers = [hint for hint in hints if isinstance(hint, Decimal)]
        numbers += [Decimal(n) for n in (1, 2, 3, 10, 100, 1000, -1, -10, -100)]
        found += [n for n in dict.fromkeys(numbers) if n != cell.sample and _lies_in(n, cell)]
    return found


def _lies_in(number: Decimal, cell: Cell) -> bool:
    value = Fraction(number)
    above = cell.low is None or value > cell.low or (value == cell.low and cell.has_low)
    below = cell.high is None or value < cell.high or (value == cell.high and cell.has_high)
    return above and below


def _with_number(item: object, number: Decimal) -> object:
    if isinstance(item, Mapping):
        is_number = {
            k: isinstance(v, (int, Decimal)) and not isinstance(v, bool) for k, v in item.items()
        }
        return {k: number if is_number[k] else v for k, v in item.items()}
    return number if isinstance(item, (int, Decimal)) else item
