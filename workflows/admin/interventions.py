"""What an operator may do to cases: suspend, resume, cancel. Each asks why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import engine
from workflows.errors import GoflowError
from workflows.models import Case, CaseState

from .base import is_key, signed_in
from .version_views import Action

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _CaseAdmin = ModelAdmin[Case]
else:
    _CaseAdmin = object

INTERVENE = "workflows.intervene_case"
MOST_AT_ONCE = 100

COMMANDS: dict[str, Callable[..., Case]] = {
    "suspend": engine.suspend,
    "resume": engine.resume,
    "cancel": engine.cancel,
}
POSSIBLE_IN: dict[str, tuple[str, ...]] = {
    "suspend": (CaseState.RUNNING,),
    "resume": (CaseState.SUSPENDED,),
    "cancel": (CaseState.RUNNING, CaseState.SUSPENDED, CaseState.FAILED),
}
TITLES = {
    "suspend": (_("Suspend"), _("Nobody can act on it until it is resumed.")),
    "resume": (_("Resume"), _("It goes on where it stood.")),
    "cancel": (_("Cancel"), _("It ends for good without a decision: its open work is withdrawn.")),
}
DONE = {
    "suspend": _("%(case)s is suspended."),
    "resume": _("%(case)s goes on."),
    "cancel": _("%(case)s is cancelled."),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "cols": 60}),
        help_text=_("It goes into the history, where whoever sees the case can read it."),
    )


class CaseViews(_CaseAdmin):
    """Mixed into the admin of cases."""

    actions = ("suspend_selected", "resume_selected", "cancel_selected")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.intervene_view)
        return [
            path("<str:what>-cases/", view, name="workflows_case_intervene"),
            *super().get_urls(),
        ]

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(INTERVENE)

    def actions_on(self, request: HttpRequest, case: Case) -> list[Action]:
        """Return the interventions that the case allows now and who asks may do."""
        if not self.has_intervene_permission(request):
            return []
        return [
            Action(f"{TITLES[what][0]}…", _address(what, [case.pk]))
            for what, states in POSSIBLE_IN.items()
            if case.state in states
        ]

    @admin.action(description=_("Suspend…"), permissions=["intervene"])
    def suspend_selected(self, request: HttpRequest, cases: QuerySet[Case]) -> HttpResponse | None:
        return self._ask(request, cases, "suspend")

    @admin.action(description=_("Resume…"), permissions=["intervene"])
    def resume_selected(self, request: HttpRequest, cases: QuerySet[Case]) -> HttpResponse | None:
        return self._ask(request, cases, "resume")

    @admin.action(description=_("Cancel…"), permissions=["intervene"])
    def cancel_selected(self, request: HttpRequest, cases: QuerySet[Case]) -> HttpResponse | None:
        return self._ask(request, cases, "cancel")

    def _ask(self, request: HttpRequest, cases: QuerySet[Case], what: str) -> HttpResponse | None:
        possible = cases.filter(state__in=POSSIBLE_IN[what])
        ids = list(possible.values_list("pk", flat=True)[:MOST_AT_ONCE])
        if not ids:
            text = gettext("None of the chosen cases is in a state for this.")
            self.message_user(request, text, messages.WARNING)
            return None
        return HttpResponseRedirect(_address(what, ids))

    def intervene_view(self, request: HttpRequest, what: str) -> HttpResponse:
        """Ask for the reason, then do it: each case in a step of its own."""
        if what not in COMMANDS:
            raise Http404(f"There is no intervention {what!r}.")
        if not self.has_intervene_permission(request):
            raise PermissionDenied
        cases = self._chosen(request)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            for case in cases:
                self._intervene(request, what, case, form.cleaned_data["reason"])
            if len(cases) == 1:
                return HttpResponseRedirect(
                    reverse("admin:workflows_case_change", args=[cases[0].pk])
                )
            return HttpResponseRedirect(reverse("admin:workflows_case_changelist"))
        verb, effect = TITLES[what]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("%(verb)s?") % {"verb": verb},
            "opts": self.opts,
            "what": what,
            "verb": verb,
            "effect": effect,
            "cases": cases,
            "form": form,
        }
        return TemplateResponse(
            request,
            "admin/workflows/case/intervene.html",
            context,
            status=422 if form.errors else 200,
        )

    def _intervene(self, request: HttpRequest, what: str, case: Case, reason: str) -> None:
        try:
            COMMANDS[what](case.pk, by=signed_in(request), reason=reason)
        except GoflowError as error:
            self.message_user(request, error.message, messages.ERROR)
        else:
            self.message_user(request, DONE[what] % {"case": case}, messages.SUCCESS)

    def _chosen(self, request: HttpRequest) -> list[Case]:
        """Return the cases that the address names by `ids`, as far as the caller may see them."""
        ids = [int(text) for text in request.GET.getlist("ids") if is_key(text)]
        cases = Case.objects.visible_to(request.user).select_related("version__flow", "requester")
        found = list(cases.filter(pk__in=ids[:MOST_AT_ONCE]))
        if not found:
            raise Http404("No such case.")
        return found


def _address(what: str, ids: Sequence[int]) -> str:
    query = urlencode({"ids": ids}, doseq=True)
    return f"{reverse('admin:workflows_case_intervene', args=[what])}?{query}"
