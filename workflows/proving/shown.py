"""Cases as people read them: few regions in words, each with example data."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.expressions import Expression
from workflows.expressions.ranges import Case, Partition
from workflows.proving import words
from workflows.proving.samples import example_of

MOST_REGIONS = 5
_CASES_TRIED = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """Past the `deadline`, of the monotonic clock, no example is sought."""

    partition: Partition
    guards: tuple[Expression | None, ...]
    schema: Mapping[str, Any]
    deadline: float

    def regions(self, cases: Sequence[Case]) -> list[tuple[str, dict[str, Any] | None]]:
        """Return the cases in words, few together, each with an example or None."""
        told = []
        for region in words.merged(self.partition, [case.cells for case in cases]):
            inside = [case for case in cases if _is_in(case, region)]
            example = self.example_of_one(inside)
            told.append((words.told(self.partition, region, self.schema), example))
        # What is certain is told first.
        return sorted(told, key=lambda found: found[1] is None)[:MOST_REGIONS]

    def example_of_one(self, cases: Sequence[Case]) -> dict[str, Any] | None:
        """Return data of one of the cases."""
        # Neighbours tend to be impossible together, so these are picked from all over.
        for case in cases[:: max(1, len(cases) // _CASES_TRIED)]:
            if time.monotonic() > self.deadline:
                return None
            example = example_of(case, self.partition, self.guards, self.schema)
            if example is not None:
                return example
        return None


def _is_in(case: Case, region: words.Region) -> bool:
    return all(key in case.cells and case.cells[key] in cells for key, cells in region.items())
