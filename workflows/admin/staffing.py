"""The page that tells whether somebody can always act, and what would stand empty if one left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from workflows.directory import Snapshot, get_directory
from workflows.models import WorkItem
from workflows.staffing import (
    Answer,
    Cure,
    CureKind,
    FlowPeople,
    Gap,
    Leaving,
    TaskPeople,
    check_published,
    if_left,
    published_versions,
)

from .base import badge, signed_in

RIGHTS = (
    "workflows.publish_flowversion",
    "workflows.change_flowversion",
    "workflows.intervene_case",
)
SECONDS = 5.0
"""For one flow; what takes longer is not decided on the page, but by `manage.py check_people`."""
MOST_LINKED = 3

_BADGES: dict[Answer, tuple[str | Promise, str]] = {
    Answer.EVERYBODY: (gettext_lazy("Always somebody"), "good"),
    Answer.SOME: (gettext_lazy("Not for everybody"), "warning"),
    Answer.NOBODY: (gettext_lazy("Nobody at all"), "bad"),
    Answer.DEPENDS: (gettext_lazy("Depends"), "quiet"),
}


class WithoutForm(forms.Form):
    """Who may leave; its clean value is the person, None where nobody is named."""

    without = forms.CharField(
        label=gettext_lazy("User name of somebody who may leave"), required=False, max_length=150
    )

    def clean_without(self) -> User | None:
        name = self.cleaned_data["without"].strip()
        if not name:
            return None
        person = User.objects.filter(username=name, is_active=True).first()
        if person is None:
            raise ValidationError(
                gettext_lazy("There is no active account “%(name)s”."), params={"name": name}
            )
        return person


@dataclass(frozen=True, slots=True)
class Link:
    """`url` is empty where the reader may not go there."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownGap:
    message: str
    is_certain: bool
    cures: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ShownTask:
    title: str
    badge: SafeString
    is_open: str
    gaps: tuple[ShownGap, ...]


@dataclass(frozen=True, slots=True)
class ShownFlow:
    """`tasks` are those of which there is something to tell."""

    title: str
    url: str
    badge: SafeString
    tasks: tuple[ShownTask, ...]


def may_look(request: HttpRequest) -> bool:
    return any(request.user.has_perm(right) for right in RIGHTS)


@require_safe
def people_view(request: HttpRequest) -> HttpResponse:
    """Show all flows in force with what is found, or what is new without somebody."""
    if not may_look(request):
        raise PermissionDenied
    form = WithoutForm(request.GET or None)
    person = form.cleaned_data["without"] if form.is_valid() else None
    people = get_directory().snapshot()
    versions = published_versions()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Can somebody always act?"),
        "form": form,
        "person": person,
    }
    if person is None:
        flows = check_published(versions, people, seconds=SECONDS)
    else:
        leaving = if_left(person, versions, people, seconds=SECONDS)
        flows = list(leaving.flows)
        context |= _shown_leaving(leaving, signed_in(request))
    telling = _Telling(request, people)
    context["flows"] = [telling.flow(each) for each in flows]
    context["is_staffed"] = not any(each.report.findings for each in flows)
    template = "admin/workflows/flow/people.html"
    return TemplateResponse(request, template, context, status=422 if form.errors else 200)


def _shown_leaving(leaving: Leaving, viewer: User) -> dict[str, Any]:
    """Return what only they do; items of cases that the viewer may not see are counted alone."""
    ids = [item.pk for item in leaving.items]
    seen = set(WorkItem.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    items = [item for item in leaving.items if item.pk in seen]
    return {"items": items, "hidden_items": len(ids) - len(items), "duties": leaving.duties}


class _Telling:
    def __init__(self, request: HttpRequest, people: Snapshot) -> None:
        self.people = people
        self.may_edit_people = request.user.has_perm("auth.change_user")
        self.may_edit_flows = request.user.has_perm("workflows.view_flowversion")

    def flow(self, found: FlowPeople) -> ShownFlow:
        report = found.report
        told = [task for task in report.tasks if task.answer is not Answer.EVERYBODY]
        order = (Answer.NOBODY, Answer.SOME, Answer.DEPENDS, Answer.EVERYBODY)
        worst = min((task.answer for task in report.tasks), key=order.index, default=order[-1])
        return ShownFlow(
            title=str(found.version),
            url=self._flow_url(found),
            badge=_badge(worst),
            tasks=tuple(self._task(found, task) for task in told),
        )

    def _task(self, found: FlowPeople, task: TaskPeople) -> ShownTask:
        return ShownTask(
            title=task.title,
            badge=_badge(task.answer),
            is_open=task.is_open,
            gaps=tuple(
                ShownGap(
                    found.report.told(task, gap), gap.is_certain, tuple(self._cures(found, gap))
                )
                for gap in task.gaps
            ),
        )

    def _cures(self, found: FlowPeople, gap: Gap) -> Iterator[Link]:
        for cure in gap.cures:
            yield from self._links(found, gap, cure)

    def _links(self, found: FlowPeople, gap: Gap, cure: Cure) -> Iterator[Link]:
        named = {"name": cure.subject}
        if cure.kind in (CureKind.MANAGER, CureKind.DEPARTMENT):
            concerned = gap.requesters[:MOST_LINKED] if cure.person is None else (cure.person,)
            text = (
                _("Set the manager of %(name)s")
                if cure.kind is CureKind.MANAGER
                else _("Set the department of %(name)s")
            )
            for person in concerned:
                url = self.people.page_of(person) if self.may_edit_people else ""
                yield Link(text % {"name": self.people.name(person)}, url)
        elif cure.kind is CureKind.GROUP:
            yield Link(_("Add somebody to the group “%(name)s”") % named, self._people_url())
        elif cure.kind is CureKind.ROLE:
            yield Link(_("Give somebody the role “%(name)s”") % named, self._people_url())
        elif cure.kind is CureKind.ACCOUNT:
            text = _("Look for the account “%(name)s”") % named
            yield Link(text, self._people_url())
        else:
            yield Link(_("Name somebody under “otherwise” in the flow"), self._flow_url(found))

    def _people_url(self) -> str:
        return reverse("admin:auth_user_changelist") if self.may_edit_people else ""

    def _flow_url(self, found: FlowPeople) -> str:
        return found.version.get_admin_url() if self.may_edit_flows else ""


def _badge(answer: Answer) -> SafeString:
    text, tone = _BADGES[answer]
    return badge(text, tone)
