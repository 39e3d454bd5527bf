"""Work items and events in the admin: to look at. What happens to them, the engine does."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from workflows.models import Case, Event, WorkItem

from .base import ModelAdmin, ReadOnlyAdmin, json_block, moment, person_shown, state_badge
from .transfer import TransferView


def case_link(case: Case) -> SafeString:
    url = reverse("admin:workflows_case_change", args=[case.pk])
    return format_html('<a href="{}">{}</a>', url, case)


def sees_cases(request: HttpRequest) -> bool:
    rights = ("view_case", "view_all_cases", "intervene_case")
    return any(request.user.has_perm(f"workflows.{right}") for right in rights)


@admin.register(WorkItem)
class WorkItemAdmin(TransferView, ReadOnlyAdmin, ModelAdmin[WorkItem]):
    actions = None
    change_form_template = "admin/workflows/workitem/change_form.html"
    list_display = (
        "name",
        "case_shown",
        "state_shown",
        "held_by",
        "opened_shown",
        "due_shown",
        "outcome",
    )
    list_filter = ("state", "opened_at")
    search_fields = ("case__business_key", "task__key", "task__title")
    fields = (
        "name",
        "case_shown",
        "state_shown",
        "held_by",
        "ended_by",
        "outcome",
        "opened_shown",
        "due_shown",
        "closed_shown",
    )
    readonly_fields = fields
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_cases(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkItem]:
        return WorkItem.objects.visible_to(request.user).for_list().order_by("-pk")

    @admin.display(description=_("task"), ordering="task__title")
    def name(self, item: WorkItem) -> str:
        return str(item.task)

    @admin.display(description=_("case"), ordering="case__business_key")
    def case_shown(self, item: WorkItem) -> SafeString:
        return case_link(item.case)

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, item: WorkItem) -> SafeString:
        return state_badge(item)

    @admin.display(description=_("claimed by"))
    def held_by(self, item: WorkItem) -> str:
        return person_shown(item.claimed_by) if item.claimed_by else "–"

    @admin.display(description=_("ended by"))
    def ended_by(self, item: WorkItem) -> str:
        return person_shown(item.completed_by) if item.completed_by else "–"

    @admin.display(description=_("opened"), ordering="opened_at")
    def opened_shown(self, item: WorkItem) -> str:
        return moment(item.opened_at)

    @admin.display(description=_("due"), ordering="due_at")
    def due_shown(self, item: WorkItem) -> str:
        return moment(item.due_at)

    @admin.display(description=_("closed"), ordering="closed_at")
    def closed_shown(self, item: WorkItem) -> str:
        return moment(item.closed_at)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin, ModelAdmin[Event]):
    """Only those who may see every case: an event tells data that a task's form may hide."""

    actions = None
    list_display = ("number", "case_shown", "kind", "transition", "who", "at_shown")
    list_filter = ("kind", "at")
    search_fields = ("case__business_key",)
    fields = (
        "number",
        "case_shown",
        "kind",
        "at_shown",
        "who",
        "transition",
        "payload_shown",
        "previous_hash",
        "hash",
    )
    readonly_fields = fields
    list_per_page = 100
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("workflows.view_all_cases")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        events = super().get_queryset(request).select_related("case", "actor")
        return events.order_by("-case", "-sequence")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "case__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description=_("number"), ordering="sequence")
    def number(self, event: Event) -> str:
        return f"{event.case_id}/{event.sequence}"

    @admin.display(description=_("case"))
    def case_shown(self, event: Event) -> SafeString:
        return case_link(event.case)

    @admin.display(description=_("by"))
    def who(self, event: Event) -> str:
        return person_shown(event.actor) if event.actor else "Goflow"

    @admin.display(description=_("at"), ordering="at")
    def at_shown(self, event: Event) -> str:
        return moment(event.at)

    @admin.display(description=_("payload"))
    def payload_shown(self, event: Event) -> str:
        return json_block(event.payload)
