"""Checks that a proof runs beside its own, handed in by who asks for the proof.

What a check needs to know that is not in the flow (people, handlers) is bound into it by its maker,
so that a proof needs neither a database nor a directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from workflows.definition import FlowDefinition

from .problem import PublishProblem


class CheckResult(Protocol):
    """What a check has found: `problems` stand against publishing, `as_dict()` is all of it."""

    @property
    def problems(self) -> Sequence[PublishProblem]: ...

    def as_dict(self) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True)
class Check:
    """`key` names it in the JSON of a proof. `run` gets the flow and about how many seconds it may
    take; it is only asked about flows whose file, schema and expressions are in order."""

    key: str
    run: Callable[[FlowDefinition, float], CheckResult]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that a run shows: what a case fires from its beginning until it is there.

    `marking`: how many tokens lie in each place then. `example`: typed data that the case began
    with, None where the net alone goes wrong, whatever the data.
    """

    kind: str
    message: str
    firing_sequence: tuple[str, ...]
    marking: Mapping[str, int]
    example: Mapping[str, object] | None = None


Teller = Callable[[FlowDefinition, Fault], Mapping[str, object] | None]
"""Tells a fault as a story, as JSON; None where there is none to tell."""
