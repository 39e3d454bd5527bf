"""Cases in the admin: where each stands, what it holds, what happened, and the interventions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from workflows import drawings, history
from workflows.models import Case, FlowVersion, Job, WorkItem
from workflows.visibility import hidden_fields, without

from .base import ModelAdmin, ReadOnlyAdmin, json_block, moment, person_shown, state_badge
from .case_filters import AttentionFilter, FlowFilter
from .forms import pretty_json
from .interventions import CaseViews
from .operating import OperateViews, operations_on, operations_on_item

MOST_EVENTS_SHOWN = 200
MOST_EVENTS_CHECKED = 5_000


@admin.register(Case)
class CaseAdmin(OperateViews, CaseViews, ReadOnlyAdmin, ModelAdmin[Case]):
    change_form_template = "admin/workflows/case/change_form.html"
    list_display = (
        "name",
        "flow",
        "state_shown",
        "asked_by",
        "open_items",
        "started_shown",
        "changed_shown",
    )
    list_filter = ("state", FlowFilter, AttentionFilter, "started_at")
    search_fields = (
        "business_key",
        "requester__username",
        "requester__first_name",
        "requester__last_name",
    )
    search_help_text = _("Business key, or the name of the requester")
    fields = ()
    list_select_related = ("version__flow", "requester")
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rights = ("view_case", "view_all_cases", "intervene_case")
        return any(request.user.has_perm(f"workflows.{right}") for right in rights)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        cases = Case.objects.visible_to(request.user).order_by("-pk")
        items = WorkItem.objects.filter(case=OuterRef("pk")).open().order_by().values("case")
        counted = items.annotate(n=Count("pk")).values("n")
        return cases.annotate(open_count=Coalesce(Subquery(counted), 0)).defer(
            *(f"version__{name}" for name in FlowVersion.LARGE)
        )

    @admin.display(description=_("case"), ordering="business_key")
    def name(self, case: Case) -> str:
        return str(case)

    @admin.display(description=_("flow"), ordering="version__flow__title")
    def flow(self, case: Case) -> str:
        return str(case.version)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, case: Case) -> SafeString:
        return state_badge(case)

    @admin.display(description=_("requester"), ordering="requester__username")
    def asked_by(self, case: Case) -> str:
        return person_shown(case.requester)

    @admin.display(description=_("open work items"), ordering="open_count")
    def open_items(self, case: Case) -> int:
        return int(getattr(case, "open_count", 0))

    @admin.display(description=_("started"), ordering="started_at")
    def started_shown(self, case: Case) -> str:
        return moment(case.started_at)

    @admin.display(description=_("changed"), ordering="changed_at")
    def changed_shown(self, case: Case) -> str:
        return moment(case.changed_at)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Case | None = None,
    ) -> HttpResponse:
        if obj is not None:
            case = Case.objects.select_related("version__flow", "requester").get(pk=obj.pk)
            context |= {"title": str(case), "subtitle": None, **case_page(case, request)}
            context["case_actions"] = self.actions_on(request, case)
            if self.may_operate(request, case):
                context["case_actions"] += operations_on(case)
        return super().render_change_form(request, context, add, change, form_url, obj)


def case_page(case: Case, request: HttpRequest) -> dict[str, Any]:
    """Return what the page of a case shows; the number of statements does not grow with it."""
    hidden = hidden_fields(case, request.user)
    items = WorkItem.objects.filter(case=case).for_list().prefetch_related("candidates__user")
    return {
        "case": case,
        "state_badge": state_badge(case),
        "requester": person_shown(case.requester),
        # The drawing escapes every title itself; see workflows.net.drawing.
        "drawing": mark_safe(drawings.draw_case(case)),  # noqa: S308
        "drawing_in_words": drawings.describe_case(case),
        "data": [(name, _shown(value)) for name, value in without(case.data, hidden).items()],
        "items": [item_row(item, request) for item in items.order_by("-pk")[:MOST_EVENTS_SHOWN]],
        "jobs": [job_row(job) for job in _jobs(case)],
        "events": event_rows(case, hidden),
        "more_events": max(0, case.history_length - MOST_EVENTS_SHOWN),
        "history": history_check(case),
    }


def _shown(value: Any) -> Any:
    return json_block(value) if isinstance(value, dict | list) else value


def _jobs(case: Case) -> QuerySet[Job]:
    return Job.objects.filter(case=case).select_related("work_item__task").order_by("-pk")[:50]


def item_row(item: WorkItem, request: HttpRequest) -> dict[str, Any]:
    offered = [str(candidate) for candidate in item.candidates.all()]
    may_operate = request.user.has_perm("workflows.intervene_case")
    is_own = item.case.requester_id == request.user.pk
    return {
        "item": item,
        "actions": operations_on_item(item) if may_operate and not is_own else [],
        "state": state_badge(item),
        "with": person_shown(item.claimed_by) if item.claimed_by else ", ".join(offered),
        "ended_by": person_shown(item.completed_by) if item.completed_by else "",
        "opened": moment(item.opened_at),
        "due": moment(item.due_at),
        "closed": moment(item.closed_at),
        "can_transfer": may_operate
        and item.is_open
        and item.case.is_running
        and item.task.kind == "human",
    }


def job_row(job: Job) -> dict[str, Any]:
    return {"job": job, "state": state_badge(job), "due": moment(job.due_at)}


def event_rows(case: Case, hidden: frozenset[str]) -> list[dict[str, Any]]:
    """Return the latest events, the newest first."""
    events = case.history.for_history().order_by("-sequence")
    return [
        {
            "event": event,
            "at": moment(event.at),
            "actor": person_shown(event.actor) if event.actor else "",
            "task": event.work_item.task if event.work_item else "",
            "payload": pretty_json(payload_shown(event.payload, hidden)),
        }
        for event in events[:MOST_EVENTS_SHOWN]
    ]


def payload_shown(payload: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """Return what an event says, less the fields of the data that the reader must not see."""
    return {
        name: without(value, hidden) if isinstance(value, dict) else value
        for name, value in payload.items()
        if name != "fingerprint"
    }


def history_check(case: Case) -> dict[str, Any]:
    """Return whether the events' chain and replay hold; a very long history is for the command."""
    if case.history_length > MOST_EVENTS_CHECKED:
        return {"is_checked": False, "problems": []}
    return {"is_checked": True, "problems": history.verify_case(case)}
