"""Flows in the admin: what there is of each, and the door for flow files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import exchange, publishing, store
from workflows.errors import BadFlowFile, GoflowError
from workflows.flowfile import FlowFileError
from workflows.models import Case, Flow, FlowVersion, VersionState

from .base import ModelAdmin, moment, signed_in, state_badge
from .staffing import may_look, people_view
from .verdicts import verdict_badge


class ImportForm(forms.Form):
    """A flow file; its clean value is what was read."""

    file = forms.FileField(
        label=_("Flow file"),
        widget=forms.ClearableFileInput({"accept": ",".join(exchange.READABLE)}),
        help_text=_("YAML or JSON as in the documentation, or a Petri net as PNML; at most 5 MB."),
    )

    def clean_file(self) -> exchange.Import:
        upload = self.cleaned_data["file"]
        if upload.size > exchange.LARGEST_FILE_BYTES:
            raise ValidationError(_("This file is too large for a flow."))
        try:
            return exchange.read_flow(upload.read(), filename=upload.name)
        except FlowFileError as error:
            raise ValidationError([str(problem) for problem in error.problems]) from error
        except BadFlowFile as error:
            raise ValidationError(error.message) from error


@admin.register(Flow)
class FlowAdmin(ModelAdmin[Flow]):
    change_list_template = "admin/workflows/flow/change_list.html"
    list_display = ("title", "key", "published", "drafts", "running_cases", "created_shown")
    search_fields = ("key", "title")
    fields = ("key", "title", "description")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flow]:
        return with_counts(super().get_queryset(request))

    @admin.display(description=_("published"))
    def published(self, flow: Flow) -> SafeString | str:
        number, pk = getattr(flow, "published_number", None), getattr(flow, "published_id", None)
        if pk is None:
            return "–"
        url = reverse("admin:workflows_flowversion_change", args=[pk])
        return format_html('<a href="{}">v{}</a>', url, number)

    @admin.display(description=_("drafts"), ordering="draft_count")
    def drafts(self, flow: Flow) -> int:
        return int(getattr(flow, "draft_count", 0))

    @admin.display(description=_("running cases"), ordering="running_count")
    def running_cases(self, flow: Flow) -> int:
        return int(getattr(flow, "running_count", 0))

    @admin.display(description=_("created"), ordering="created_at")
    def created_shown(self, flow: Flow) -> str:
        return moment(flow.created_at)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Cases, requests and other flows name a flow by its key.
        return ("key",) if obj is not None else ()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        people = self.admin_site.admin_view(people_view)
        return [
            path("import/", view, name="workflows_flow_import"),
            path("people/", people, name="workflows_flow_people"),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Flow | None = None,
    ) -> HttpResponse:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if obj is not None and obj.pk:
            context |= {"title": str(obj), "subtitle": None, "versions": version_rows(obj)}
            context["can_add_version"] = request.user.has_perm("workflows.add_flowversion")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Flow) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:workflows_flow_change", args=[obj.pk]))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        can_import = request.user.has_perm("workflows.add_flowversion")
        rights = {"can_import": can_import, "can_look_at_people": may_look(request)}
        return super().changelist_view(request, {**rights, **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take a flow file as a new draft version; it is never published by this."""
        if not request.user.has_perm("workflows.add_flowversion"):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
        if is_sent and form.is_valid():
            version = self._imported(request, form)
            if version is not None:
                return HttpResponseRedirect(version.get_admin_url())
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import a flow"),
            "opts": self.opts,
            "form": form,
        }
        template = "admin/workflows/flow/import.html"
        return TemplateResponse(request, template, context, status=422 if form.errors else 200)

    def _imported(self, request: HttpRequest, form: ImportForm) -> FlowVersion | None:
        read: exchange.Import = form.cleaned_data["file"]
        is_new = not Flow.objects.filter(key=read.definition.key).exists()
        if is_new and not request.user.has_perm("workflows.add_flow"):
            form.add_error("file", _("It would create a new flow, which you may not."))
            return None
        try:
            version = store.save_draft(read.definition, by=signed_in(request))
        except GoflowError as error:
            form.add_error("file", error.message)
            return None
        publishing.verify_version(version, seconds=publishing.SECONDS_FOR_DRAFTS)
        self.log_addition(request, version.flow, f"Imported {version} from a file.")
        text = gettext("%(version)s is imported as a draft.") % {"version": version}
        self.message_user(request, text, messages.SUCCESS)
        for note in read.notes:
            self.message_user(request, note, messages.WARNING)
        return version


def with_counts(flows: QuerySet[Flow]) -> QuerySet[Flow]:
    """Annotate each flow with its published version, its drafts and its running cases."""
    published = FlowVersion.objects.filter(flow=OuterRef("pk"), state=VersionState.PUBLISHED)
    newest = published.order_by("-number")
    running = Case.objects.filter(version__flow=OuterRef("pk"), state="running").order_by()
    counted = running.values("version__flow").annotate(n=Count("pk")).values("n")
    return flows.annotate(
        published_number=Subquery(newest.values("number")[:1]),
        published_id=Subquery(newest.values("pk")[:1]),
        draft_count=Count("versions", filter=Q(versions__state=VersionState.DRAFT)),
        running_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
    )


def version_rows(flow: Flow) -> list[dict[str, Any]]:
    """Return what the table of a flow's versions shows."""
    versions = FlowVersion.objects.filter(flow=flow).select_related("flow", "created_by")
    return [
        {
            "version": version,
            "state": state_badge(version),
            "verdict": verdict_badge(version),
            "created": moment(version.created_at),
            "created_by": version.created_by,
            "published": moment(version.published_at),
            "running": getattr(version, "running", 0),
        }
        for version in versions.with_running()
    ]
