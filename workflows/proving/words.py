"""Cells in the portal's words: "Amount is over 10 and up to 1,000"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from workflows.expressions import Kind
from workflows.expressions.ranges import Cell, CellKind, Dimension, Partition, is_at
from workflows.expressions.ranges.domains import as_date, as_decimal, schema_at
from workflows.expressions.tree import Comparison

Region = Mapping[str, tuple[Cell, ...]]
"""Of each dimension the cells that belong to it; one that is left out may be anything."""

_MOST_MERGED = 400
_ANYTHING = "anything"
_SIGNS = {-1: "<", 0: "==", 1: ">"}


def merged(partition: Partition, found: Sequence[Mapping[str, Cell]]) -> list[Region]:
    """Return the cases as few regions: neighbours that differ in one dimension become one."""
    regions: list[dict[str, tuple[Cell, ...]]] = [
        {key: (cell,) for key, cell in cells.items()} for cells in found[:_MOST_MERGED]
    ]
    for key, dimension in partition.dimensions.items():
        order = {cell: place for place, cell in enumerate(dimension.cells)}
        groups: dict[object, list[dict[str, tuple[Cell, ...]]]] = {}
        for region in regions:
            rest = frozenset((k, cells) for k, cells in region.items() if k != key)
            groups.setdefault((key in region, rest), []).append(region)
        regions = [joined for group in groups.values() for joined in _joined(key, group, order)]
    return list(regions)


def _joined(
    key: str, group: list[dict[str, tuple[Cell, ...]]], order: Mapping[Cell, int]
) -> list[dict[str, tuple[Cell, ...]]]:
    if key not in group[0]:
        return group[:1]
    cells = {cell for region in group for cell in region[key]}
    rest = {k: found for k, found in group[0].items() if k != key}
    if len(cells) == len(order):
        return [rest]
    return [{**group[0], key: tuple(sorted(cells, key=lambda cell: order[cell]))}]


def told(partition: Partition, region: Region, schema: Mapping[str, Any]) -> str:
    """Return the region as a clause; "" where it is everything."""
    parts = []
    for key, cells in region.items():
        dimension = partition.dimensions[key]
        if _follows_from_fields(dimension, cells, region):
            continue
        if dimension.is_order:
            parts.append(_order(dimension, cells))
        elif dimension.is_part and dimension.type.kind is Kind.BOOLEAN and len(cells) == 1:
            parts.append(_condition(dimension, cells[0]))
        elif any(other.startswith(f"{key}.") for other in region) and not _is_empty(cells):
            continue
        else:
            name = dimension.source if dimension.is_part else title_of(schema, key)
            values = _values(dimension, cells)
            if values != _ANYTHING:
                parts.append(f"{name} is {values}")
    return " and ".join(parts)


def _follows_from_fields(dimension: Dimension, cells: Sequence[Cell], region: Region) -> bool:
    """Say whether a part fails because a field is empty, or zero where the part divides by it."""
    if not all(cell.kind is CellKind.FAILS for cell in cells):
        return False
    if any(_is_empty(region[name]) for name in dimension.reads if name in region):
        return True
    return any(
        is_at(cell, value) for path, value in dimension.zeros for cell in region.get(path, ())
    )


def title_of(schema: Mapping[str, Any], path: str) -> str:
    title = schema_at(schema, path).get("title")
    return title if isinstance(title, str) and title else path


def _is_empty(cells: Sequence[Cell]) -> bool:
    return any(cell.kind is CellKind.EMPTY for cell in cells)


def _order(dimension: Dimension, cells: Sequence[Cell]) -> str:
    left, _, right = dimension.source.partition(" compared with ")
    signs = [cell.sample for cell in cells if cell.kind is CellKind.VALUE]
    parts = [f"{left} {_SIGNS[int(str(sign))]} {right}" for sign in signs]
    if len(signs) < len(cells):
        parts.append(f"{dimension.source} cannot be worked out")
    return " or ".join(parts)


def _condition(dimension: Dimension, cell: Cell) -> str:
    if cell.kind is CellKind.FAILS:
        return f"{dimension.source} cannot be worked out"
    if isinstance(dimension.node, Comparison) or cell.sample:
        return dimension.source if cell.sample else f"not ({dimension.source})"
    return f"not {dimension.source}"


def _values(dimension: Dimension, cells: Sequence[Cell]) -> str:
    ranges: list[str] = []
    parts: list[str] = []
    run: list[Cell] = []
    for cell in cells:
        if cell.kind is CellKind.RANGE:
            if run and not _touch(run[-1], cell):
                ranges.append(_range(dimension, run))
                run = []
            run.append(cell)
        else:
            parts.append(_one(dimension, cell))
    if run:
        ranges.append(_range(dimension, run))
    return " or ".join([*ranges, *parts])


def _touch(one: Cell, other: Cell) -> bool:
    return one.high is not None and one.high == other.low and (one.has_high or other.has_low)


def _range(dimension: Dimension, run: Sequence[Cell]) -> str:
    first, last = run[0], run[-1]
    low, high = _bound(dimension, first.low), _bound(dimension, last.high)
    if low and low == high:
        return f"exactly {low}"
    is_date = dimension.type.kind is Kind.DATE
    over, under = ("after", "before") if is_date else ("over", "under")
    parts = []
    if low:
        parts.append(f"{'from' if first.has_low else over} {low}")
    if high:
        parts.append(f"{'up to' if last.has_high else under} {high}")
    return " and ".join(parts) or _ANYTHING


def _bound(dimension: Dimension, value: Fraction | None) -> str:
    if value is None:
        return ""
    if dimension.type.kind is Kind.DATE:
        day = as_date(value)
        return "" if day in (date.min, date.max) else day.isoformat()
    return number_told(value)


def number_told(value: Fraction) -> str:
    try:
        exact = as_decimal(value) if _is_short(value) else None
    except ValueError:
        exact = None
    return f"about {float(value):,.6g}" if exact is None else f"{exact:,f}"


def _is_short(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _one(dimension: Dimension, cell: Cell) -> str:
    if cell.kind is CellKind.EMPTY:
        return "empty"
    if cell.kind is CellKind.PRESENT:
        return "filled in"
    if cell.kind is CellKind.FAILS:
        return "not to be worked out"
    if isinstance(cell.sample, bool):
        return "yes" if cell.sample else "no"
    if cell.kind is CellKind.OTHER:
        named = sorted(dimension.texts)
        if dimension.type.values:
            rest = [v for v in dimension.type.values if v not in dimension.texts]
            return " or ".join(repr(value) for value in rest[:3]) + (" …" if rest[3:] else "")
        return "none of " + ", ".join(repr(value) for value in named) if named else "any text"
    return repr(cell.sample)
