"""What a story consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.net import Marking

from .actors import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """One firing. `taken`, `emptied` and `put` are the tokens of each place that it takes by its
    arcs, clears away and puts; `now` tells in words where the case stands afterwards.

    `is_minor`: the story can be understood without it.
    """

    sentence: str
    transition: str
    who: Actor | None
    before: Marking
    after: Marking
    taken: Mapping[str, int]
    emptied: Mapping[str, int]
    put: Mapping[str, int]
    now: str
    is_minor: bool = False

    def as_dict(self) -> dict[str, object]:
        return {
            "sentence": self.sentence,
            "transition": self.transition,
            "who": None if self.who is None else self.who.as_dict(),
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "taken": dict(self.taken),
            "emptied": dict(self.emptied),
            "put": dict(self.put),
            "now": self.now,
            "is_minor": self.is_minor,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """A fault of a flow, told. `headline` is all of it in one sentence; `opening` comes before the
    first step, `end` says what is left where and why nothing goes on, `hint` how to mend it.

    `left` are the places where tokens lie that should not, `waiting` the transitions that wait for
    what never comes.
    """

    kind: str
    headline: str
    opening: str
    start: Marking
    steps: tuple[Step, ...]
    end: str
    hint: str
    left: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def marking(self) -> Marking:
        """Where the story ends."""
        return self.steps[-1].after if self.steps else self.start

    def lines(self) -> list[str]:
        """Return the story in short, a sentence a line: steps that do not matter are one line."""
        told = [self.opening] if self.opening else []
        skipped = 0
        for step in self.steps:
            if step.is_minor:
                skipped += 1
                continue
            if skipped:
                told.append(_skipped(skipped))
            told.append(step.sentence)
            skipped = 0
        if skipped:
            told.append(_skipped(skipped))
        return [*told, self.end] if self.end else told

    def as_dict(self) -> dict[str, object]:
        return {
            "headline": self.headline,
            "opening": self.opening,
            "start": self.start.as_dict(),
            "steps": [step.as_dict() for step in self.steps],
            "end": self.end,
            "hint": self.hint,
            "left": list(self.left),
            "waiting": list(self.waiting),
        }


def _skipped(count: int) -> str:
    return "… one more step …" if count == 1 else f"… {count} more steps …"
