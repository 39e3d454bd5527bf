"""A flow version in the admin: its net as rows, the drawing beside them, what the proof says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from workflows import drawings, publishing, store
from workflows.definition import FlowDefinition
from workflows.flowfile.emit import write_scenarios
from workflows.models import Flow, FlowVersion
from workflows.net.errors import NetError

from .base import ModelAdmin, ModelForm, is_key, json_block, moment, state_badge
from .guards import shown_guards
from .inlines import ArcInline, PlaceInline, TaskInline, TransitionInline
from .plainrows import plain_tables
from .rowsaving import save_rows
from .rowsets import RowSet
from .scenario_views import ScenarioViews
from .scenariofield import SCENARIOS_HELP, ScenariosField
from .stories import headline_of
from .verdicts import shown_verdict, titles_of, told_problems, verdict_badge

if TYPE_CHECKING:
    from workflows.querysets import FlowVersionQuerySet

MOST_PROBLEMS_TOLD = 3


class FlowVersionForm(ModelForm[FlowVersion]):
    scenarios = ScenariosField(
        label=_("Scenarios"),
        help_text=SCENARIOS_HELP,
        widget=forms.Textarea({"rows": 10, "cols": 60, "spellcheck": "false"}),
    )

    class Meta:
        model = FlowVersion
        fields = ("flow", "title", "description", "data_schema", "scenarios")
        widgets = {
            "description": forms.Textarea({"rows": 2, "cols": 60}),
            "data_schema": forms.Textarea({"rows": 12, "cols": 60, "spellcheck": "false"}),
        }

    def clean_data_schema(self) -> dict[str, Any]:
        schema: Any = self.cleaned_data["data_schema"]
        if not isinstance(schema, dict):
            raise ValidationError(_("This must be an object: {“type”: “object”, …}."))
        return schema


@admin.register(FlowVersion)
class FlowVersionAdmin(ScenarioViews, ModelAdmin[FlowVersion]):
    form = FlowVersionForm
    inlines = (PlaceInline, TaskInline, TransitionInline, ArcInline)
    list_display = (
        "name",
        "flow_key",
        "state_shown",
        "verdict_shown",
        "running_cases",
        "created_shown",
        "published_shown",
    )
    list_display_links = ("name",)
    list_filter = ("state", "flow")
    search_fields = ("title", "flow__key", "flow__title")
    list_select_related = ("flow",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[FlowVersion]:
        versions = cast("FlowVersionQuerySet", super().get_queryset(request))
        return versions.select_related("flow").with_running()

    @admin.display(description=_("version"), ordering="title")
    def name(self, version: FlowVersion) -> str:
        return str(version)

    @admin.display(description=_("flow"), ordering="flow__key")
    def flow_key(self, version: FlowVersion) -> str:
        return version.flow.key

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, version: FlowVersion) -> SafeString:
        return state_badge(version)

    @admin.display(description=_("soundness"))
    def verdict_shown(self, version: FlowVersion) -> SafeString:
        return verdict_badge(version)

    @admin.display(description=_("running cases"), ordering="running")
    def running_cases(self, version: FlowVersion) -> int:
        return int(getattr(version, "running", 0))

    @admin.display(description=_("created"), ordering="created_at")
    def created_shown(self, version: FlowVersion) -> str:
        return moment(version.created_at)

    @admin.display(description=_("published"), ordering="published_at")
    def published_shown(self, version: FlowVersion) -> str:
        return moment(version.published_at)

    @admin.display(description=_("data schema"))
    def data_schema_json(self, version: FlowVersion) -> str:
        return json_block(version.data_schema)

    @admin.display(description=_("scenarios"))
    def scenarios_text(self, version: FlowVersion) -> str:
        text = write_scenarios(version.scenarios)
        return format_html('<pre class="json">{}</pre>', text) if text else "–"

    # Who may do what

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and super().has_change_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_publish_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and super().has_delete_permission(request, obj)

    # The page

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("flow", "title", "description", "data_schema")
        if self.has_change_permission(request, obj):
            return ("title", "description", "data_schema", "scenarios")
        return ("title", "description", "data_schema_json", "scenarios_text")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if (flow := form.base_fields.get("flow")) is not None:
            # Beside the choice of a flow there is no place to change, add or delete one.
            for link in ("add", "change", "delete", "view"):
                setattr(flow.widget, f"can_{link}_related", False)
        return form

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> FlowVersion | None:
        if request.method == "POST" and is_key(object_id):
            # Locked until the rows are saved: a version must not be published between the two.
            list(FlowVersion.objects.select_for_update().filter(pk=int(object_id)).values("pk"))
        return super().get_object(request, object_id, from_field)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        given = initial.get("flow", "")
        flow = Flow.objects.filter(pk=given).first() if is_key(given) else None
        return {**initial, "title": flow.title} if flow else initial

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return no forms where nobody may fill them in: `plain_tables` shows the rows."""
        is_plain = obj is not None and not self.has_change_permission(request, obj)
        return [] if is_plain else super().get_inline_instances(request, obj)

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        siblings: dict[type[models.Model], RowSet] = {rows.model: rows for rows in formsets}
        for rows in formsets:
            rows.siblings = siblings
        return formsets, inlines

    def save_model(self, request: HttpRequest, obj: FlowVersion, form: Any, change: bool) -> None:
        if not change:
            # Two who add a version at once would take the same number: the flow's row is the lock.
            Flow.objects.select_for_update().get(pk=obj.flow_id)
            last = obj.flow.versions.aggregate(last=Max("number"))["last"] or 0
            obj.number = last + 1
            obj.created_by_id = request.user.pk
        # What was proved of the rows as they were says nothing of what is saved now.
        obj.verdict = None
        obj.verified_at = None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_m2m()
        save_rows(form.instance, {rows.model: rows for rows in formsets})
        request.saved_version_id = form.instance.pk  # type: ignore[attr-defined]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        saved = getattr(request, "saved_version_id", None)
        if saved is not None:
            # After the commit: a proof may take seconds, and would hold the row's lock as long.
            version = FlowVersion.objects.with_net().get(pk=saved)
            self.verify_and_tell(request, version)
        return response

    def verify_and_tell(self, request: HttpRequest, version: FlowVersion) -> None:
        """Prove the net and say as messages what still keeps the version from being published."""
        definition = store.definition_of(version)
        proof = publishing.verify_version(version, seconds=publishing.SECONDS_FOR_DRAFTS)
        told = [headline_of(problem) for problem in (version.verdict or {}).get("problems", ())]
        if proof.net is not None and not told and not proof.is_sound:
            told.append(shown_verdict(proof.as_dict(), definition).detail)
        told += [f"{problem.where}: {problem.message}" for problem in proof.errors]
        if not told:
            self._tell_sound(request, len(proof.warnings))
            return
        for text in told[:MOST_PROBLEMS_TOLD]:
            self.message_user(request, text, messages.WARNING)
        more = len(told) - MOST_PROBLEMS_TOLD
        if more > 0:
            text = ngettext("… and %(n)s more problem.", "… and %(n)s more problems.", more)
            self.message_user(request, text % {"n": more}, messages.WARNING)

    def _tell_sound(self, request: HttpRequest, warnings: int) -> None:
        if not warnings:
            self.message_user(request, gettext("The net is sound."), messages.SUCCESS)
            return
        text = ngettext(
            "The net is sound. %(n)s warning is to be read before it is published.",
            "The net is sound. %(n)s warnings are to be read before it is published.",
            warnings,
        )
        self.message_user(request, text % {"n": warnings}, messages.WARNING)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: FlowVersion | None = None,
    ) -> HttpResponse:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        context["net_keys"] = _net_keys(context["inline_admin_formsets"])
        if obj is not None and obj.pk:
            context |= {"title": str(obj), "subtitle": None}
            context |= self._what_is_known(request, obj)
            if not self.has_change_permission(request, obj):
                context["plain_tables"] = plain_tables(self, self.inlines, request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _what_is_known(self, request: HttpRequest, version: FlowVersion) -> dict[str, Any]:
        """Return the drawing, the verdict and the problems of the version as it is saved."""
        saved = FlowVersion.objects.with_net().get(pk=version.pk)
        definition = store.definition_of(saved)
        return {
            "version": saved,
            "version_actions": self.actions_on(request, saved),
            "state_badge": state_badge(saved),
            **drawn(definition),
            "verdict": shown_verdict(saved.verdict, definition),
            "guards": shown_guards(saved.verdict, definition, titles_of(definition)),
            "problems": told_problems(publishing.known_proof(saved)) if saved.is_draft else [],
        }

    def response_post_save_add(
        self, request: HttpRequest, obj: FlowVersion
    ) -> HttpResponseRedirect:
        return HttpResponseRedirect(obj.get_admin_url())

    def response_post_save_change(
        self, request: HttpRequest, obj: FlowVersion
    ) -> HttpResponseRedirect:
        return HttpResponseRedirect(obj.get_admin_url())


def drawn(definition: FlowDefinition) -> dict[str, str]:
    """Return the drawing, or in words why there is none."""
    if not definition.places and not definition.transitions:
        return {"no_drawing": gettext("There are no places and transitions yet.")}
    try:
        # The drawing escapes every title itself; see workflows.net.drawing.
        return {"drawing": mark_safe(drawings.draw_definition(definition))}  # noqa: S308
    except NetError as error:
        return {"no_drawing": str(error)}


def _net_keys(inlines: Any) -> dict[str, list[str]]:
    """Return the keys that the rows of the page may name, for the suggestions of their fields."""
    keys: dict[str, list[str]] = {}
    for inline in inlines:
        if not isinstance(inline.opts, ArcInline):
            rows = [form.instance.key for form in inline.formset.forms]
            keys[inline.opts.model._meta.model_name] = [key for key in rows if key]
    return keys
