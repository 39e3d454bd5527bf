"""The story of a step that never happens: there is no run, so what it waits for is told."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

from workflows.net import Marking, Net, enabled_transitions, fire
from workflows.net.structure import name, within_reach

from .firings import beginning
from .scene import Scene
from .story import Story
from .words import opened

_MOST_MARKINGS, _MOST_LOOKS = 2_000, 100_000


def dead_step(net: Net, message: str) -> str:
    """Return the transition that the message of a problem is about; "" where it names none."""
    found = [t.key for t in net.transitions if message.startswith(f"{name(net, t.key)} can never")]
    return found[0] if len(found) == 1 else ""


def dead_story(scene: Scene, dead: str, hint: str) -> Story:
    """Return why nobody ever comes to this step."""
    start = beginning(scene.net)
    if not dead:
        return Story(
            kind="dead_transition",
            headline="There is a step that can never happen.",
            opening="",
            start=start,
            steps=(),
            end="Whatever people decide, no case ever comes there.",
            hint=hint,
        )
    actor, task = scene.actor(dead), scene.task(dead)
    headline = f"{scene.step(dead)} can never happen, whatever anybody decides."
    if actor is not None and task is not None:
        headline = (
            f"{actor.brief} can never choose {scene.title(dead)} in {scene.task_title(task)}."
        )
    why, missing = _why(scene, dead)
    return Story(
        kind="dead_transition",
        headline=opened(headline),
        opening="",
        start=start,
        steps=(),
        end=opened(f"{scene.step(dead)} {why}."),
        hint=hint,
        left=tuple(missing),
        waiting=(dead,),
    )


def _why(scene: Scene, dead: str) -> tuple[str, list[str]]:
    """Return what the step waits for in vain, and the places of it."""
    net = scene.net
    needed = list(net.needs(dead))
    reached, is_all = _markings(net)
    possible, _ = within_reach(net, beginning(net))
    never = [p for p in needed if p not in possible]
    if is_all:
        most = {p: max((marking[p] for marking in reached), default=0) for p in needed}
        never = [p for p in needed if most[p] == 0]
        few = [p for p in needed if 0 < most[p] < net.needs(dead)[p]]
        if few and not never:
            count = net.needs(dead)[few[0]]
            there = most[few[0]]
            often = "once" if there == 1 else f"{there} times"
            told = f"waits for {scene.title(few[0])} {count} times, and it is there {often} at most"
            return told, few
    if never:
        return f"waits for {scene.titles(never)}, where no case ever comes", never
    if len(needed) > 1:
        pairs = combinations(needed, 2)
        apart = next((p for p in pairs if is_all and not _together(reached, p)), None)
        if apart is not None:
            return (
                f"waits for {scene.titles(apart)} together, but a case is only ever in one of "
                "the two: they lie on different branches of a choice"
            ), list(apart)
        return f"waits for {scene.titles(needed)}, which are never all there at once", needed
    hindering = list(net.inhibitors(dead))
    if hindering:
        return (
            f"may not happen while {scene.titles(hindering)} is there, and it always is when "
            "the turn comes"
        ), hindering
    return "waits for what never comes", needed


def _together(reached: list[Marking], pair: tuple[str, str]) -> bool:
    return any(marking[pair[0]] and marking[pair[1]] for marking in reached)


@lru_cache(4)  # Often several steps of one flow are dead.
def _markings(net: Net) -> tuple[list[Marking], bool]:
    """Return the markings that can be reached, and whether these are all."""
    most = min(_MOST_MARKINGS, _MOST_LOOKS // len(net.transitions))
    found = [beginning(net)]
    seen = set(found)
    for marking in found:
        for key in enabled_transitions(net, marking):
            after = fire(net, marking, key)
            if after not in seen:
                if len(found) >= most:
                    return found, False
                seen.add(after)
                found.append(after)
    return found, True
