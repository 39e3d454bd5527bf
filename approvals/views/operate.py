"""An operator intervenes in a request's case: asked, foreseen, done."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals.display.operate import ICONS, INTERVENE
from approvals.display.people import name_of
from approvals.forms import TransferForm
from approvals.forms.operate import CorrectDataForm, ReasonForm
from approvals.models import Request
from workflows import engine
from workflows.errors import GoflowError
from workflows.models import Case, WorkItem
from workflows.operating import FORMS, JOBS, WHOLE, OperationForm, ask
from workflows.operating.asking import SHOWN_REFUSALS

from .base import own_key, person, visible_request


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def operate(request: HttpRequest, number: str, what: str) -> HttpResponse:
    found = visible_request(request, number)
    case = found.case
    if case is None or what not in {*FORMS, *WHOLE, *JOBS, "transfer"}:
        raise Http404(f"There is no intervention {what!r} in {number}.")
    if not person(request).has_perm(INTERVENE):
        raise PermissionDenied
    if what in WHOLE:
        return _whole(request, found, case, what)
    if what in JOBS:
        return _job(request, found, case, what)
    if what == "transfer":
        return _transfer(request, found, _item(request, case))
    return _foreseen(request, found, case, what)


def _foreseen(request: HttpRequest, found: Request, case: Case, what: str) -> HttpResponse:
    form = _form(request, case, what)
    question = ask(form, by=person(request), posted=request.POST, idempotency_key=own_key(request))
    if question.done is not None:
        text = _("Done: %(what)s. It is in the history.") % {"what": form.title}
        messages.success(request, text)
        return redirect(_next(request, found))
    context = {
        "title": form.title,
        "effect": form.effect,
        "icon": ICONS[what],
        "form": form,
        "fields": form.wanted_fields,
        "item": form.item,
        "question": question,
    }
    return _page(request, found, context, status=question.status)


def _whole(request: HttpRequest, found: Request, case: Case, what: str) -> HttpResponse:
    whole = WHOLE[what]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            whole.command(
                case.pk,
                by=person(request),
                reason=form.cleaned_data["reason"],
                idempotency_key=own_key(request),
            )
        except GoflowError as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("Done: %(what)s.") % {"what": whole.title})
            return redirect(_next(request, found))
    context = {
        "title": whole.title,
        "effect": whole.effect,
        "icon": whole.icon,
        "is_final": whole.is_final,
        "form": form,
    }
    return _page(request, found, context, status=422 if form.errors else 200)


def _job(request: HttpRequest, found: Request, case: Case, what: str) -> HttpResponse:
    cure = JOBS[what]
    job = case.jobs.filter(pk=_key(request, "job")).first()
    if job is None:
        raise Http404(f"There is no such job in case {case.pk}.")
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            cure.command(job.pk, by=person(request), reason=form.cleaned_data["reason"])
        except GoflowError as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("Done: %(what)s.") % {"what": cure.title})
            return redirect(_next(request, found))
    told = f"{job.work_item.task if job.work_item else job.name}: {job.last_error}"
    context = {
        "title": cure.title,
        "effect": cure.effect,
        "told": told,
        "icon": cure.icon,
        "form": form,
    }
    return _page(request, found, context, status=422 if form.errors else 200)


def _transfer(request: HttpRequest, found: Request, item: WorkItem) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = TransferForm(posted, but=[found.requester_id])
    if form.is_valid():
        to = form.cleaned_data["to"]
        try:
            engine.transfer(
                item.pk,
                by=person(request),
                to=to,
                reason=form.cleaned_data["reason"],
                idempotency_key=own_key(request),
            )
        except GoflowError as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("%(person)s has it now.") % {"person": name_of(to)})
            return redirect(_next(request, found))
    context = {
        "title": _("Hand on"),
        "effect": _("Whoever you name holds it alone from then on."),
        "icon": ICONS["transfer"],
        "form": form,
        "fields": [form["to"]],
        "item": item,
    }
    return _page(request, found, context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, found: Request, context: Mapping[str, object], *, status: int
) -> HttpResponse:
    common = {"number": found.number, "back_url": _next(request, found)}
    return render(request, "approvals/operate.html", {**common, **context}, status=status)


def _form(request: HttpRequest, case: Case, what: str) -> OperationForm:
    data = request.POST if request.method == "POST" else None
    if what == "set-data":
        return CorrectDataForm(data, case=case, by=person(request))
    kind = FORMS[what]
    item = _item(request, case) if kind.needs_item else None
    return kind(data, case=case, item=item)


def _item(request: HttpRequest, case: Case) -> WorkItem:
    items = WorkItem.objects.for_list().filter(case=case)
    item = items.filter(pk=_key(request, "item")).first()
    if item is None:
        raise Http404(f"There is no such work item in case {case.pk}.")
    return item


def _key(request: HttpRequest, name: str) -> int:
    """Return the primary key that the address names; 0, which is none, where it names none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _show(form: forms.Form, refusal: GoflowError) -> None:
    if refusal.http_status not in (403, *SHOWN_REFUSALS):
        raise refusal
    form.add_error(None, refusal.message)


def _next(request: HttpRequest, found: Request) -> str:
    """Return where to go on: the page that led here, if it is one of ours."""
    target = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return target
    return found.get_absolute_url()
