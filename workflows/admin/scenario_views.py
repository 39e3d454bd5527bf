"""The scenarios of a version, and a case of it to try out. Nothing of a case is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from workflows import drawings, publishing, store
from workflows.compiled import CompiledFlow
from workflows.errors import NotPublishable
from workflows.flowfile import FlowFileError
from workflows.flowfile.cursor import LONGEST_TITLE
from workflows.flowfile.emit import write_data
from workflows.flowfile.scenarios import MOST_SCENARIOS
from workflows.models import FlowVersion
from workflows.scenarios.suggesting import scenario_out_of

from .trying import (
    RunMapping,
    StartForm,
    StepForm,
    Trial,
    played,
    read_run,
    runnable,
    sample_start,
    with_step,
    without_last_step,
)
from .version_views import NAME, Action, VersionViews

RUN_KEYS = ("requester", "today", "now", "data", "steps")


class ScenarioViews(VersionViews):
    """Mixed into the admin of flow versions."""

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/scenarios/",
                guarded(require_GET(self.scenarios_view)),
                name="workflows_flowversion_scenarios",
            ),
            path("<int:pk>/try/", guarded(self.try_view), name="workflows_flowversion_try"),
            *super().get_urls(),
        ]

    def actions_on(self, request: HttpRequest, version: FlowVersion) -> list[Action]:
        own = [
            Action(gettext("Try it"), reverse(NAME + "try", args=[version.pk])),
            Action(gettext("Scenarios"), reverse(NAME + "scenarios", args=[version.pk])),
        ]
        found = super().actions_on(request, version)
        # The ways to export stand last.
        return [*found[:-3], *own, *found[-3:]]

    def scenarios_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Play the scenarios now, and show how they went."""
        version = self._version(request, pk)
        definition = store.definition_of(version)
        context: dict[str, Any] = {
            "title": gettext("Scenarios of %(version)s") % {"version": version},
            "can_change": self.has_change_permission(request, version),
        }
        try:
            runnable(definition)
        except NotPublishable as error:
            context["cannot_run"] = error.message
        else:
            context["report"] = publishing.play_scenarios(definition)
        return self._scenario_page(request, version, "scenarios", context)

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Play a case of the version, a click a step."""
        version = self._version(request, pk)
        try:
            flow = runnable(store.definition_of(version))
        except NotPublishable as error:
            context = {"title": _try_title(version), "cannot_run": error.message}
            return self._scenario_page(request, version, "try", context)
        if request.method != "POST":
            return self._try_begun(request, version, flow)
        if "start" in request.POST:
            form = StartForm(request.POST)
            if not form.is_valid():
                return self._try_page(request, version, flow, form=form, status=422)
            return self._go_on(request, version, flow, form.as_run(), form=form)
        try:
            trial = played(flow, read_run(request.POST.get("run", "")))
        except (ValidationError, FlowFileError) as error:
            told = error.messages[0] if isinstance(error, ValidationError) else error.message
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(request.path)
        if "save" in request.POST:
            return self._save(request, version, flow, trial)
        if "back" in request.POST:
            return self._go_on(request, version, flow, without_last_step(trial.run))
        step = StepForm(request.POST)
        if not step.is_valid():
            return self._try_page(request, version, flow, trial, step=step, status=422)
        return self._go_on(
            request, version, flow, with_step(trial.run, step, trial.play), before=trial
        )

    def _try_begun(
        self, request: HttpRequest, version: FlowVersion, flow: CompiledFlow
    ) -> HttpResponse:
        """Show the form to begin with, or the scenario that the address names by its number."""
        number = request.GET.get("scenario", "")
        scenarios = flow.definition.scenarios
        if number.isdecimal() and len(number) < 5 and int(number) < len(scenarios):
            chosen = scenarios[int(number)]
            run = {key: chosen[key] for key in RUN_KEYS if key in chosen}
            return self._go_on(request, version, flow, {"steps": [], **run})
        initial = {"values": sample_start(flow), "today": timezone.localdate()}
        return self._try_page(request, version, flow, form=StartForm(initial=initial))

    def _go_on(
        self,
        request: HttpRequest,
        version: FlowVersion,
        flow: CompiledFlow,
        run: RunMapping,
        *,
        form: StartForm | None = None,
        before: Trial | None = None,
    ) -> HttpResponse:
        """Play `run`; where its last step is refused, stay with what was `before`."""
        try:
            trial = played(flow, run)
        except FlowFileError as error:
            refused = "; ".join(problem.message for problem in error.problems)
            return self._try_page(request, version, flow, before, refused=refused, status=422)
        if not trial.refused:
            return self._try_page(request, version, flow, trial)
        stays = before if trial.has_begun else None
        if stays is None and trial.has_begun:
            # A saved scenario that goes wrong: show it as far as it goes.
            stays = played(flow, {**run, "steps": run["steps"][: len(trial.result.steps) - 1]})
        form = form or StartForm(initial={**run, "values": run.get("data")})
        return self._try_page(
            request, version, flow, stays, form=form, refused=trial.refused, status=422
        )

    def _save(
        self, request: HttpRequest, version: FlowVersion, flow: CompiledFlow, trial: Trial
    ) -> HttpResponse:
        """Add the run to the scenarios of the draft; what came out is what it expects."""
        if not self.has_change_permission(request, version):
            raise PermissionDenied
        title = request.POST.get("title", "").strip()
        scenario = scenario_out_of(trial.run, trial.play, title=title)
        refused = self._kept(version, scenario) if title else gettext("Give it a title.")
        if refused:
            return self._try_page(
                request, version, flow, trial, refused=refused, typed=title, status=422
            )
        self.log_change(request, version, f"Added the scenario “{title}”.")
        text = gettext("“%(title)s” is saved as a scenario.") % {"title": title}
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse(NAME + "scenarios", args=[version.pk]))

    @transaction.atomic
    def _kept(self, version: FlowVersion, scenario: Mapping[str, object]) -> str:
        """Write the scenario to the draft, and return nothing; else why not."""
        locked = FlowVersion.objects.select_for_update().get(pk=version.pk)
        if not locked.is_draft:
            return gettext("Somebody has published this version meanwhile: it does not change.")
        if any(s.get("title") == scenario["title"] for s in locked.scenarios):
            return gettext("There is a scenario with this title already.")
        if len(locked.scenarios) >= MOST_SCENARIOS:
            return gettext("A version has %(n)s scenarios at most.") % {"n": MOST_SCENARIOS}
        locked.scenarios = [*locked.scenarios, scenario]
        # What was proved was proved without it.
        locked.verdict = locked.verified_at = None
        locked.save(update_fields=["scenarios", "verdict", "verified_at"])
        return ""

    def _try_page(
        self,
        request: HttpRequest,
        version: FlowVersion,
        flow: CompiledFlow,
        trial: Trial | None = None,
        *,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        marking = trial.play.marking if trial else flow.start
        fired = trial.play.path if trial else ()
        title = _try_title(version)
        svg = drawings.draw_progress(flow.definition, marking, fired, title=title)
        context = {
            "title": title,
            "trial": trial,
            "open_tasks": trial.open_tasks() if trial else (),
            "run": json.dumps(trial.run, ensure_ascii=False) if trial else "",
            # The drawing escapes every title itself; see workflows.net.drawing.
            "drawing": mark_safe(svg),  # noqa: S308
            "data": write_data(trial.play.data) if trial else "",
            "can_save": self.has_change_permission(request, version),
            "longest_title": LONGEST_TITLE,
            **more,
        }
        return self._scenario_page(request, version, "try", context, status=status)

    def _scenario_page(
        self,
        request: HttpRequest,
        version: FlowVersion,
        name: str,
        context: Mapping[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "version": version,
            "is_frozen": not version.is_draft,
            **context,
        }
        template = f"admin/workflows/flowversion/{name}.html"
        return TemplateResponse(request, template, whole, status=status)


def _try_title(version: FlowVersion) -> str:
    return gettext("Try %(version)s") % {"version": version}
