"""Handing a work item on to another person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import engine
from workflows.errors import GoflowError
from workflows.models import WorkItem

from .base import person_shown, signed_in
from .interventions import INTERVENE

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _WorkItemAdmin = ModelAdmin[WorkItem]
else:
    _WorkItemAdmin = object

MOST_SUGGESTED = 200


class TransferForm(forms.Form):
    """To whom, by user name; the candidates are suggested."""

    to = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            {"list": "candidates", "autocomplete": "off", "autocapitalize": "none"}
        ),
        help_text=_(
            "Who shall do it. Those it is offered to are suggested; anybody active may be named."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 3, "cols": 60})
    )

    def clean_to(self) -> User:
        name = self.cleaned_data["to"]
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise ValidationError(_("There is no active user “%(name)s”."), params={"name": name})
        return found


class TransferView(_WorkItemAdmin):
    """Mixed into the admin of work items."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.transfer_view)
        return [
            path("<int:pk>/transfer/", view, name="workflows_workitem_transfer"),
            *super().get_urls(),
        ]

    def transfer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask to whom and why, then hand the work item on."""
        if not request.user.has_perm(INTERVENE):
            raise PermissionDenied
        item = WorkItem.objects.visible_to(request.user).for_list().filter(pk=pk).first()
        if item is None:
            raise Http404(f"There is no work item {pk}.")
        form = TransferForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and self._transferred(request, item, form):
            return HttpResponseRedirect(reverse("admin:workflows_case_change", args=[item.case_id]))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Hand on"),
            "opts": self.opts,
            "item": item,
            "candidates": candidates_of(item),
            "form": form,
        }
        return TemplateResponse(
            request,
            "admin/workflows/workitem/transfer.html",
            context,
            status=422 if form.errors else 200,
        )

    def _transferred(self, request: HttpRequest, item: WorkItem, form: TransferForm) -> bool:
        to: User = form.cleaned_data["to"]
        reason: str = form.cleaned_data["reason"]
        try:
            engine.transfer(item.pk, by=signed_in(request), to=to, reason=reason)
        except GoflowError as error:
            form.add_error("to", error.message)
            return False
        text = gettext("%(item)s is now with %(person)s.") % {
            "item": item,
            "person": person_shown(to),
        }
        self.message_user(request, text, messages.SUCCESS)
        return True


def candidates_of(item: WorkItem) -> list[User]:
    """Return people to suggest: the candidates, and the members of the groups it is offered to."""
    rows = list(item.candidates.all())
    barred = [row.user_id for row in rows if row.is_excluded]
    named = [row.user_id for row in rows if not row.is_excluded and row.user_id]
    groups = [row.group for row in rows if row.group]
    people = User.objects.filter(is_active=True).exclude(pk__in=[*barred, item.case.requester_id])
    offered = people.filter(pk__in=named) | people.filter(groups__name__in=groups)
    return list(offered.distinct().order_by("username")[:MOST_SUGGESTED])
