"""What an outcome needs before the step, and what a caller gets after the commit."""

from __future__ import annotations

from workflows.compiled import CompiledTask, CompiledTransition
from workflows.errors import CaseFailed, OutcomeNotEnabled
from workflows.models import Case, CaseState

from .step import Step


def raise_if_failed(case: Case) -> Case:
    """Return the case; raise CaseFailed where the step, which is committed, has put it to
    failed."""
    if case.state == CaseState.FAILED:
        raise CaseFailed(
            f"{case} has failed: {case.failure} An administrator has to look at the flow.",
            case=case.pk,
        )
    return case


def enabled_outcome(step: Step, task: CompiledTask, outcome: str) -> CompiledTransition:
    """Return the transition behind an outcome.

    Raises:
        OutcomeNotEnabled: the net or its guard does not allow it now; names what they allow.
    """
    enabled = {name: t for name, t in task.outcomes.items() if step.allows(t)}
    if outcome not in enabled:
        possible = ", ".join(enabled) or "none"
        raise OutcomeNotEnabled(
            f"{task.title!r} cannot end with {outcome!r} now. Possible: {possible}.",
            outcome=outcome,
            possible=list(enabled),
        )
    return enabled[outcome]
