"""What a step must have come to when nothing fires by itself any more."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.compiled import CompiledTransition
from workflows.errors import CaseWouldStrand

from .step import Step


def left_behind(step: Step) -> str:
    """Return why a case that has reached its end has failed, or nothing."""
    end = step.flow.end
    left = {place: n for place, n in step.marking.items() if place != end}
    if left or step.marking[end] != 1:
        return f"The case reached its end with tokens left behind: {left}."
    return ""


def refuse_to_strand(step: Step) -> None:
    """Raise CaseWouldStrand where nothing that people wait for is open.

    An optional task does not count where a decision holds tokens that no branch accepts.
    """
    tasks, open_tasks = step.flow.tasks, step.open_tasks
    if any(not tasks[key].definition.is_optional for key in open_tasks):
        return
    waiting = step.waiting_decisions()
    if waiting or not open_tasks:
        raise _stranded(step, waiting)


def _stranded(step: Step, waiting: Sequence[tuple[CompiledTransition, ...]]) -> CaseWouldStrand:
    branches = "; ".join(
        f"{t.title!r} wants {t.guard.source}" for d in waiting for t in d if t.guard is not None
    )
    told = branches or "no transition is enabled"
    return CaseWouldStrand(
        f"The case could not go on from here: {told}. "
        "An administrator can add a default branch to the flow.",
        marking=step.marking.as_dict(),
        branches=[t.key for d in waiting for t in d],
    )
