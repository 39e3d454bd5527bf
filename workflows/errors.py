"""Every refusal of the engine: a stable `code`, an HTTP status, a message that names the way out.

`goflow_site.errors` is the one place that turns them into pages and problem details.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar


class GoflowError(Exception):
    """Root of all refusals. `facts` are JSON-able extras for the answer (who, when, which
    fields)."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 409
    title: ClassVar[str] = "This cannot be done"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, Any] = facts


class NotFound(GoflowError):
    """It does not exist, or the caller may not know that it does: the answer is the same."""

    code = "not_found"
    http_status = 404
    title = "Not found"


class UnknownFlow(NotFound):
    code = "unknown_flow"
    title = "No such flow"

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no published flow with the key {key!r}.", flow=key)


class NotAllowed(GoflowError):
    """The caller sees the thing but lacks the right to act on it."""

    code = "not_allowed"
    http_status = 403
    title = "Not allowed"


class OwnRequest(NotAllowed):
    code = "own_request"
    title = "Nobody decides on their own request"


class InvalidData(GoflowError):
    """Data that the flow's schema refuses; `problems` is a list of `{path, message}`."""

    code = "invalid_data"
    http_status = 422
    title = "Some fields need your attention"

    def __init__(self, problems: Sequence[Mapping[str, str]], message: str = "") -> None:
        text = message or "; ".join(problem["message"] for problem in problems)
        super().__init__(text, problems=[dict(problem) for problem in problems])


class Conflict(GoflowError):
    """The state has moved on, or never allowed this."""

    code = "conflict"
    title = "This has changed in the meantime"


class WorkItemClosed(Conflict):
    """Somebody else, or something else, has already ended this work item."""

    code = "work_item_closed"
    title = "Somebody was faster"

    def __init__(
        self,
        message: str,
        *,
        state: str,
        by: str = "",
        at: datetime | None = None,
        outcome: str = "",
    ) -> None:
        super().__init__(
            message,
            state=state,
            completed_by=by or None,
            completed_at=at.isoformat() if at else None,
            outcome=outcome or None,
        )


class WorkItemClaimed(Conflict):
    """Another person has claimed the work item."""

    code = "work_item_claimed"
    title = "Somebody else has taken this on"


class OutcomeNotEnabled(Conflict):
    code = "outcome_not_enabled"
    title = "This outcome is not possible now"


class StalePage(Conflict):
    code = "stale"
    title = "This page was out of date"


class CaseNotRunning(Conflict):
    code = "case_not_running"
    title = "This case is not running"


class CaseFailed(Conflict):
    """The case was put to `failed`, which is saved: an administrator has to look at it."""

    code = "case_failed"
    title = "The case has failed"


class NobodyCanAct(Conflict):
    """A task would open for nobody; the step is refused so that the case cannot get stuck."""

    code = "nobody_can_act"
    title = "Nobody could do the next task"


class CyclicManagerChain(Conflict):
    code = "cyclic_manager_chain"
    title = "The line of managers runs in a circle"


class CaseWouldStrand(Conflict):
    """No branch accepts the data and nothing else is open; the step is refused."""

    code = "case_would_strand"
    title = "No branch fits"


class TokensGone(Conflict):
    """An operator wants to take tokens that are not there (any more)."""

    code = "tokens_gone"
    title = "The tokens are not there"


class CannotEndProperly(Conflict):
    """After an intervention the case could not end properly; `foresight` shows the run to it."""

    code = "cannot_end_properly"
    title = "The case could not end properly"


class EvaluationRefused(Conflict):
    """An expression of the flow failed on this case's data; guards fail closed."""

    code = "evaluation_refused"
    title = "A rule of this flow could not be evaluated"


class IdempotencyKeyReused(GoflowError):
    code = "idempotency_key_reused"
    http_status = 422
    title = "This idempotency key was used for something else"


class NotPublishable(Conflict):
    """A draft that cannot be published; `verdict` and `problems` say why."""

    code = "not_publishable"
    title = "This version cannot be published"


class DraftHasChanged(Conflict):
    """Somebody has edited the draft since it was proved."""

    code = "draft_has_changed"


class VersionIsPublished(Conflict):
    code = "version_is_published"
    title = "A published version never changes"


class BadFlowFile(GoflowError):
    code = "bad_flow_file"
    http_status = 422
    title = "The flow file has errors"
