"""Every combination of cells that guards tell apart, with what each guard says there.

Only what a guard really reads is split: of `urgent or amount > 100` an urgent request is one case,
whatever its amount.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from workflows.directory import Directory, PersonId
from workflows.expressions.errors import EvaluationError
from workflows.expressions.evaluation import Evaluator
from workflows.expressions.people import Context
from workflows.expressions.ranges.cells import Cell, CellKind, is_at
from workflows.expressions.ranges.dimensions import Dimension, Partition
from workflows.expressions.values import Frame

MAX_CASES = 5_000
"""About a second."""
_LOOKS_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Case:
    """Cells that were looked at, and whether each guard holds there: None where it fails."""

    cells: Mapping[str, Cell]
    results: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """`is_complete`: these are all there are; else there were more than could be looked at."""

    found: tuple[Case, ...]
    is_complete: bool


def cases_of(
    partition: Partition, *, at_most: int = MAX_CASES, deadline: float = math.inf
) -> Cases:
    """Return the cases, in the order of the cells; as many as are found before the `deadline`, a
    moment of the monotonic clock."""
    found: list[Case] = []
    pending: list[dict[str, Cell]] = [{}]
    looked_at = 0
    while pending:
        cells = pending.pop()
        looked_at += 1
        is_late = looked_at % _LOOKS_A_TIME == 0 and time.monotonic() > deadline
        if is_late or looked_at > 2 * at_most or len(found) >= at_most:
            return Cases(tuple(found), is_complete=False)
        try:
            results = tuple(_holds(run, cells, partition) for run in partition.evaluators)
        except _Unknown as unknown:
            dimension = _first_to_split(partition, unknown.key, cells)
            pending += [
                {**cells, dimension.key: cell} for cell in reversed(_possible(dimension, cells))
            ]
        else:
            found.append(Case(cells, results))
    return Cases(tuple(found), is_complete=True)


def _holds(run: Evaluator | None, cells: Mapping[str, Cell], partition: Partition) -> bool | None:
    if run is None:
        return True
    try:
        return run(Frame(_Values(cells, partition.dimensions), _NO_CONTEXT)) is True
    except EvaluationError:
        return None


def _first_to_split(partition: Partition, key: str, cells: Mapping[str, Cell]) -> Dimension:
    """Return the dimension; of a part first the fields that may be empty or zero, which decide
    about it."""
    dimension = partition.dimensions[key]
    for name in sorted(dimension.reads):
        field = partition.dimensions.get(name)
        if field is not None and field.type.optional and name not in cells:
            return field
    for path, _ in dimension.zeros:
        if path not in cells and not _is_below_empty(path, cells):
            return partition.dimensions[path]
    return dimension


def _is_below_empty(path: str, cells: Mapping[str, Cell]) -> bool:
    above = path.split(".")[:-1]
    records = [".".join(above[: n + 1]) for n in range(len(above))]
    return any(key in cells and cells[key].kind is CellKind.EMPTY for key in records)


def _possible(dimension: Dimension, cells: Mapping[str, Cell]) -> list[Cell]:
    if not dimension.is_part:
        return list(dimension.cells)
    empty = any(name in cells and cells[name].kind is CellKind.EMPTY for name in dimension.reads)
    fails = empty or any(
        path in cells and is_at(cells[path], value) for path, value in dimension.zeros
    )
    if fails and dimension.fails_on_none:
        return [cell for cell in dimension.cells if cell.kind is CellKind.FAILS]
    if fails or dimension.can_fail:
        return list(dimension.cells)
    return [cell for cell in dimension.cells if cell.kind is not CellKind.FAILS]


class _Unknown(Exception):  # noqa: N818  the way out of an evaluation, not an error
    def __init__(self, key: str) -> None:
        self.key = key


class _Values(Mapping[str, Any]):
    """The case's data as far as its cells are known; reading more raises `_Unknown`."""

    def __init__(
        self, cells: Mapping[str, Cell], dimensions: Mapping[str, Dimension], above: str = ""
    ) -> None:
        self._cells, self._dimensions, self._above = cells, dimensions, above

    def get(self, name: str, default: object = None) -> Any:
        key = self._above + name
        cell = self._cells.get(key)
        if cell is None and key in self._dimensions:
            raise _Unknown(key)
        if cell is not None and cell.kind is not CellKind.PRESENT:
            return cell.sample
        if any(other.startswith(f"{key}.") for other in self._dimensions):
            return _Values(self._cells, self._dimensions, f"{key}.")
        return cell.sample if cell is not None else default

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


# Nothing asks it: what depends on people or the time has become a part of its own.
_NO_CONTEXT = Context(
    requester=PersonId(0),
    at=datetime(2026, 1, 1, tzinfo=UTC),
    business_key="",
    directory=cast("Directory", None),
    completed_by=lambda key: None,
)
