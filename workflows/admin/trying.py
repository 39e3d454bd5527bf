"""A case of a version played on a page: all that happened so far travels with the page's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows import data as case_data
from workflows import flowfile
from workflows.compiled import CompiledFlow, compile_flow
from workflows.definition import FieldRight, FlowDefinition, TaskKind
from workflows.directory import get_directory
from workflows.engine.start import fields_of_the_flow
from workflows.errors import NotPublishable
from workflows.expressions import ExpressionError
from workflows.flowfile.cursor import LONGEST_TITLE
from workflows.flowfile.scenariotext import run_of
from workflows.net.errors import NetError
from workflows.proving.samples import base_data
from workflows.scenarios import Play, ScenarioResult, run

from .scenariofield import DataField

LONGEST_RUN = 200_000
RunMapping = Mapping[str, Any]


class StartForm(forms.Form):
    """What a case begins with."""

    values = DataField(
        label=_("Data"),
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text=_("A field a line, as in a flow file: amount: 120"),
    )
    requester = forms.CharField(
        label=_("Requester"),
        max_length=LONGEST_TITLE,
        required=False,
        help_text=_("A user name. Without one, sample people play everybody."),
    )
    today = forms.DateField(label=_("Today"), widget=forms.DateInput({"type": "date"}))

    def as_run(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {"requester": given["requester"], "today": given["today"].isoformat()}
        return {k: v for k, v in found.items() if v} | {"data": given["values"], "steps": []}


class StepForm(forms.Form):
    """How a task ends."""

    task = forms.CharField(widget=forms.HiddenInput)
    outcome = forms.CharField()
    values = DataField(label=_("Fields"), widget=forms.Textarea({"rows": 4, "class": "code"}))
    by = forms.CharField(label=_("By"), max_length=LONGEST_TITLE, required=False)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that can be ended now. `fields` is the text of those that may be filled in."""

    key: str
    title: str
    kind: str
    who: str
    is_human: bool
    can_give_data: bool
    fields: str
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trial:
    """A run as far as it goes; `refused` is why its last step is not possible."""

    run: RunMapping
    play: Play
    result: ScenarioResult

    @property
    def refused(self) -> str:
        return "".join(failure.message for failure in self.result.failures)

    @property
    def has_begun(self) -> bool:
        return bool(self.result.steps)

    def open_tasks(self) -> list[OpenTask]:
        return [_open_task(self.play, key) for key in self.play.offered]


def runnable(definition: FlowDefinition) -> CompiledFlow:
    """Return the flow, ready to be tried.

    Raises:
        NotPublishable: it cannot run at all; names what to mend.
    """
    problems = flowfile.problems(definition)
    if problems:
        raise NotPublishable("; ".join(str(problem) for problem in problems))
    try:
        return compile_flow(definition, version_id=0)
    except (ExpressionError, NetError) as error:
        raise NotPublishable(str(error)) from error


def played(flow: CompiledFlow, trial: RunMapping) -> Trial:
    """Play a run, with the company's people where it names its requester.

    Raises:
        FlowFileError: what the page has sent is no run of this flow.
    """
    scenario = run_of(flow.definition, trial)
    done = run(flow, scenario, at=timezone.now(), company=get_directory())
    return Trial(trial, done.play, done.result)


def read_run(text: str) -> RunMapping:
    """Return the run that a page carries.

    Raises:
        ValidationError: it is none.
    """
    try:
        found = json.loads(text) if len(text) <= LONGEST_RUN else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("steps"), list):
        raise ValidationError(gettext("This page cannot go on: begin anew."))
    return found


def with_step(trial: RunMapping, form: StepForm, play: Play) -> RunMapping:
    """Return the run with one step more; fields that stay as they are, are not part of it."""
    given = form.cleaned_data
    key, outcome = given["task"], given["outcome"]
    changed = {
        name: value
        for name, value in given["values"].items()
        if not _is_same(value, play.data.get(name))
    }
    whole = {"task": key, "outcome": outcome, "by": given["by"], "data": changed}
    step = {name: part for name, part in whole.items() if part}
    is_short = step.keys() == {"task", "outcome"}
    return {**trial, "steps": [*trial["steps"], {key: outcome} if is_short else step]}


def without_last_step(trial: RunMapping) -> RunMapping:
    return {**trial, "steps": trial["steps"][:-1]}


def sample_start(flow: CompiledFlow) -> dict[str, Any]:
    """Return data that a case could begin with, for the form to be filled in."""
    own = fields_of_the_flow(flow)
    values = base_data(flow.schema)
    return case_data.write({name: part for name, part in values.items() if name not in own})


def _is_same(one: object, other: object) -> bool:
    return case_data.canonical({"": one}) == case_data.canonical({"": other})


def _open_task(play: Play, key: str) -> OpenTask:
    task = play.flow.tasks[key]
    definition = task.definition
    is_human = definition.kind is TaskKind.HUMAN
    editable = [name for name, right in definition.form.items() if right is FieldRight.EDIT]
    values = {name: play.data.get(name) for name in editable}
    return OpenTask(
        key=key,
        title=task.title,
        kind=str(definition.kind),
        who=definition.assign,
        is_human=is_human,
        can_give_data=bool(editable) or definition.kind in (TaskKind.SERVICE, TaskKind.MESSAGE),
        fields=DataField().prepare_value(values),
        outcomes=tuple((outcome, _button(play, key, outcome)) for outcome in play.possible(key)),
    )


def _button(play: Play, key: str, outcome: str) -> str:
    transition = play.flow.tasks[key].outcomes[outcome]
    return transition.title if transition.title != transition.key else outcome
