"""What the portal does inside the engine's transactions: requests follow their cases, and people
are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from approvals import drafts, notifications
from approvals.kinds import RequestKind, kind_for
from approvals.models import Request, RequestState
from workflows.history import NewEvent
from workflows.listeners import CaseListener
from workflows.models import Candidate, Case, CaseState, Job, WorkItem


class RequestListener(CaseListener):
    """Every case has a request: the draft that it was started from, or a new one.

    A request says what its case says: where a case is started or its data changed by another door
    than the portal's forms, the typed rows follow, and data that contradicts itself takes the step
    back.
    """

    def case_started(self, case: Case, values: Mapping[str, object]) -> None:
        kind = _kind_of(case)
        request = _draft_of(case) or drafts.new_request(
            by=case.requester, flow=case.version.flow, prefix=kind.prefix
        )
        kind.apply(request, values)
        request.submit(case=case, at=case.started_at)
        request.save(update_fields=["case", "state", "submitted_at", "changed_at"])
        if not case.business_key:
            case.business_key = request.number
            Case.objects.filter(pk=case.pk).update(business_key=request.number)

    def data_given(self, case: Case, values: Mapping[str, object]) -> None:
        request = Request.objects.filter(case=case).first()
        if request is not None:
            _kind_of(case).apply(request, values)

    def case_ended(self, case: Case, values: Mapping[str, object]) -> None:
        request = Request.objects.filter(case=case, state=RequestState.RUNNING).first()
        if request is None:
            return
        _end(request, case, values)
        request.save(update_fields=["state", "decided_at", "changed_at"])


class NoticeListener(CaseListener):
    """Has people told: of a step by a job of the step, which a worker runs behind it."""

    def case_stepped(
        self,
        case: Case,
        *,
        at: datetime,
        opened: Sequence[tuple[WorkItem, Sequence[Candidate]]],
        closed: Sequence[WorkItem],
        lines: Sequence[NewEvent],
    ) -> Sequence[Job]:
        items = [*(item for item, _ in opened), *closed]
        return notifications.jobs_of_step(case, at=at, items=items, lines=lines)

    def item_reminded(self, case: Case, item: WorkItem, *, occasion: str) -> None:
        notifications.tell_of_reminder(case, item, occasion=occasion)

    def job_given_up(self, job: Job) -> None:
        notifications.tell_of_incident(job)


def _kind_of(case: Case) -> RequestKind:
    return kind_for(case.version.flow.key, case.version.data_schema)


def _draft_of(case: Case) -> Request | None:
    """Return the requester's own draft whose number is the case's business key."""
    if not case.business_key:
        return None
    drafts_of_requester = Request.objects.editable_by(case.requester)
    return (
        drafts_of_requester.select_for_update()
        .filter(number=case.business_key, flow=case.version.flow_id)
        .first()
    )


def _end(request: Request, case: Case, values: Mapping[str, object]) -> None:
    decision = values.get("decision")
    at = case.ended_at or timezone.now()
    if case.state == CaseState.CANCELLED:
        request.cancel(at=at)
    elif decision == "approved":
        request.approve(at=at)
    elif decision == "rejected":
        request.reject(at=at)
    elif decision == "withdrawn":
        request.withdraw(at=at)
    else:
        request.close(at=at)
