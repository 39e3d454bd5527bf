"""Comments and files beside a request."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from approvals import services
from approvals.attachments import visible_attachments
from approvals.forms import CommentForm, UploadForm
from approvals.models import Attachment
from workflows.errors import GoflowError

from .base import person, visible_request


@login_required
@require_POST
def comment(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_request(request, number)
    form = CommentForm(request.POST)
    if form.is_valid():
        services.comment(found, by=person(request), text=form.cleaned_data["text"])
    else:
        messages.error(request, _errors(form))
    return redirect(f"{found.get_absolute_url()}#comments")


@login_required
@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    found = visible_request(request, number)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _errors(form))
        return redirect(f"{found.get_absolute_url()}#files")
    try:
        services.attach(found, by=person(request), file=form.cleaned_data["file"])
    except GoflowError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("The file is attached."))
    return redirect(f"{found.get_absolute_url()}#files")


@login_required
@require_POST
def remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    attachment = _visible_attachment(request, number, pk)
    services.remove_attachment(attachment, by=person(request))
    messages.success(request, _("The file is removed."))
    found = attachment.request
    target = reverse("request_edit", args=[number]) if found.is_draft else found.get_absolute_url()
    return redirect(target)


@login_required
@require_safe
def download(request: HttpRequest, number: str, pk: int) -> HttpResponse | FileResponse:
    """Send a file as a download: whatever is in it, the browser neither runs nor shows it."""
    attachment = _visible_attachment(request, number, pk)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(f"The file {attachment.name} is gone from the storage.") from error
    response = FileResponse(
        content, as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _errors(form: forms.Form) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def _visible_attachment(request: HttpRequest, number: str, pk: int) -> Attachment:
    found = visible_request(request, number)
    visible = visible_attachments(found, person(request))
    attachment = visible.select_related("request").filter(pk=pk).first()
    if attachment is None:
        raise Http404(f"There is no file {pk} in {number}.")
    return attachment
