"""What the proof and the checks say about a version, in words for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from workflows.definition import FlowDefinition
from workflows.models import FlowVersion
from workflows.publishing import PublishProblem

from .base import badge

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
    titles = _titles(definition)
    return ShownVerdict(
        tone=tone,
        headline=headline,
        detail=detail,
        facts=tuple((_(name), verdict.get(key)) for key, name in _FACTS),
        problems=tuple(_shown_problem(problem, titles) for problem in verdict.get("problems", ())),
    )


_FACTS = (
    ("workflow_net", "One start, one end, everything between them"),
    ("option_to_complete", "Every case can end"),
    ("proper_completion", "Nothing is left over at the end"),
    ("bounded", "Tokens cannot pile up"),
)


def _headline(verdict: Mapping[str, Any]) -> tuple[str, str, str]:
    states = verdict.get("states", 0)
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


def _shown_problem(problem: Mapping[str, Any], titles: Mapping[str, str]) -> ShownProblem:
    kind = str(problem.get("kind", ""))
    return ShownProblem(
        title=_(PROBLEM_TITLES.get(kind, kind)),
        message=str(problem.get("message", "")),
        run=tuple(titles.get(key, key) for key in problem.get("firing_sequence", ())),
        marking=tuple(
            titles.get(place, place) if count == 1 else f"{count} × {titles.get(place, place)}"
            for place, count in problem.get("marking", {}).items()
        ),
    )


def _titles(definition: FlowDefinition | None) -> dict[str, str]:
    if definition is None:
        return {}
    titles = {place.key: place.title or place.key for place in definition.places}
    return titles | {t.key: t.title or t.key for t in definition.transitions}


def verdict_badge(version: FlowVersion) -> SafeString:
    shown = shown_verdict(version.verdict, None)
    return badge(shown.headline, shown.tone)


def told_problems(
    problems: Sequence[Mapping[str, Any]] | Sequence[PublishProblem],
) -> list[PublishProblem]:
    """Return problems as they come from `problems_of`, or as the facts of a refusal carry them."""
    return [
        problem
        if isinstance(problem, PublishProblem)
        else PublishProblem(problem["path"], problem["message"], bool(problem.get("is_warning")))
        for problem in problems
    ]
