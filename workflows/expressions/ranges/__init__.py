"""Which values guards tell apart: the fields' values in cells, one sample of each.

Guards that compare fields with constants hold on all of a cell or on nothing of it, so that looking
at one value of each decides about all values there are. See docs/soundness.md.
"""

from workflows.expressions.ranges.cells import FAILS, Cell, CellKind, is_at
from workflows.expressions.ranges.dimensions import Dimension, Partition
from workflows.expressions.ranges.domains import Domain
from workflows.expressions.ranges.enumeration import MAX_CASES, Case, Cases, cases_of

__all__ = [
    "FAILS",
    "MAX_CASES",
    "Case",
    "Cases",
    "Cell",
    "CellKind",
    "Dimension",
    "Domain",
    "Partition",
    "cases_of",
    "is_at",
]
