"""What an outcome needs before the step, and what a caller gets after the commit."""

from __future__ import annotations

from contextlib import suppress

from workflows.compiled import CompiledTask, CompiledTransition
from workflows.errors import CaseFailed, GoflowError, OutcomeNotEnabled
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
        EvaluationRefused: its guard cannot be worked out on this data.
    """
    wanted = task.outcomes.get(outcome)
    if wanted is not None and step.allows(wanted):
        return wanted
    possible = list(possible_transitions(step, task))
    told = ", ".join(possible) or "none"
    raise OutcomeNotEnabled(
        f"{task.title!r} cannot end with {outcome!r} now. Possible: {told}.",
        outcome=outcome,
        possible=possible,
    )


def possible_transitions(step: Step, task: CompiledTask) -> dict[str, CompiledTransition]:
    """Return the outcomes that are possible now, each with its transition, in the flow's order.

    A guard that cannot be worked out fails closed, and leaves the other outcomes as they are.
    """
    found = {}
    for outcome, transition in task.outcomes.items():
        with suppress(GoflowError):
            if step.allows(transition):
                found[outcome] = transition
    return found
