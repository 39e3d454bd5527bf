"""A cell: values of one field that no guard tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final


class Failing:
    """The value of a part that cannot be worked out: reading it is an `EvaluationError`."""

    def __repr__(self) -> str:
        return "FAILS"


FAILS: Final = Failing()


class CellKind(StrEnum):
    RANGE = "range"
    """Numbers or dates from `low` to `high`; one value where both are the same."""
    VALUE = "value"
    """This value: a text, true or false."""
    OTHER = "other"
    """Any text that no other cell has; `sample` is one of them."""
    EMPTY = "empty"
    PRESENT = "present"
    """Not empty; no guard asks for more."""
    FAILS = "fails"


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """`sample` stands for all of it. `low` and `high` are None where there is no bound; `has_low`
    and `has_high` say whether the bound itself belongs to it."""

    kind: CellKind
    sample: object
    low: Fraction | None = None
    high: Fraction | None = None
    has_low: bool = False
    has_high: bool = False

    @property
    def is_point(self) -> bool:
        return self.kind is CellKind.VALUE or (self.low is not None and self.low == self.high)


def is_at(cell: Cell, value: Fraction) -> bool:
    """Say whether the cell is this one number."""
    return cell.low is not None and cell.low == cell.high == value


EMPTY: Final = Cell(CellKind.EMPTY, None)
FAILING: Final = Cell(CellKind.FAILS, FAILS)
