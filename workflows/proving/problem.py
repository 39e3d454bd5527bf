"""What stands against publishing a flow, beside the faults of its net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import data as case_data


@dataclass(frozen=True, slots=True)
class PublishProblem:
    """`where` is a path in the flow file, e.g. `transitions.pay.guard`. A warning can be confirmed.

    `example`: typed data of a case that show it, `run`: what such a case fires before; None and
    empty where there is nothing to show.
    """

    where: str
    message: str
    is_warning: bool = False
    example: Mapping[str, Any] | None = None
    run: Sequence[str] = ()

    def as_dict(self) -> dict[str, object]:
        return {
            "path": self.where,
            "message": self.message,
            "is_warning": self.is_warning,
            "example": None if self.example is None else case_data.write(self.example),
            "firing_sequence": list(self.run),
        }
