"""What can be done with flow versions, in lists and on pages: verify, publish, export and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from workflows import exchange, publishing, store
from workflows.errors import GoflowError, NotPublishable
from workflows.models import FlowVersion, VersionState
from workflows.querysets import FlowVersionQuerySet

from .base import is_key, signed_in
from .candidates import Candidate, candidate_of
from .downloads import download, download_all
from .replaying import ReplayViews
from .verdicts import shown_verdict

PUBLISH = "workflows.publish_flowversion"
MOST_AT_ONCE = 100
NAME = "admin:workflows_flowversion_"

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Action:
    """A button on the page of an object. `is_post` acts at once; else it leads to another page."""

    label: str
    url: str
    is_post: bool = False
    is_main: bool = False


class VersionViews(ReplayViews):
    """Mixed into the admin of flow versions."""

    actions = ("verify_selected", "publish_selected", "retire_selected", "export_selected")

    def get_urls(self) -> list[URLPattern]:
        def address(route: str, view: View, name: str) -> URLPattern:
            @wraps(view)
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                return self.admin_site.admin_view(view)(request, *args, **kwargs)

            return path(route, guarded, name=f"workflows_flowversion_{name}")

        own = [
            address("publish/", self.publish_view, "publish"),
            address("retire/", self.retire_view, "retire"),
            address("<int:pk>/problem/<int:number>/", require_GET(self.problem_view), "problem"),
            address("<int:pk>/verify/", require_POST(self.verify_view), "verify"),
            address("<int:pk>/copy/", require_POST(self.copy_view), "copy"),
            address("<int:pk>/export/<str:fmt>/", require_GET(self.export_view), "export"),
        ]
        return [*own, *super().get_urls()]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PUBLISH)

    def has_verify_permission(self, request: HttpRequest) -> bool:
        return self.has_publish_permission(request) or request.user.has_perm(
            "workflows.change_flowversion"
        )

    def actions_on(self, request: HttpRequest, version: FlowVersion) -> list[Action]:
        """Return the buttons that `version` offers to who asks, the most likely first."""
        found = []
        ids = urlencode({"ids": version.pk})
        if version.is_draft and self.has_publish_permission(request):
            url = f"{reverse(NAME + 'publish')}?{ids}"
            found.append(Action(gettext("Publish…"), url, is_main=True))
        if version.is_draft and self.has_verify_permission(request):
            found.append(
                Action(gettext("Verify"), reverse(NAME + "verify", args=[version.pk]), is_post=True)
            )
        if self.has_add_permission(request):
            url = reverse(NAME + "copy", args=[version.pk])
            found.append(Action(gettext("New draft from this version"), url, is_post=True))
        if version.state == VersionState.PUBLISHED and self.has_publish_permission(request):
            found.append(Action(gettext("Retire…"), f"{reverse(NAME + 'retire')}?{ids}"))
        for fmt, label in (("yaml", "YAML"), ("pnml", "PNML"), ("svg", "SVG")):
            found.append(Action(label, reverse(NAME + "export", args=[version.pk, fmt])))
        return found

    # Lists

    @admin.action(description=_("Verify"), permissions=["verify"])
    def verify_selected(self, request: HttpRequest, versions: FlowVersionQuerySet) -> None:
        drafts = versions.filter(state=VersionState.DRAFT).with_net()[:MOST_AT_ONCE]
        for version in drafts:
            headline, is_sound = _verified(version)
            level = messages.SUCCESS if is_sound else messages.WARNING
            self.message_user(request, f"{version}: {headline}", level)
        if not drafts:
            text = gettext("Only drafts are verified: a published version has its proof.")
            self.message_user(request, text, messages.INFO)

    @admin.action(description=_("Publish…"), permissions=["publish"])
    def publish_selected(
        self, request: HttpRequest, versions: FlowVersionQuerySet
    ) -> HttpResponse | None:
        return self._ask(request, versions.filter(state=VersionState.DRAFT), "publish")

    @admin.action(description=_("Retire…"), permissions=["publish"])
    def retire_selected(
        self, request: HttpRequest, versions: FlowVersionQuerySet
    ) -> HttpResponse | None:
        return self._ask(request, versions.filter(state=VersionState.PUBLISHED), "retire")

    @admin.action(description=_("Export as YAML"), permissions=["view"])
    def export_selected(self, request: HttpRequest, versions: FlowVersionQuerySet) -> HttpResponse:
        chosen = list(versions.with_net()[:MOST_AT_ONCE])
        return download(chosen[0], "yaml") if len(chosen) == 1 else download_all(chosen)

    def _ask(
        self, request: HttpRequest, versions: FlowVersionQuerySet, what: str
    ) -> HttpResponse | None:
        ids = list(versions.values_list("pk", flat=True)[:MOST_AT_ONCE])
        if not ids:
            text = (
                gettext("Only a draft can be published.")
                if what == "publish"
                else gettext("Only a published version can be retired.")
            )
            self.message_user(request, text, messages.WARNING)
            return None
        query = urlencode({"ids": ids}, doseq=True)
        return HttpResponseRedirect(f"{reverse(NAME + what)}?{query}")

    # Views

    def verify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Prove the net again and keep the verdict."""
        if not self.has_verify_permission(request):
            raise PermissionDenied
        version = self._version(request, pk)
        if version.is_draft:
            self.verify_and_tell(request, version)  # type: ignore[attr-defined]  # of the class that mixes in
        return HttpResponseRedirect(version.get_admin_url())

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a new draft that says what this version says."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        version = self._version(request, pk)
        copy = store.save_draft(store.definition_of(version), by=signed_in(request))
        publishing.verify_version(copy, seconds=publishing.SECONDS_FOR_DRAFTS)
        self.log_addition(request, copy, f"Copied from {version}.")
        text = gettext(
            "%(copy)s is a draft with the net of %(version)s: change it, then publish it."
        )
        self.message_user(request, text % {"copy": copy, "version": version}, messages.SUCCESS)
        return HttpResponseRedirect(copy.get_admin_url())

    def export_view(self, request: HttpRequest, pk: int, fmt: str) -> HttpResponse:
        version = self._version(request, pk)
        if fmt not in exchange.FORMATS:
            raise Http404(f"There is no export format {fmt!r}.")
        try:
            return download(version, fmt)
        except GoflowError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(version.get_admin_url())

    def publish_view(self, request: HttpRequest) -> HttpResponse:
        """Ask before publishing, telling what would stand against it; then publish."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        versions = self._chosen(request)
        if request.method != "POST":
            return self._publish_page(
                request, [candidate_of(v, signed_in(request)) for v in versions]
            )
        confirmed = request.POST.get("confirm_warnings") == "yes"
        refused = []
        for version in versions:
            candidate = candidate_of(version, signed_in(request))
            if candidate.powers and not confirmed:
                refused.append(candidate)
                continue
            try:
                publishing.publish(version, by=signed_in(request), confirm_warnings=confirmed)
            except NotPublishable as error:
                refused.append(candidate.refused(error))
            except GoflowError as error:
                self.message_user(request, error.message, messages.ERROR)
            else:
                self._tell_published(request, version, candidate.powers)
        if refused:
            return self._publish_page(request, refused, status=409)
        return self._back(versions)

    def retire_view(self, request: HttpRequest) -> HttpResponse:
        """Ask before retiring; then retire."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        versions = self._chosen(request)
        if request.method != "POST":
            context = {"title": gettext("Retire?"), "versions": versions}
            return self._page(request, "retire", context)
        for version in versions:
            try:
                publishing.retire(version, by=signed_in(request))
            except GoflowError as error:
                self.message_user(request, error.message, messages.ERROR)
                continue
            self.log_change(request, version, "Retired.")
            text = gettext("%(version)s is retired. It takes no new cases; running ones go on.")
            self.message_user(request, text % {"version": version}, messages.SUCCESS)
        return self._back(versions)

    # Pieces

    def _version(self, request: HttpRequest, pk: int) -> FlowVersion:
        version = FlowVersion.objects.with_net().filter(pk=pk).first()
        if version is None:
            raise Http404(f"There is no flow version {pk}.")
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        return version

    def _chosen(self, request: HttpRequest) -> list[FlowVersion]:
        """Return the versions that the address names by `ids`."""
        ids = [int(text) for text in request.GET.getlist("ids") if is_key(text)]
        versions = FlowVersion.objects.with_net().filter(pk__in=ids[:MOST_AT_ONCE])
        if not versions:
            raise Http404("No such flow version.")
        return list(versions)

    def _tell_published(
        self, request: HttpRequest, version: FlowVersion, powers: Sequence[str]
    ) -> None:
        flagged = f" Gives the publisher a say: {'; '.join(powers)}" if powers else ""
        self.log_change(request, version, f"Published.{flagged}")
        text = gettext("%(version)s is published: new cases take it from now on.")
        self.message_user(request, text % {"version": version}, messages.SUCCESS)

    def _publish_page(
        self, request: HttpRequest, candidates: Sequence[Candidate], status: int = 200
    ) -> HttpResponse:
        context = {
            "title": gettext("Publish?"),
            "candidates": candidates,
            "versions": [candidate.version for candidate in candidates],
            "can_publish": all(candidate.can_publish for candidate in candidates),
            "has_warnings": any(candidate.needs_confirmation for candidate in candidates),
        }
        return self._page(request, "publish", context, status)

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        template = f"admin/workflows/flowversion/{name}.html"
        return TemplateResponse(request, template, context, status=status)

    def _back(self, versions: Sequence[FlowVersion]) -> HttpResponse:
        if len(versions) == 1:
            return HttpResponseRedirect(versions[0].get_admin_url())
        return HttpResponseRedirect(reverse(NAME + "changelist"))


def _verified(version: FlowVersion) -> tuple[str, bool]:
    """Prove the net; return what to say of it, and whether it is sound."""
    shown = shown_verdict(publishing.verify_version(version).as_dict(), None)
    return shown.headline, shown.tone == "good"
