"""Rows of lists. Each builder costs a fixed number of statements for any number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from approvals import formatting
from approvals.display.facts import Facts, hidden_in
from approvals.display.people import PersonView, person_view
from approvals.display.status import DueView, StatusView, due_view, status_of
from approvals.display.waiting import people_for
from approvals.models import ExpenseLine, Request
from approvals.outcomes import APPROVING, REJECTING, traits_of
from approvals.querysets import RequestQuerySet
from approvals.summary import KeyField
from workflows.models import Candidate, FlowVersion, Transition, WorkItem
from workflows.querysets import WorkItemQuerySet


@dataclass(frozen=True, slots=True)
class WorkItemRow:
    """One work item. Addresses are empty where the viewer cannot do that."""

    id: int
    url: str
    number: str
    title: str
    icon: str
    task_title: str
    requester: PersonView
    key_fields: list[KeyField]
    age_text: str
    opened_at: datetime
    due: DueView | None
    is_claimed: bool
    claimed_by: PersonView | None
    is_group: bool
    approve_url: str
    reject_url: str
    claim_url: str
    outcome_text: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestRow:
    number: str
    url: str
    title: str
    icon: str
    key_fields: list[KeyField]
    status: StatusView
    waiting_on: str
    submitted_at: datetime | None
    edit_url: str


def work_item_rows(
    items: WorkItemQuerySet | Sequence[WorkItem], *, viewer: User, now: datetime | None = None
) -> list[WorkItemRow]:
    """Return the rows of a (sliced) queryset of work items, or of items that were read with
    `with_what_rows_show`, as `viewer` sees them."""
    at = now or timezone.now()
    facts = Facts()
    loaded = with_what_rows_show(items) if isinstance(items, WorkItemQuerySet) else items
    return [_work_item_row(item, facts, viewer=viewer, now=at) for item in loaded]


def with_what_rows_show(items: WorkItemQuerySet) -> WorkItemQuerySet:
    """Let all be read that a row shows, in a fixed number of statements."""
    return (
        items.select_related(
            "task",
            "claimed_by__employee__department",
            "completed_by",
            "case__requester__employee__department",
            "case__version__flow",
            "case__request",
        )
        .defer(
            # Each row would bring them again, and decode them.
            *(f"case__version__{name}" for name in FlowVersion.LARGE),
            "case__marking",
            "case__request__data",
            "task__options",
            "task__seats",
        )
        .prefetch_related(
            Prefetch("candidates", Candidate.objects.exclude(group=None)),
            Prefetch("task__transitions", Transition.objects.exclude(outcome="")),
        )
    )


def _work_item_row(item: WorkItem, facts: Facts, *, viewer: User, now: datetime) -> WorkItemRow:
    case = item.case
    flow, kept = case.version.flow, facts.flow(case.version_id)
    kind = facts.kind(flow.key, case.version_id)
    hidden = hidden_in(item.task) if case.requester_id != viewer.pk else frozenset()
    is_mine_to_do = item.is_open and item.claimed_by_id in (None, viewer.pk)
    is_group = bool(item.candidates.all())
    number = _number(item)
    outcomes = [t.outcome for t in item.task.transitions.all()] if is_mine_to_do else []
    return WorkItemRow(
        id=item.pk,
        url=reverse("request", args=[number]),
        number=number,
        title=case.version.title or str(flow),
        icon=kind.icon,
        task_title=str(item.task),
        requester=person_view(case.requester),
        key_fields=facts.key_fields(kind, kept.schema, kept.read(case.data), hidden=hidden),
        age_text=formatting.age(item.closed_at or item.opened_at, now=now),
        opened_at=item.opened_at,
        due=due_view(item.due_at, now=now) if item.is_open else None,
        is_claimed=item.claimed_by_id is not None and item.is_open,
        claimed_by=person_view(item.claimed_by) if item.claimed_by else None,
        is_group=is_group,
        approve_url=_outcome_url(item, outcomes, APPROVING),
        reject_url=_outcome_url(item, outcomes, REJECTING),
        claim_url=_claim_url(item)
        if is_group and item.claimed_by_id is None and item.is_open
        else "",
        outcome_text=_outcome_text(item),
        closed_at=item.closed_at,
    )


def _number(item: WorkItem) -> str:
    request = getattr(item.case, "request", None)
    return request.number if request else str(item.case)


def _outcome_url(item: WorkItem, outcomes: list[str], wanted: frozenset[str]) -> str:
    outcome = next((outcome for outcome in outcomes if outcome in wanted), None)
    return reverse("work_item_outcome", args=[item.pk, outcome]) if outcome else ""


def _claim_url(item: WorkItem) -> str:
    return reverse("work_item_claim", args=[item.pk])


def _outcome_text(item: WorkItem) -> str:
    if not item.outcome:
        return ""
    titles = {t.outcome: t.title for t in item.task.transitions.all()}
    return str(traits_of(item.outcome).told or titles.get(item.outcome) or item.outcome)


def request_rows(requests: RequestQuerySet, *, viewer: User) -> list[RequestRow]:
    """Return the rows of a (sliced) queryset of the requests of `viewer`."""
    facts = Facts()
    lines = Prefetch("expense__lines", ExpenseLine.objects.select_related("category"))
    loaded = list(
        requests.select_related(
            "flow", "requester", "case__version", "leave__leave_type", "expense"
        )
        .defer(*(f"case__version__{name}" for name in (*FlowVersion.LARGE, "data_schema")))
        .prefetch_related(lines)
    )
    drafts = [request for request in loaded if request.case_id is None]
    versions = _published_versions(drafts)
    people = people_for(request.case_id for request in loaded if request.case_id is not None)
    return [
        RequestRow(
            number=request.number,
            url=request.get_absolute_url(),
            title=_title(request, versions),
            icon=_icon(request, versions, facts),
            key_fields=_key_fields(request, versions, facts),
            status=status_of(request),
            waiting_on=people.waiting_on(request.case_id) if request.case_id else "",
            submitted_at=request.submitted_at,
            edit_url=_edit_url(request, viewer),
        )
        for request in loaded
    ]


def _edit_url(request: Request, viewer: User) -> str:
    is_editable = request.is_draft and request.requester_id == viewer.pk
    return reverse("request_edit", args=[request.number]) if is_editable else ""


def _published_versions(drafts: Iterable[Request]) -> dict[int, FlowVersion]:
    flow_ids = {request.flow_id for request in drafts}
    if not flow_ids:
        return {}
    found = FlowVersion.objects.published().filter(flow__in=flow_ids)
    return {version.flow_id: version for version in found}


def _version(request: Request, versions: dict[int, FlowVersion]) -> FlowVersion | None:
    return request.case.version if request.case else versions.get(request.flow_id)


def _title(request: Request, versions: dict[int, FlowVersion]) -> str:
    version = _version(request, versions)
    return (version.title if version else "") or str(request.flow)


def _icon(request: Request, versions: dict[int, FlowVersion], facts: Facts) -> str:
    version = _version(request, versions)
    return facts.kind(request.flow.key, version.pk).icon if version else "file-text"


def _key_fields(request: Request, versions: dict[int, FlowVersion], facts: Facts) -> list[KeyField]:
    version = _version(request, versions)
    if version is None:
        return []
    kept = facts.flow(version.pk)
    kind = facts.kind(request.flow.key, version.pk)
    values = kept.read(request.case.data) if request.case else kind.case_data(request)
    return facts.key_fields(kind, kept.schema, values)
