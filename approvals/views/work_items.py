"""Acting on work items: claim, release, transfer, and the outcomes."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from approvals import services
from approvals.forms import TransferForm
from approvals.models import Request
from approvals.outcomes import traits_of
from workflows import engine
from workflows.errors import InvalidData
from workflows.models import Case, WorkItem

from .base import own_key, person
from .confirmation import Confirmation


@login_required
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    case = engine.claim(pk, by=person(request), idempotency_key=own_key(request))
    messages.success(
        request, _("It is yours now. Nobody else can decide it until you give it back.")
    )
    return _back(request, case)


@login_required
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    case = engine.release(pk, by=person(request), idempotency_key=own_key(request))
    messages.success(request, _("It is back with the group."))
    return _back(request, case)


@login_required
@require_POST
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    item = _visible_item(request, pk)
    form = TransferForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect(_page_of(item.case))
    to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
    case = engine.transfer(
        pk, by=person(request), to=to, reason=reason, idempotency_key=own_key(request)
    )
    messages.success(request, _("%(person)s has it now.") % {"person": to.get_full_name() or to})
    return _back(request, case)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def outcome(request: HttpRequest, pk: int, outcome: str) -> HttpResponse:
    """GET asks and changes nothing. POST decides; where something is missing still, it asks for
    that."""
    by = person(request)
    item = _visible_item(request, pk)
    if request.method == "POST" and not item.is_open:
        # Either a repetition of what is done already, or the engine tells who was faster.
        return _after_decision(request, engine.complete(pk, by=by, outcome=outcome))
    engine.require_may_complete(pk, by=by)
    confirmation = Confirmation(item, outcome, request=request, user=by)
    if not confirmation.is_ready:
        return render(request, "approvals/confirm_outcome.html", confirmation.context)
    try:
        case = services.decide(
            pk,
            by=by,
            outcome=outcome,
            data=confirmation.changes,
            comment=confirmation.comment,
            idempotency_key=own_key(request),
        )
    except InvalidData as refusal:
        confirmation.show(refusal)
        return render(request, "approvals/confirm_outcome.html", confirmation.context, status=422)
    told = traits_of(outcome).told
    messages.success(request, _told(case, str(told) or confirmation.outcome.label))
    return _after_decision(request, case)


def _told(case: Case, what: str) -> str:
    return _("You %(what)s: %(number)s.") % {
        "number": Request.objects.get(case=case).number,
        "what": what,
    }


def _visible_item(request: HttpRequest, pk: int) -> WorkItem:
    item = WorkItem.objects.visible_to(request.user).for_list().filter(pk=pk).first()
    if item is None:
        raise Http404(f"There is no work item {pk}.")
    return item


def _after_decision(request: HttpRequest, case: Case) -> HttpResponse:
    """Go on with the inbox where more waits, else show what became of the request."""
    waiting = WorkItem.objects.actionable_by(request.user).awaited()
    if waiting.filter(case=case).exists() or case.requester_id == person(request).pk:
        return redirect(_page_of(case))
    return redirect("inbox")


def _page_of(case: Case) -> str:
    return Request.objects.get(case=case).get_absolute_url()


def _back(request: HttpRequest, case: Case) -> HttpResponse:
    """Return to the page that the button stood on, if it is one of ours."""
    target = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return redirect(target)
    return redirect(_page_of(case))
