"""What the proof says about a version's guards, in words for the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from workflows.definition import FlowDefinition
from workflows.expressions.ranges.domains import schema_at

from .stories import ShownStory, shown_story

TITLES = {
    "stuck": "A case gets stuck with these data",
    "circling": "A case goes round for ever with these data",
    "may_stop": "Not certain",
    "not_shown": "Not certain",
    "gap": "No branch fits",
    "fails": "A guard that cannot be worked out",
    "overlap": "More than one branch fits",
    "never_taken": "A branch that is never taken",
    "undecided": "Too many cases to look at",
}


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """`tone`: bad blocks publishing, a warning is to be confirmed, quiet is only worth knowing.

    `data`: fields of an example by their titles. `run`: what such a case does before, by titles.
    """

    tone: str
    title: str
    message: str
    data: tuple[tuple[str, str], ...] = ()
    run: tuple[str, ...] = ()
    story: ShownStory | None = None


@dataclass(frozen=True, slots=True)
class ShownGuards:
    tone: str
    headline: str
    detail: str
    findings: tuple[ShownFinding, ...]

    @property
    def against(self) -> list[ShownFinding]:
        """What blocks publishing, or is to be confirmed."""
        return [finding for finding in self.findings if finding.tone != "quiet"]

    @property
    def notes(self) -> list[ShownFinding]:
        return [finding for finding in self.findings if finding.tone == "quiet"]


def shown_guards(
    proof: Mapping[str, Any] | None, definition: FlowDefinition, titles: Mapping[str, str]
) -> ShownGuards | None:
    """Return what to show of a stored proof's second verdict; None where it has none at all."""
    if not proof or "guards" not in proof:
        return None
    guards = proof["guards"]
    if guards is None:
        detail = _("They are looked at once the flow can be read.")
        return ShownGuards("quiet", _("With its guards: not known"), detail, ())
    findings = [
        _finding(finding, "warning" if finding["is_warning"] else "quiet", definition, titles)
        for finding in guards["findings"]
    ]
    if proof["verdict"] != "sound":
        detail = _("The faults of the net come first.")
        return ShownGuards("quiet", _("With its guards: not known"), detail, tuple(findings))
    is_stuck = is_stranding(guards)
    headline, detail = _headline(guards["verdict"], is_stuck)
    tone = "bad" if is_stuck else "good" if guards["verdict"] == "proved" else "warning"
    shown = [
        problem
        for problem in guards["problems"]
        if (problem["example"] is not None if is_stuck else problem["kind"] != "never_taken")
    ]
    problems = [
        _finding(problem, "bad" if is_stuck else "warning", definition, titles, number)
        for number, problem in enumerate(shown, start=len(proof.get("problems", ())) + 1)
    ]
    return ShownGuards(tone, headline, detail, (*problems, *findings))


def is_stranding(guards: Mapping[str, Any]) -> bool:
    """Say whether a case was seen to get stuck, or to go round for ever, with example data."""
    return any(problem.get("example") is not None for problem in guards.get("problems", ()))


def guard_messages(proof: Mapping[str, Any]) -> frozenset[str]:
    """Return the messages that the part about guards tells, so that no other part repeats them."""
    guards = proof.get("guards") or {}
    told = (*guards.get("problems", ()), *guards.get("findings", ()))
    return frozenset(str(one["message"]) for one in told)


def _headline(verdict: str, is_stuck: bool) -> tuple[str, str]:
    if verdict == "proved":
        return _("With its guards: proved"), _("Whatever the data are, every case can end.")
    if is_stuck:
        detail = _("A case was played with example data, and does not get to its end.")
        return _("With its guards: refuted"), detail
    if verdict == "refuted":
        return _("With its guards: refuted"), _("Every branch should be of use to some case.")
    detail = _("The net is not at fault; it depends on the data whether a case gets on.")
    return _("With its guards: not certain"), detail


def _finding(
    told: Mapping[str, Any],
    tone: str,
    definition: FlowDefinition,
    titles: Mapping[str, str],
    number: int = 0,
) -> ShownFinding:
    kind = str(told["kind"])
    return ShownFinding(
        tone=tone,
        title=_(TITLES.get(kind, kind)),
        message=str(told["message"]),
        data=tuple(shown_data(told.get("example"), definition)),
        run=tuple(titles.get(key, key) for key in told.get("firing_sequence", ())),
        story=shown_story(told, number),
    )


def shown_data(
    example: Mapping[str, Any] | None, definition: FlowDefinition
) -> list[tuple[str, str]]:
    """Return the fields of an example by their titles, each with its value as people read it."""
    return [
        (str(schema_at(definition.data, name).get("title") or name), _value(value))
        for name, value in (example or {}).items()
    ]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return _("empty")
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
