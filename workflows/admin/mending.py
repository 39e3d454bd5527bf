"""What an operator may do to jobs that were given up: try again, end with an outcome, drop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.engine import incidents, may_force
from workflows.engine.redoing import ways_to_skip
from workflows.errors import GoflowError
from workflows.models import Job, JobKind, JobState

from .base import is_key, signed_in
from .interventions import INTERVENE, MOST_AT_ONCE, ReasonForm
from .version_views import Action

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _JobAdmin = ModelAdmin[Job]
else:
    _JobAdmin = object

TITLES = {
    "retry": (_("Try again"), _("It is due at once, and has all its attempts again.")),
    "end": (
        _("End with an outcome"),
        _("The task ends as you say, and the case goes on. Nothing is called outside."),
    ),
    "cancel": (
        _("Drop"),
        _("It does not happen. The branch of the case that waits for it is cancelled."),
    ),
}
DONE = {
    "retry": _("%(job)s is tried again."),
    "end": _("The task of %(job)s has ended with “%(outcome)s”."),
    "cancel": _("%(job)s was dropped."),
}


class MendForm(ReasonForm):
    """Why; and for `end`, the outcome, which all of the chosen jobs must have."""

    def __init__(self, data: Any, *, what: str, jobs: Sequence[Job], by: User) -> None:
        super().__init__(data)
        if what == "end":
            self.fields["outcome"] = forms.ChoiceField(
                label=_("Outcome"), choices=common_outcomes(jobs)
            )
        if what != "retry" and may_force(by):
            self.fields["force"] = forms.BooleanField(
                label=_("Do it all the same: I know that the case may then not end properly."),
                required=False,
            )
        self.order_fields(["outcome", "reason", "force"])

    def mend(self, what: str, job: Job, by: User) -> None:
        """Do it.

        Raises:
            GoflowError: it cannot be done to this job.
        """
        given = self.cleaned_data
        force = given.get("force", False)
        match what:
            case "retry":
                incidents.retry_job(job.pk, by=by, reason=given["reason"])
            case "end":
                incidents.end_job(
                    job.pk, by=by, outcome=given["outcome"], reason=given["reason"], force=force
                )
            case "cancel":
                incidents.cancel_job(job.pk, by=by, reason=given["reason"], force=force)


class MendViews(_JobAdmin):
    """Mixed into the admin of jobs."""

    actions = ("retry_selected", "end_selected", "cancel_selected")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.mend_view)
        return [path("<str:what>-jobs/", view, name="workflows_job_mend"), *super().get_urls()]

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(INTERVENE)

    def actions_on(self, request: HttpRequest, job: Job) -> list[Action]:
        """Return what who asks may do to the job as it stands."""
        if not self.has_intervene_permission(request) or job.state != JobState.INCIDENT:
            return []
        possible = [what for what in TITLES if what != "end" or has_outcome(job)]
        return [Action(f"{TITLES[what][0]}…", _address(what, [job.pk])) for what in possible]

    @admin.action(description=_("Try again…"), permissions=["intervene"])
    def retry_selected(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        return self._ask(request, jobs, "retry")

    @admin.action(description=_("End with an outcome…"), permissions=["intervene"])
    def end_selected(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        return self._ask(request, jobs, "end")

    @admin.action(description=_("Drop…"), permissions=["intervene"])
    def cancel_selected(self, request: HttpRequest, jobs: QuerySet[Job]) -> HttpResponse | None:
        return self._ask(request, jobs, "cancel")

    def _ask(self, request: HttpRequest, jobs: QuerySet[Job], what: str) -> HttpResponse | None:
        found = list(jobs.filter(state=JobState.INCIDENT)[:MOST_AT_ONCE])
        ids = [job.pk for job in found if what != "end" or has_outcome(job)]
        if not ids:
            text = gettext("None of the chosen jobs is in a state for this.")
            self.message_user(request, text, messages.WARNING)
            return None
        return HttpResponseRedirect(_address(what, ids))

    def mend_view(self, request: HttpRequest, what: str) -> HttpResponse:
        """Ask for the reason, then do it: each job by itself."""
        if what not in TITLES:
            raise Http404(f"There is nothing called {what!r} to do to a job.")
        if not self.has_intervene_permission(request):
            raise PermissionDenied
        jobs = self._chosen(request)
        by = signed_in(request)
        data = request.POST if request.method == "POST" else None
        form = MendForm(data, what=what, jobs=jobs, by=by)
        if form.is_valid():
            for job in jobs:
                self._mend(request, what, job, form)
            if len(jobs) == 1:
                return HttpResponseRedirect(
                    reverse("admin:workflows_job_change", args=[jobs[0].pk])
                )
            return HttpResponseRedirect(reverse("admin:workflows_job_changelist"))
        verb, effect = TITLES[what]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("%(verb)s?") % {"verb": verb},
            "opts": self.opts,
            "what": what,
            "verb": verb,
            "effect": effect,
            "jobs": jobs,
            "form": form,
        }
        return TemplateResponse(
            request,
            "admin/workflows/job/mend.html",
            context,
            status=422 if form.errors else 200,
        )

    def _mend(self, request: HttpRequest, what: str, job: Job, form: MendForm) -> None:
        try:
            form.mend(what, job, signed_in(request))
        except GoflowError as error:
            self.message_user(request, f"{job}: {error.message}", messages.ERROR)
        else:
            told = {"job": job, "outcome": form.cleaned_data.get("outcome", "")}
            self.message_user(request, DONE[what] % told, messages.SUCCESS)

    def _chosen(self, request: HttpRequest) -> list[Job]:
        """Return the jobs that the address names by `ids`, as far as the caller may see them."""
        ids = [int(text) for text in request.GET.getlist("ids") if is_key(text)]
        jobs = Job.objects.visible_to(request.user)
        jobs = jobs.select_related("case__version__flow", "work_item__task")
        found = list(jobs.filter(pk__in=ids[:MOST_AT_ONCE]))
        if not found:
            raise Http404("No such job.")
        return found


def has_outcome(job: Job) -> bool:
    """Say whether the job ends a task: an effect does not."""
    return job.work_item_id is not None and job.kind != JobKind.EFFECT


def common_outcomes(jobs: Sequence[Job]) -> list[tuple[str, str]]:
    """Return the outcomes that each of the jobs' tasks may end with now, and their titles."""
    possible = [
        {way.outcome: way.title for way in ways_to_skip(job.case, job.work_item)}
        for job in jobs
        if job.case is not None and job.work_item is not None
    ]
    first, *others = possible or [{}]
    return [(key, title) for key, title in first.items() if all(key in other for other in others)]


def _address(what: str, ids: Sequence[int]) -> str:
    query = urlencode({"ids": ids}, doseq=True)
    return f"{reverse('admin:workflows_job_mend', args=[what])}?{query}"
