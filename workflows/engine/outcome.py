"""What a caller gets after the commit."""

from __future__ import annotations

from workflows.errors import CaseFailed
from workflows.models import Case, CaseState


def raise_if_failed(case: Case) -> Case:
    """Return the case; raise CaseFailed where the step, which is committed, has put it to
    failed."""
    if case.state == CaseState.FAILED:
        raise CaseFailed(
            f"{case} has failed: {case.failure} An administrator has to look at the flow.",
            case=case.pk,
        )
    return case
