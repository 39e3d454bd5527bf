"""The page on which a fault of a version is told, and played on the drawing of its net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from workflows import casting, drawings, publishing, store
from workflows import data as case_data
from workflows.definition import FlowDefinition
from workflows.models import FlowVersion
from workflows.net import Marking
from workflows.net.drawing import draw
from workflows.proving import Fault
from workflows.story import Step, Story

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _Admin = ModelAdmin[FlowVersion]
else:
    _Admin = object

NAME = "admin:workflows_flowversion_problem"


@dataclass(frozen=True, slots=True)
class ToldSteps:
    """Steps with their numbers, one after another; `is_folded` where they do not matter."""

    is_folded: bool
    steps: tuple[tuple[int, Step], ...]


class ReplayViews(_Admin):
    """Mixed into the admin of flow versions."""

    def problem_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Tell the fault of this number, of those that the proof has found."""
        version: FlowVersion = self._version(request, pk)  # type: ignore[attr-defined]  # of VersionViews
        definition = store.definition_of(version)
        faults = faults_of(publishing.known_proof(version), definition)
        if not 1 <= number <= len(faults):
            raise Http404(f"{version} has no problem {number}: it may have been mended since.")
        story = casting.teller().story(definition, faults[number - 1])
        if story is None:
            raise Http404(f"{version} has changed since problem {number} was found: verify it.")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Problem %(n)s of %(version)s") % {"n": number, "version": version},
            "version": version,
            "story": story,
            "told_steps": told_steps(story),
            "places": _places(definition, story.marking) if story.steps else [],
            "replay": replay_data(story),
            "drawing": drawn_end(definition, story),
            "earlier": _address(pk, number - 1, len(faults)),
            "later": _address(pk, number + 1, len(faults)),
        }
        template = "admin/workflows/flowversion/problem.html"
        return TemplateResponse(request, template, context)


def faults_of(proof: Mapping[str, Any], definition: FlowDefinition) -> list[Fault]:
    """Return what a proof, as JSON, has found: the net's faults before those of the guards.

    Their places in the list are the numbers of their pages.
    """
    guards = proof.get("guards") or {}
    shown = [p for p in guards.get("problems", ()) if p.get("example") is not None]
    return [_fault(problem, definition) for problem in (*proof.get("problems", ()), *shown)]


def _fault(problem: Mapping[str, Any], definition: FlowDefinition) -> Fault:
    example = problem.get("example")
    return Fault(
        kind=str(problem["kind"]),
        message=str(problem["message"]),
        firing_sequence=tuple(problem.get("firing_sequence", ())),
        marking=problem.get("marking", {}),
        example=None if example is None else case_data.read(definition.data, example),
    )


def told_steps(story: Story) -> list[ToldSteps]:
    """Return the steps in groups, of which those that do not matter are shown on demand."""
    groups: list[list[tuple[int, Step]]] = []
    for number, step in enumerate(story.steps, start=1):
        if groups and step.is_minor and groups[-1][-1][1].is_minor:
            groups[-1].append((number, step))
        else:
            groups.append([(number, step)])
    return [ToldSteps(group[0][1].is_minor, tuple(group)) for group in groups]


def replay_data(story: Story) -> dict[str, Any]:
    """Return what the script needs to move the tokens."""
    return {
        "opening": story.opening,
        "start": story.start.as_dict(),
        "steps": [
            {
                "sentence": step.sentence,
                "transition": step.transition,
                "taken": dict(step.taken),
                "emptied": dict(step.emptied),
                "put": dict(step.put),
                "after": step.after.as_dict(),
                "now": step.now,
            }
            for step in story.steps
        ],
        "end": story.end,
        "left": list(story.left),
        "waiting": list(story.waiting),
    }


def drawn_end(definition: FlowDefinition, story: Story) -> str:
    """Return the drawing with the tokens as the story leaves them."""
    svg = draw(
        definition.net(),
        marking=story.marking,
        title=definition.title or definition.key,
        tasks=drawings.task_titles(definition),
        marks=dict.fromkeys(story.left, "left") | dict.fromkeys(story.waiting, "waiting"),
    )
    # The drawing escapes every title itself; see workflows.net.drawing.
    return mark_safe(svg)  # noqa: S308


def _places(definition: FlowDefinition, marking: Marking) -> Sequence[str]:
    titles = {place.key: place.title or place.key for place in definition.places}
    return [
        titles[key] if count == 1 else f"{titles[key]} ({count})" for key, count in marking.items()
    ]


def _address(pk: int, number: int, count: int) -> str:
    return reverse(NAME, args=[pk, number]) if 1 <= number <= count else ""
