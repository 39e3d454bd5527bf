"""Requests and their files."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from approvals.formatting import file_size
from approvals.models import Attachment, Request
from workflows.admin.base import (
    ModelAdmin,
    ReadOnlyAdmin,
    StackedInline,
    json_block,
    moment,
    person_shown,
    state_badge,
)
from workflows.models import Case


class AttachmentInline(ReadOnlyAdmin, StackedInline[Attachment, Request]):
    model = Attachment
    fields = ("download", "content_type", "size", "uploaded_by", "uploaded")
    readonly_fields = fields
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        return super().get_queryset(request).select_related("uploaded_by", "request")

    @admin.display(description=_("file"))
    def download(self, attachment: Attachment) -> SafeString:
        return download_link(attachment)

    @admin.display(description=_("size"))
    def size(self, attachment: Attachment) -> str:
        return file_size(attachment.size_bytes)

    @admin.display(description=_("uploaded"))
    def uploaded(self, attachment: Attachment) -> str:
        return moment(attachment.at)


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin, ModelAdmin[Request]):
    """Requests change through their cases; here they are looked at, by who may see their case."""

    actions = None
    list_display = ("number", "flow", "state_shown", "asked_by", "created", "submitted", "decided")
    list_filter = ("state", "flow", "created_at")
    list_select_related = ("flow", "requester")
    search_fields = (
        "number",
        "requester__username",
        "requester__first_name",
        "requester__last_name",
    )
    fields = (
        "number",
        "flow",
        "state_shown",
        "asked_by",
        "case_shown",
        "content",
        "created",
        "submitted",
        "decided",
    )
    readonly_fields = fields
    inlines = (AttachmentInline,)
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_requests(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Request]:
        requests = Request.objects.visible_to(request.user).order_by("-pk")
        return requests.select_related("flow", "requester", "case")

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, found: Request) -> SafeString:
        return state_badge(found)

    @admin.display(description=_("requester"), ordering="requester__username")
    def asked_by(self, found: Request) -> str:
        return person_shown(found.requester)

    @admin.display(description=_("case"))
    def case_shown(self, found: Request) -> SafeString | str:
        return case_link(found.case) if found.case else "–"

    @admin.display(description=_("what was asked for"))
    def content(self, found: Request) -> SafeString | str:
        if hasattr(found, "leave"):
            return format_html("{}<br>{}", found.leave, found.leave.reason)
        if hasattr(found, "expense"):
            rows = found.expense.lines.select_related("category")
            lines = format_html_join(
                "", "<li>{} · {}</li>", ((line, line.description) for line in rows)
            )
            claim = found.expense
            return format_html("{} ({})<ul>{}</ul>", claim, claim.currency, lines)
        return json_block(found.data)

    @admin.display(description=_("created"), ordering="created_at")
    def created(self, found: Request) -> str:
        return moment(found.created_at)

    @admin.display(description=_("submitted"), ordering="submitted_at")
    def submitted(self, found: Request) -> str:
        return moment(found.submitted_at)

    @admin.display(description=_("decided"), ordering="decided_at")
    def decided(self, found: Request) -> str:
        return moment(found.decided_at)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin, ModelAdmin[Attachment]):
    actions = None
    list_display = ("name", "request", "content_type", "size", "uploaded_by", "uploaded")
    list_filter = ("content_type", "at")
    list_select_related = ("request", "uploaded_by")
    search_fields = ("name", "request__number")
    fields = ("download", "request", "content_type", "size", "sha256", "uploaded_by", "uploaded")
    readonly_fields = fields
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_requests(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        seen = Request.objects.visible_to(request.user).values("pk")
        return super().get_queryset(request).filter(request__in=seen)

    @admin.display(description=_("file"))
    def download(self, attachment: Attachment) -> SafeString:
        return download_link(attachment)

    @admin.display(description=_("size"), ordering="size_bytes")
    def size(self, attachment: Attachment) -> str:
        return file_size(attachment.size_bytes)

    @admin.display(description=_("uploaded"), ordering="at")
    def uploaded(self, attachment: Attachment) -> str:
        return moment(attachment.at)


def sees_requests(request: HttpRequest) -> bool:
    rights = ("approvals.view_request", "workflows.view_all_cases")
    return any(request.user.has_perm(right) for right in rights)


def case_link(case: Case) -> SafeString:
    url = reverse("admin:workflows_case_change", args=[case.pk])
    return format_html('<a href="{}">{}</a>', url, case)


def download_link(attachment: Attachment) -> SafeString:
    """Return the link to the file by the portal, which asks again who may read it."""
    return format_html('<a href="{}">{}</a>', attachment.get_absolute_url(), attachment.name)
