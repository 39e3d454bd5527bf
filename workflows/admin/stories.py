"""The story of a fault on the pages that list what a proof has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ShownStory:
    """`number` is that of the page on which the story is told whole; see `replaying.faults_of`."""

    headline: str
    hint: str
    number: int
    has_steps: bool


def shown_story(problem: Mapping[str, Any], number: int) -> ShownStory | None:
    """Return the story that a stored problem brings; None where it has none."""
    story = problem.get("story")
    if not isinstance(story, Mapping) or not story.get("headline"):
        return None
    hint, steps = str(story.get("hint", "")), story.get("steps")
    return ShownStory(str(story["headline"]), hint, number, bool(steps))


def headline_of(problem: Mapping[str, Any]) -> str:
    """Return a stored problem in one sentence: its story's, else that of the proof."""
    story = shown_story(problem, 0)
    return str(problem["message"]) if story is None else story.headline
