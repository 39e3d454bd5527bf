"""A proof in lines of text, for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from .proof import Proof
from .restricted import GuardVerdict

Tone = Literal["good", "warning", "bad"]
MOST_STEPS = 60

_NET = {
    "sound": "Sound: every case can end, ends cleanly, and no transition is dead.",
    "unsound": "Not sound.",
    "undecided": "Undecided: the search ended at its bounds before the answer was certain.",
}


def headline(verdict: str, guards: GuardVerdict | None = None) -> tuple[str, Tone]:
    """Return the classical verdict in a sentence, never better than the second one, and its
    colour."""
    if verdict != "sound":
        return _NET[verdict], "bad"
    if guards is None or guards.verdict == "proved":
        return _NET["sound"], "good"
    if guards.verdict == "undecided":
        return "Sound as a net; with its guards that is not certain.", "warning"
    if any(problem.example is not None for problem in guards.problems):
        return "Sound as a net, but with some data a case gets stuck.", "bad"
    return "Sound as a net, but with its guards some branch is never taken.", "warning"


def guard_line(proof: Proof) -> str:
    """Return the second verdict in a sentence."""
    soundness = None if proof.guards is None else proof.guards.soundness
    if soundness is None:
        return "With its guards: not looked at, since they or the net cannot be read."
    if not proof.is_sound:
        return "With its guards: not known, since the net itself is not sound."
    cases = sum(cluster.cases for cluster in proof.guards.clusters) if proof.guards else 0
    looked = f"{cases:,} cases of the data looked at" if cases else "there are no guards"
    return f"With its guards: {soundness.verdict} ({looked})."


def problem_lines(problem: Mapping[str, Any]) -> Iterator[str]:
    """Yield what stands against publishing, from its JSON; the run and the data that show it."""
    what = "warning" if problem["is_warning"] else "error"
    where = f"{problem['path']}: " if problem["path"] else ""
    yield f"{what}: {where}{problem['message']}"
    if problem.get("firing_sequence"):
        yield f"   run:     {run_told(problem['firing_sequence'])}"
    if problem.get("example") is not None:
        yield f"   data:    {data_told(problem['example'])}"


def note_lines(proof: Proof) -> Iterator[str]:
    """Yield what is worth knowing of the guards and stands against nothing."""
    for finding in () if proof.guards is None else proof.guards.findings:
        if not finding.is_warning:
            yield f"note: {finding.where}: {finding.message}"


def stories(proof: Proof) -> dict[str, Mapping[str, Any]]:
    """Return the stories that the proof tells, by the message of what they are about."""
    told: Mapping[str, Any] = proof.as_dict()
    problems = (*told["problems"], *(told["guards"] or {}).get("problems", ()))
    return {str(p["message"]): p["story"] for p in problems if p.get("story")}


def story_lines(story: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield a story without the steps that do not matter, and how to mend what it is about."""
    if story and story.get("headline"):
        yield f"   story:   {story['headline']}"
        for number, step in enumerate(story.get("steps", ()), start=1):
            if not step["is_minor"]:
                yield f"       {number:>3}. {step['sentence']}"
        if story.get("end"):
            yield f"            {story['end']}"
    if story and story.get("hint"):
        yield f"   cure:    {story['hint']}"


def run_told(run: list[str] | tuple[str, ...]) -> str:
    return " ".join(run[:MOST_STEPS]) + (" ..." if len(run) > MOST_STEPS else "")


def data_told(example: Mapping[str, Any]) -> str:
    """Return data as `amount = 10, note = "x"`."""
    told = [f"{k} = {json.dumps(v, ensure_ascii=False, default=str)}" for k, v in example.items()]
    return ", ".join(told) or "none"
