"""What the proof and the checks say about a version, in words for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflows.definition import FlowDefinition
from workflows.models import FlowVersion

from .base import badge
from .guards import guard_messages, is_stranding
from .stories import ShownStory, shown_story

PROBLEM_TITLES = {
    "not_workflow_net": "Not a workflow net",
    "deadlock": "A case can get stuck",
    "livelock": "A case can go round for ever",
    "improper_completion": "A case can end while work is left",
    "unbounded": "Tokens can pile up without end",
    "dead_transition": "A step that can never happen",
}


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A fault of the net: the run that shows it by titles, and where the tokens lie then."""

    title: str
    message: str
    run: tuple[str, ...]
    marking: tuple[str, ...]
    story: ShownStory | None = None


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """`tone` is the colour of the headline; `facts` are properties with yes, no or not known."""

    tone: str
    headline: str
    detail: str
    facts: tuple[tuple[str, bool | None], ...]
    problems: tuple[ShownProblem, ...]


def shown_verdict(
    verdict: Mapping[str, Any] | None, definition: FlowDefinition | None
) -> ShownVerdict:
    """Return what to show of a stored verdict; nodes are called by the titles of `definition`."""
    if not verdict:
        detail = _("Nobody has proved yet that every case of it can end.")
        return ShownVerdict("quiet", _("Not verified yet"), detail, (), ())
    tone, headline, detail = _headline(verdict)
    titles = titles_of(definition)
    return ShownVerdict(
        tone=tone,
        headline=headline,
        detail=detail,
        facts=tuple((_(name), verdict.get(key)) for key, name in _facts(tone)),
        problems=tuple(
            _shown_problem(problem, titles, number)
            for number, problem in enumerate(verdict.get("problems", ()), start=1)
        ),
    )


_FACTS = (
    ("workflow_net", "One start, one end, everything between them"),
    ("option_to_complete", "Every case can end"),
    ("proper_completion", "Nothing is left over at the end"),
    ("bounded", "Tokens cannot pile up"),
)


def _facts(tone: str) -> tuple[tuple[str, str], ...]:
    """The facts are those of the net: they say so where the guards make another answer of it."""
    if tone == "good":
        return _FACTS
    last = "Every case can end, as far as the net decides"
    return tuple((key, last if key == "option_to_complete" else name) for key, name in _FACTS)


def _headline(verdict: Mapping[str, Any]) -> tuple[str, str, str]:
    states = verdict.get("states", 0)
    guards = verdict.get("guards") or {}
    if verdict["verdict"] == "sound" and is_stranding(guards):
        detail = _("As a net it is sound: with other data every case can end, and ends cleanly.")
        return "bad", _("Some data strand a case"), detail
    if verdict["verdict"] == "sound" and guards.get("verdict") == "undecided":
        detail = _("As a net it is sound: every case can end where its guards let it.")
        return "warning", _("Sound as a net"), detail
    if verdict["verdict"] == "sound":
        detail = _(
            "Every case can end, ends cleanly, and every step can happen: %(n)s markings seen."
        )
        return "good", _("Sound"), detail % {"n": states}
    if verdict["verdict"] == "unsound":
        return "bad", _("Not sound"), _("It cannot be published until this is mended.")
    detail = _(
        "The search ended at %(n)s markings, too early to tell. A simpler net can be decided."
    )
    return "warning", _("Undecided"), detail % {"n": states}


def _shown_problem(
    problem: Mapping[str, Any], titles: Mapping[str, str], number: int
) -> ShownProblem:
    kind = str(problem.get("kind", ""))
    return ShownProblem(
        title=_(PROBLEM_TITLES.get(kind, kind)),
        message=str(problem.get("message", "")),
        run=tuple(titles.get(key, key) for key in problem.get("firing_sequence", ())),
        marking=tuple(
            titles.get(place, place) if count == 1 else f"{count} × {titles.get(place, place)}"
            for place, count in problem.get("marking", {}).items()
        ),
        story=shown_story(problem, number),
    )


def titles_of(definition: FlowDefinition | None) -> dict[str, str]:
    """Return what places and transitions are called."""
    if definition is None:
        return {}
    titles = {place.key: place.title or place.key for place in definition.places}
    return titles | {t.key: t.title or t.key for t in definition.transitions}


def verdict_badge(version: FlowVersion) -> SafeString:
    shown = shown_verdict(version.verdict, None)
    return badge(shown.headline, shown.tone)


def told_problems(proof: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a proof tells against publishing, without what is told of the net and the
    guards; errors first."""
    told = guard_messages(proof) | {problem["message"] for problem in proof.get("problems", ())}
    problems = (*proof.get("errors", ()), *proof.get("warnings", ()))
    return [problem for problem in problems if problem["message"] not in told]
