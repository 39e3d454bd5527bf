"""What I was told, and of what I want mails."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import notifications
from approvals.display.notices import notice_rows
from approvals.forms.notices import MailChoicesForm
from approvals.models import Notice

from .base import person

PAGE_SIZE = 25


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    user = person(request)
    mine = Notice.objects.of(user).unread_first().select_related("case__request")
    page = Paginator(mine, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"rows": notice_rows(page.object_list, viewer=user), "page": page}
    return render(request, "approvals/notices.html", context)


@login_required
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    notifications.mark_read(get_object_or_404(Notice.objects.of(request.user), pk=pk))
    return redirect("notices")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    notifications.mark_all_read(person(request))
    messages.success(request, _("All notices are read."))
    return redirect("notices")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = MailChoicesForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings")
    context = {"form": form, "address": user.email}
    return render(request, "approvals/notices_settings.html", context)
