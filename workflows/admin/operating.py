"""Interventions in one case: asked for, foreseen, and done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from workflows.errors import GoflowError
from workflows.models import Case, WorkItem, WorkItemState
from workflows.operating import FORMS, OperationForm, ask

from .base import is_key, signed_in
from .interventions import INTERVENE
from .version_views import Action

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _CaseAdmin = ModelAdmin[Case]
else:
    _CaseAdmin = object


class OperateViews(_CaseAdmin):
    """Mixed into the admin of cases."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.operate_view)
        return [
            path("<int:pk>/operate/<str:what>/", view, name="workflows_case_operate"),
            *super().get_urls(),
        ]

    def may_operate(self, request: HttpRequest, case: Case) -> bool:
        """Tell whether the page offers interventions; nobody intervenes in their own case."""
        return request.user.has_perm(INTERVENE) and case.requester_id != request.user.pk

    def operate_view(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        """Show what would come of an intervention; do it once that was seen."""
        if not request.user.has_perm(INTERVENE):
            raise PermissionDenied
        case = _case_for(request, pk)
        form = _form_for(request, case, what)
        address = reverse("admin:workflows_case_change", args=[case.pk])
        try:
            question = ask(form, by=signed_in(request), posted=request.POST)
        except GoflowError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(address)
        if question.done is not None:
            text = gettext("Done: %(what)s. It is in the history.") % {"what": form.title}
            self.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": form.title,
            "opts": self.opts,
            "case": case,
            "item": form.item,
            "form": form,
            "question": question,
        }
        return TemplateResponse(
            request, "admin/workflows/case/operate.html", context, status=question.status
        )


def operations_on(case: Case) -> list[Action]:
    """Return the interventions in the tokens and the data that the case allows now."""
    if not case.is_workable:
        return []
    found = ["move", "set-data"]
    if len(case.marking) > 1:
        found.append("cancel-branch")
    return [Action(f"{FORMS[what].title}…", operate_address(case, what)) for what in found]


def operations_on_item(item: WorkItem) -> list[Action]:
    """Return what an operator may do to a work item."""
    if not item.case.is_running:
        return []
    if item.is_open:
        what = "skip"
    elif item.state == WorkItemState.COMPLETED:
        what = "repeat"
    else:
        return []
    return [Action(f"{FORMS[what].title}…", operate_address(item.case, what, item))]


def operate_address(case: Case, what: str, item: WorkItem | None = None) -> str:
    address = reverse("admin:workflows_case_operate", args=[case.pk, what])
    return address if item is None else f"{address}?{urlencode({'item': item.pk})}"


def _case_for(request: HttpRequest, pk: int) -> Case:
    cases = Case.objects.visible_to(request.user).select_related("version__flow", "requester")
    case = cases.filter(pk=pk).first()
    if case is None:
        raise Http404(f"There is no case {pk}.")
    return case


def _form_for(request: HttpRequest, case: Case, what: str) -> OperationForm:
    kind = FORMS.get(what)
    if kind is None:
        raise Http404(f"There is no intervention {what!r}.")
    item = None
    if kind.needs_item:
        key = request.GET.get("item", "")
        items = WorkItem.objects.for_list().filter(case=case)
        item = items.filter(pk=int(key)).first() if is_key(key) else None
        if item is None:
            raise Http404(f"There is no such work item in case {case.pk}.")
    return kind(request.POST if request.method == "POST" else None, case=case, item=item)
