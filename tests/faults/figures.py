"""What a row came to, in the words of docs/reliability.md; one JSON line a run where asked for."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from tests.faults.client import INFO, Operation
from tests.faults.recorder import Call

VARIABLE = "FAULTS_FIGURES"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figures:
    """`unknown`: operations that had a try of which nobody knew; all of them were asked again.
    `open`: those of them of which nobody knows at the end."""

    row: str
    operations: int
    kills: int
    lost: int
    doubled: int
    stuck: int
    unknown: int
    open: int
    attempts: int
    effects: int
    recoveries: list[float]


def figures_of(
    row: str,
    operations: Sequence[Operation],
    calls: Sequence[Call],
    problems: Sequence[str],
    *,
    kills: int,
) -> Figures:
    return Figures(
        row=row,
        operations=len(operations),
        kills=kills,
        lost=sum("has 0 events" in problem for problem in problems),
        doubled=sum(bool(re.search(r"has [2-9]\d* events|^I4", problem)) for problem in problems),
        stuck=sum(problem.startswith("I5") for problem in problems),
        unknown=sum(o.first_unknown_at is not None for o in operations),
        open=sum(o.state == INFO for o in operations),
        attempts=len(calls),
        effects=len({call.key for call in calls}),
        recoveries=[round(s, 3) for o in operations if (s := o.recovery_seconds) is not None],
    )


def row_at_hand() -> str:
    """Return the row that the test at hand carries in its name: `F1`."""
    found = re.search(r"::test_(f\d+)_", os.environ.get("PYTEST_CURRENT_TEST", ""))
    return found.group(1).upper() if found else ""


def keep(figures: Figures) -> None:
    path = os.environ.get(VARIABLE)
    if path and figures.row:
        with Path(path).open("a") as file:
            file.write(json.dumps(asdict(figures)) + "\n")


def how_many(few: T, many: T) -> T:
    """Return how often, or with what, a row does what it does: `few` in CI, `many` where
    FAULTS_LONG is set."""
    return many if os.environ.get("FAULTS_LONG") else few


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which so many of the values lie; `values` may not be empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
