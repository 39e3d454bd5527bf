"""How a fault could be mended: small changes, of which the proof itself says whether they do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache

from workflows.net import Marking, Net, Verdict, enabled_transitions, fire_sequence, verify
from workflows.net.errors import NetError

from .firings import Firing, beginning
from .remains import near_guarded
from .repairs import repairs
from .scene import Scene
from .words import opened, row

_MOST_TRIED, _MOST_TRIED_FOR_A_SECOND = 30, 8
_MOST_TOLD = 2
_MOST_STEPS = 150
_MOST_MARKINGS = 500
_SOUND = "the flow is sound"
_SECONDS_EACH = 0.1

_IN_GENERAL = {
    "deadlock": "Let what waits get what it waits for on every way, or let the other ways clear it "
    "away before the end.",
    "livelock": "Give the circle a way out: a step that needs nothing else and leads to the end.",
    "improper_completion": "Let the step that closes it clear away what runs beside it "
    "(“Resets” of its row), or join the branches before the end.",
    "unbounded": "Let the round take as much as it leaves, or let a later step clear it away.",
    "dead_transition": "Let some step lead to what it waits for, or take it out of the flow.",
    "stuck": "Give the decision a default branch, or change its rules so that one of them holds "
    "for these data too.",
    "circling": "Let one of the branches change what the rules look at, or lead out of the circle.",
}


def hint_for(
    scene: Scene,
    kind: str,
    firings: Sequence[Firing],
    marking: Marking,
    dead: str = "",
    *,
    seconds: float,
) -> str:
    """Return how to mend it. What is said to make the flow sound has been proved to do so.

    Of small flows counts end the search, long before `seconds` do.
    """
    if kind not in _IN_GENERAL or len(scene.net.transitions) > _MOST_STEPS:
        return _IN_GENERAL.get(kind, "")
    if kind == "stuck" and near_guarded(scene, marking):
        return _IN_GENERAL[kind]
    good: dict[str, None] = {}
    better: list[str] = []
    began, last = time.monotonic(), _MOST_TRIED
    before = _verdict(scene.net)
    for n, repair in enumerate(repairs(scene, kind, firings, marking, dead)):
        if n >= last or len(good) == _MOST_TOLD or time.monotonic() - began > seconds:
            break
        after = _verdict(repair.net)
        if after is None or before is None:
            continue
        if after.is_sound and (kind != "stuck" or _goes_on(repair.net, firings)):
            good[repair.advice] = None
            last = min(last, n + _MOST_TRIED_FOR_A_SECOND)
        elif _is_less(after, before):
            better.append(repair.advice)
    if good:
        either, this = ("either ", "either") if len(good) > 1 else ("", "this")
        comes = f"{scene.case} goes on and the net is sound" if kind == "stuck" else _SOUND
        return f"{opened(either + row(good, 'or'))}. With {this} {comes}: it was tried."
    if better:
        advice = opened(better[0])
        return f"{advice}. This problem is gone then, while others stay: it was tried."
    return _IN_GENERAL["deadlock" if kind == "stuck" else kind]


def _goes_on(net: Net, firings: Sequence[Firing]) -> bool:
    """Say whether something that could not happen at the end of the run now can."""
    before = firings[-1].after if firings else beginning(net)
    try:
        after = fire_sequence(net, beginning(net), [f.transition for f in firings])
    except NetError:
        return False
    return set(enabled_transitions(net, after)) > set(enabled_transitions(net, before))


@lru_cache(64)  # The problems of one flow ask for the same nets.
def _verdict(net: Net) -> Verdict | None:
    try:
        return verify(net, max_states=_MOST_MARKINGS, seconds=_SECONDS_EACH)
    except NetError:
        return None


def _is_less(after: Verdict, before: Verdict) -> bool:
    """Say whether some of the problems are gone and none has come."""
    old, new = _faults(before), _faults(after)
    return after.workflow_net and new < old


def _faults(verdict: Verdict) -> set[tuple[object, ...]]:
    return {
        (p.kind, p.message) if p.kind == "dead_transition" else (p.kind, p.marking)
        for p in verdict.problems
    }
