"""Jobs and workers in the admin: what must still happen outside, how late it is, who does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.clock import DatabaseNow
from workflows.jobs.sweep import BEAT_SECONDS
from workflows.models import Job, JobState, WorkerBeat
from workflows.visibility import hidden_fields

from .base import ModelAdmin, ReadOnlyAdmin, badge, json_block, moment, state_badge
from .mending import MendViews
from .work import case_link

OPERATING = ("view_all_cases", "intervene_case")
MISSED_BEATS = 3
"""A worker that was not heard of for so many beats is taken for dead."""


def operates(request: HttpRequest) -> bool:
    return any(request.user.has_perm(f"workflows.{right}") for right in OPERATING)


@admin.register(Job)
class JobAdmin(MendViews, ReadOnlyAdmin, ModelAdmin[Job]):
    change_form_template = "admin/workflows/job/change_form.html"
    list_display = (
        "name",
        "kind",
        "state_shown",
        "case_shown",
        "queue",
        "tries",
        "lateness",
        "error_shown",
    )
    list_filter = ("state", "kind", "topic", "queue")
    search_fields = ("handler", "topic", "key", "leased_by", "case__business_key")
    search_help_text = _("Handler, topic, key, worker, or the business key of the case")
    fields = (
        "name",
        "kind",
        "state_shown",
        "case_shown",
        "task_shown",
        "queue",
        "tries",
        "created_shown",
        "due_shown",
        "lateness",
        "leased_by",
        "leased_shown",
        "last_error",
        "key",
        "inputs_shown",
        "outcome",
        "result_shown",
    )
    readonly_fields = fields
    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return operates(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        jobs = Job.objects.visible_to(request.user).annotate(now=DatabaseNow())
        return jobs.select_related("case", "work_item__task").order_by("-pk")

    def get_fields(self, request: HttpRequest, obj: Job | None = None) -> Any:
        """Leave out what is made of data, where some of it is hidden from who asks."""
        hides = obj is not None and obj.case is not None and hidden_fields(obj.case, request.user)
        left_out = {"inputs_shown", "result_shown"} if hides else set()
        return [name for name in self.fields if name not in left_out]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Job | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context["job_actions"] = self.actions_on(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("handler or topic"), ordering="handler")
    def name(self, job: Job) -> str:
        return str(job)

    @admin.display(description=_("case"), ordering="case")
    def case_shown(self, job: Job) -> SafeString | str:
        return case_link(job.case) if job.case else "–"

    @admin.display(description=_("task"))
    def task_shown(self, job: Job) -> str:
        return str(job.work_item.task) if job.work_item else "–"

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, job: Job) -> SafeString:
        return state_badge(job)

    @admin.display(description=_("attempts"), ordering="attempts")
    def tries(self, job: Job) -> str:
        return gettext("%(done)s of %(most)s") % {"done": job.attempts, "most": job.max_attempts}

    @admin.display(description=_("late by"), ordering="due_at")
    def lateness(self, job: Job) -> str:
        """Return for how long a job has been due that nobody has taken."""
        now: datetime | None = getattr(job, "now", None)
        if job.state != JobState.DUE or now is None or job.due_at > now:
            return "–"
        return timesince(job.due_at, now, depth=1)

    @admin.display(description=_("last error"))
    def error_shown(self, job: Job) -> str:
        text = job.last_error
        return f"{text[:119]}…" if len(text) > 120 else text or "–"

    @admin.display(description=_("created"), ordering="created_at")
    def created_shown(self, job: Job) -> str:
        return moment(job.created_at)

    @admin.display(description=_("due"), ordering="due_at")
    def due_shown(self, job: Job) -> str:
        return moment(job.due_at)

    @admin.display(description=_("leased until"))
    def leased_shown(self, job: Job) -> str:
        return moment(job.leased_until)

    @admin.display(description=_("inputs"))
    def inputs_shown(self, job: Job) -> str:
        return json_block(job.payload)

    @admin.display(description=_("result"))
    def result_shown(self, job: Job) -> str:
        return json_block(job.result)


@admin.register(WorkerBeat)
class WorkerAdmin(ReadOnlyAdmin, ModelAdmin[WorkerBeat]):
    """Who is there to do the jobs."""

    actions = None
    list_display = ("name", "lives", "queues_shown", "started_shown", "seen_shown")
    search_fields = ("name", "queues")
    fields = list_display
    readonly_fields = fields
    list_per_page = 100

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return operates(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkerBeat]:
        return super().get_queryset(request).annotate(now=DatabaseNow())

    @admin.display(description=_("state"), ordering="seen_at")
    def lives(self, worker: WorkerBeat) -> SafeString:
        silent = (worker.now - worker.seen_at).total_seconds()  # type: ignore[attr-defined]  # annotated
        if silent <= MISSED_BEATS * BEAT_SECONDS:
            return badge(_("Works"), "good")
        return badge(_("Silent"), "bad")

    @admin.display(description=_("queues"), ordering="queues")
    def queues_shown(self, worker: WorkerBeat) -> str:
        return worker.queues.replace(",", ", ") or gettext("all")

    @admin.display(description=_("started"), ordering="started_at")
    def started_shown(self, worker: WorkerBeat) -> str:
        return moment(worker.started_at)

    @admin.display(description=_("seen"), ordering="seen_at")
    def seen_shown(self, worker: WorkerBeat) -> str:
        return moment(worker.seen_at)
