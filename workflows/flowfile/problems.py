"""What is wrong with a flow file, and where: collected, so that one reading tells all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from workflows.errors import BadFlowFile

MOST_PROBLEMS = 100
"""Reading stops here: a file with more is not a flow file with mistakes, but something else."""

_MOST_CANDIDATES = 200
_LONGEST_CANDIDATE = 80


@dataclass(frozen=True, slots=True)
class FlowFileProblem:
    """One mistake. `line` and `column` count from 1; both are 0 where there is no text."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.line else ""
        return ": ".join(part for part in (place, self.path, self.message) if part)


class FlowFileError(BadFlowFile):
    """A flow file that cannot be read; `problems` are all its mistakes, in file order."""

    def __init__(self, problems: Iterable[FlowFileProblem], *, filename: str = "") -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.column)))
        self.filename = filename
        name = filename or "The flow file"
        count = len(self.problems)
        has = "has an error" if count == 1 else f"has {count} errors"
        if count >= MOST_PROBLEMS:
            has = f"has more than {MOST_PROBLEMS - 1} errors; here are {MOST_PROBLEMS} of them"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(
            f"{name} {has}:{lines}",
            problems=[
                {"line": p.line, "column": p.column, "path": p.path, "message": p.message}
                for p in self.problems
            ],
        )


class Report:
    """Collects problems while a file is read."""

    def __init__(self, filename: str = "") -> None:
        self.filename = filename
        self._problems: list[FlowFileProblem] = []

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, line: int, column: int, path: str, message: str) -> None:
        """Note a problem.

        Raises:
            FlowFileError: there are too many to go on.
        """
        self._problems.append(FlowFileProblem(line, column, path, message))
        if len(self._problems) >= MOST_PROBLEMS:
            raise FlowFileError(self._problems, filename=self.filename)

    def refuse(self, line: int, column: int, message: str) -> NoReturn:
        """Note a problem after which there is nothing left to read.

        Raises:
            FlowFileError: always.
        """
        self.add(line, column, "", message)
        raise FlowFileError(self._problems, filename=self.filename)

    def raise_any(self) -> None:
        """Raise what was collected.

        Raises:
            FlowFileError: there is at least one problem.
        """
        if self._problems:
            raise FlowFileError(self._problems, filename=self.filename)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return what to add to a message: the nearest known word, else a short list, else nothing."""
    # Both bounds keep a hostile file from buying minutes of comparing.
    candidates = [k for k, _ in zip(known, range(_MOST_CANDIDATES), strict=False)]
    if len(word) <= _LONGEST_CANDIDATE:
        close = get_close_matches(word, candidates, n=1, cutoff=0.6)
        if close:
            return f" Did you mean {close[0]!r}?"
    if candidates and len(candidates) <= 12:
        return f" There are: {', '.join(candidates)}."
    return ""
