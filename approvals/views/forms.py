"""Starting and changing requests: the choice, the form, drafts, submission, correction."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import services
from approvals.display import FileView, attachment_views, new_request_choices
from approvals.forms import RequestForm
from approvals.kinds import RequestKind, kind_for, schema_of
from approvals.models import Request
from workflows import store
from workflows.errors import GoflowError, InvalidData, UnknownFlow
from workflows.models import Flow

from .base import own_key, person, visible_request


@login_required
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    return render(request, "approvals/new_request.html", {"choices": new_request_choices()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, flow_key: str) -> HttpResponse:
    version = store.published_version(flow_key)
    page = FormPage(request, version.flow, version.data_schema)
    return page.answer()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a draft, or of a request that has come back for correction."""
    found = visible_request(request, number)
    is_correction = services.correction_of(found, by=person(request)) is not None
    if not found.is_draft and not is_correction:
        messages.info(request, _("It has been submitted, so it can no longer be changed here."))
        return redirect(found)
    try:
        schema = schema_of(found)
    except UnknownFlow:
        messages.warning(request, _("This can no longer be asked for: its flow was retired."))
        return redirect("request_delete", number=number)
    return FormPage(request, found.flow, schema, found, is_correction).answer()


@login_required
@require_POST
def submit(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_request(request, number)
    submitted = services.submit(found, by=person(request), idempotency_key=own_key(request))
    messages.success(request, _submitted_message(submitted))
    return redirect(submitted)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_request(request, number)
    if not found.is_draft:
        raise Http404(f"{number} is no draft.")
    if request.method != "POST":
        return render(request, "approvals/confirm_delete.html", {"number": number})
    services.delete_draft(found, by=person(request))
    messages.success(request, _("The draft is deleted."))
    return redirect("requests")


class FormPage:
    """One form on one page: shown, filled in, saved as a draft, submitted or submitted again."""

    def __init__(
        self,
        request: HttpRequest,
        flow: Flow,
        schema: Any,
        found: Request | None = None,
        is_correction: bool = False,
    ) -> None:
        self.request = request
        self.flow = flow
        self.schema = schema
        self.found = found
        self.is_correction = is_correction
        self.kind: RequestKind = kind_for(flow.key, schema)

    def answer(self) -> HttpResponse:
        action = self.request.POST.get("action", "save")
        if self.request.method != "POST":
            return self._show(self._form())
        if action == "add_line":
            return self._show(self._form(self.request.POST, add_line=True))
        is_submitting = action == "submit" or self.is_correction
        form = self._form(self.request.POST, is_submitting=is_submitting)
        if not form.is_valid():
            return self._sent_before() or self._show(form, status=422)
        try:
            return self._keep(form, is_submitting)
        except InvalidData as refusal:
            form.add_problems(refusal.facts["problems"])
        except GoflowError as refusal:
            if refusal.http_status not in (409, 413, 415, 422):
                raise
            form.add_problems([{"path": "", "message": refusal.message}])
        return self._sent_before() or self._show(form, status=422)

    def _sent_before(self) -> HttpResponse | None:
        """Go to the request of this very form: what is wrong with it now is that it is there."""
        if self.is_correction:
            return None
        made = services.submitted_with(own_key(self.request), by=person(self.request))
        return None if made is None else redirect(made)

    def _keep(self, form: RequestForm, is_submitting: bool) -> HttpResponse:
        by, key = person(self.request), own_key(self.request)
        if self.is_correction and self.found is not None:
            comment = self.request.POST.get("comment", "")
            found = services.resubmit(
                self.found, by=by, form=form, comment=comment, idempotency_key=key
            )
            messages.success(self.request, _submitted_message(found))
            return redirect(found)
        # A draft that cannot be submitted is still kept: nothing that was typed is lost.
        self.found = services.save_draft(
            by=by, flow=self.flow, form=form, request=self.found, form_key=key
        )
        if not self.found.is_draft:
            messages.info(self.request, _already_submitted_message(self.found))
            return redirect(self.found)
        if not is_submitting:
            messages.success(self.request, _("The draft is saved."))
            return redirect("request_edit", number=self.found.number)
        submitted = services.submit(self.found, by=by, idempotency_key=key)
        messages.success(self.request, _submitted_message(submitted))
        return redirect(submitted)

    def _form(self, data: Any = None, **options: Any) -> RequestForm:
        files = self.request.FILES if data is not None else None
        return self.kind.form(
            user=person(self.request),
            schema=self.schema,
            request=self.found,
            data=data,
            files=files,
            **options,
        )

    def _show(self, form: RequestForm, *, status: int = 200) -> HttpResponse:
        context = {
            "flow": self.flow,
            "form": form.form,
            "formset": form.formset,
            "total_text": form.total_text,
            # A draft that was kept, but not submitted, is changed at its own address from now on.
            "form_url": self.found and reverse("request_edit", args=[self.found.number]),
            "number": self.found.number if self.found is not None else "",
            "is_draft": self.found is not None and self.found.is_draft,
            "is_correction": self.is_correction,
            "attachments": self._attachments(),
        }
        return render(self.request, self.kind.form_template, context, status=status)

    def _attachments(self) -> list[FileView]:
        if self.found is None:
            return []
        views = attachment_views(
            self.found, viewer=person(self.request), is_correcting=self.is_correction
        )
        return [view for _line, view in views]


def _already_submitted_message(found: Request) -> str:
    """Tell who went back in the browser and changed the form that nothing of it was kept."""
    return _(
        "%(number)s was submitted with this form already. To ask for something else, start anew."
    ) % {"number": found.number}


def _submitted_message(found: Request) -> str:
    return _("%(number)s is on its way. You see below with whom it is.") % {"number": found.number}
