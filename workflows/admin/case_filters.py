"""How the list of cases is narrowed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.models import Case, CaseState, Flow, Job, JobState, WorkItem


class FlowFilter(admin.SimpleListFilter):
    """By flow, whatever the version."""

    title = gettext_lazy("flow")
    parameter_name = "flow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(flow.key, str(flow)) for flow in Flow.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(version__flow__key=self.value()) if self.value() else queryset


class AttentionFilter(admin.SimpleListFilter):
    """Cases that will not go on by themselves, by what holds them up."""

    title = gettext_lazy("needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("failed", _("It has failed")),
            ("gave_up", _("A job gave up")),
            ("idle", _("It runs, and no work is open")),
            ("overdue", _("Its work is overdue")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        work = WorkItem.objects.open().filter(case=OuterRef("pk"))
        running = queryset.filter(state=CaseState.RUNNING)
        match self.value():
            case "failed":
                return queryset.filter(state=CaseState.FAILED)
            case "gave_up":
                jobs = Job.objects.filter(case=OuterRef("pk"), state=JobState.INCIDENT)
                return queryset.filter(Exists(jobs))
            case "idle":
                return running.filter(~Exists(work))
            case "overdue":
                return running.filter(Exists(work.filter(due_at__lt=timezone.now())))
        return queryset
