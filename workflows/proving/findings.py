"""What is found out about the guards of one choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflows import data as case_data


class FindingKind(StrEnum):
    GAP = "gap"
    """No branch holds and there is no default: whoever comes here stays."""
    FAILS = "fails"
    """A guard cannot be worked out: the step is refused although another branch would hold."""
    OVERLAP = "overlap"
    """Several branches hold; the order decides."""
    NEVER_TAKEN = "never_taken"
    UNDECIDED = "undecided"
    """The guards tell more cases apart than can be looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` is a path in the flow file. `values` are the data in words: "Amount is exactly 10".

    `example`: typed data of a case, for which the flow's own guards have been seen to do this; None
    where none was found (`is_certain` is then false) or none is needed (never taken).
    `is_warning`: to be confirmed before the flow is published.
    """

    kind: FindingKind
    where: str
    transitions: tuple[str, ...]
    message: str
    values: str = ""
    example: Mapping[str, Any] | None = None
    is_certain: bool = True
    is_warning: bool = True

    def as_dict(self) -> dict[str, object]:
        return {
            "kind": self.kind.value,
            "path": self.where,
            "transitions": list(self.transitions),
            "message": self.message,
            "values": self.values,
            "example": None if self.example is None else case_data.write(self.example),
            "is_certain": self.is_certain,
            "is_warning": self.is_warning,
        }
