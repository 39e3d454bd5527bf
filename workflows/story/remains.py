"""What the end of a run leaves: whose answers, whose work, and who waits for what."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.net import ArcKind, Marking, blockers, enabled_transitions, fire, is_enabled

from .actors import Actor
from .firings import Firing, producer
from .scene import Scene
from .words import opened, row

_MOST_TOLD = 3
_MOST_LOOKED_AT, _MOST_LOOKS = 500, 20_000


def turning_point(scene: Scene, firings: Sequence[Firing]) -> Firing | None:
    """Return the last step that is not the flow's own: what people, time or systems did."""
    return next((f for f in reversed(firings) if scene.kind(f.transition) is not None), None)


def answers_of(scene: Scene, firings: Sequence[Firing], marking: Marking) -> list[Firing]:
    """Return what people did whose answers lie there and are not asked for any more."""
    found: list[Firing] = []
    for place in scene.matters(marking):
        by = producer(firings, place)
        if by is not None and by not in found and answered(scene, firings, marking, place):
            found.append(by)
    return found


def answered(
    scene: Scene,
    firings: Sequence[Firing],
    marking: Marking,
    place: str,
    but: Firing | None = None,
) -> Actor | None:
    """Return whose answer lies in the place; None where it is work for somebody."""
    by = producer(firings, place)
    if by is None or by is but:
        return None
    is_work = any(
        scene.task(key) is not None and is_enabled(scene.net, marking, key)
        for key in scene.net.consumers(place)
    )
    return None if is_work else scene.actor(by.transition)


def what_is_there(scene: Scene, firings: Sequence[Firing], marking: Marking) -> str:
    """Return what is left in which place, with whose answer it is."""
    told = []
    for place in scene.left(marking):
        actor = answered(scene, firings, marking, place)
        told.append(scene.title(place) + (f" ({actor.of('answer')})" if actor else ""))
    return f"What is left: {row(told)}."


def open_work_at(scene: Scene, marking: Marking, place: str) -> str:
    """Return who still has work there: `Carl in Finance still has “Check the claim” to do`."""
    for key in scene.net.consumers(place):
        task, actor = scene.task(key), scene.actor(key)
        if task and actor and is_enabled(scene.net, marking, key) and not task.is_optional:
            return f"{actor.brief} still has {scene.task_title(task)} to do"
    return ""


def open_for(scene: Scene, marking: Marking, place: str) -> str:
    """Return who could still do what there, as a sentence after another; "" for nobody."""
    work = open_work_at(scene, marking, place)
    if work:
        closed = ", though it is closed already" if marking[scene.end] else ""
        return f" {opened(work)}{closed}."
    for key in scene.net.consumers(place):
        task, actor = scene.task(key), scene.actor(key)
        if task and actor and is_enabled(scene.net, marking, key):
            return f" {opened(actor.brief)} could still do {scene.task_title(task)}."
    return ""


def near(scene: Scene, marking: Marking) -> list[str]:
    """Return the steps beside what is there that cannot happen, as something is missing."""
    beside = {key for place in scene.matters(marking) for key in scene.net.observers(place)}
    return [
        t.key
        for t in scene.net.transitions
        if t.key in beside and not is_enabled(scene.net, marking, t.key)
    ]


def near_guarded(scene: Scene, marking: Marking) -> list[str]:
    """Return the steps that only their rule keeps from happening."""
    return [
        t.key
        for t in scene.definition.transitions
        if t.guard and is_enabled(scene.net, marking, t.key)
    ]


def who_waits(scene: Scene, marking: Marking, waiting: Sequence[str]) -> str:
    """Return whom each waits for, steps that wait for the same in one sentence."""
    by_reason: dict[str, list[str]] = {}
    for key in waiting:
        missing: list[str] = []
        hindering: list[str] = []
        for blocker in blockers(scene.net, marking, key):
            is_hindering = blocker.kind is ArcKind.INHIBITOR
            (hindering if is_hindering else missing).append(blocker.place)
        parts = []
        if missing:
            parts.append(f"for {scene.titles(missing)}, which nothing brings any more")
        if hindering:
            parts.append(f"until {scene.titles(hindering)} is gone, which nothing takes away")
        by_reason.setdefault(row(parts), []).append(key)
    told = []
    for reason, keys in list(by_reason.items())[:_MOST_TOLD]:
        wait = "wait" if len(keys) > 1 else "waits"
        told.append(f"{row(dict.fromkeys(_named(scene, key) for key in keys))} {wait} {reason}.")
    return " ".join(told) or "No step leads on from there."


def _named(scene: Scene, key: str) -> str:
    """Return the step, or the task of which it is an outcome with who does it."""
    task = scene.task(key)
    actor = scene.actor(key)
    if task is None:
        return scene.step(key)
    return f"{scene.task_title(task)} ({actor.brief})" if actor else scene.task_title(task)


def going_on(scene: Scene, marking: Marking) -> list[str]:
    """Return the steps that can happen from here on, in the order of the flow."""
    onwards = reached_from(scene, marking)
    found = {key for here in onwards for key in enabled_transitions(scene.net, here)}
    return [t.key for t in scene.net.transitions if t.key in found]


def reached_from(scene: Scene, marking: Marking) -> list[Marking]:
    """Return the markings that follow, itself first; of very many those nearby."""
    most = min(_MOST_LOOKED_AT, _MOST_LOOKS // len(scene.net.transitions))
    found, seen = [marking], {marking}
    for here in found:
        if len(found) >= most:
            break
        new = {fire(scene.net, here, key) for key in enabled_transitions(scene.net, here)} - seen
        seen |= new
        found += sorted(new, key=str)
    return found


def circle_of(scene: Scene, firings: Sequence[Firing]) -> tuple[Sequence[Firing], list[str]]:
    """Return the round at the end of the run that leaves more than there was, and where."""
    if not firings:
        return (), []
    after = firings[-1].after
    for n in range(len(firings) - 1, -1, -1):
        before = firings[n].before
        if all(after[place] >= count for place, count in before.items()) and after != before:
            more = [p.key for p in scene.net.places if after[p.key] > before[p.key]]
            return firings[n:], more
    return firings[-1:], list(firings[-1].put)
