"""Small changes of a net, each of which might mend it. The proof tells which of them do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workflows.net import (
    Arc,
    ArcKind,
    Marking,
    Net,
    Place,
    Transition,
    blockers,
    enabled_transitions,
    fire,
)

from .firings import Firing, beginning
from .remains import circle_of, going_on, near, turning_point
from .scene import Scene

_MOST_MARKINGS, _MOST_LOOKS = 300, 20_000


@dataclass(frozen=True, slots=True)
class Repair:
    """`advice` is an order: "let “Reject” also clear away “Finance agrees”"."""

    advice: str
    net: Net


def repairs(
    scene: Scene, kind: str, firings: Sequence[Firing], marking: Marking, dead: str = ""
) -> Iterator[Repair]:
    """Yield what might mend a fault, the most likely first."""
    left = scene.left(marking)
    if kind == "improper_completion" and firings:
        yield from _clear_away(scene, firings[-1].transition, left)
        yield from _joined_before_end(scene, firings[-1].transition)
        yield from _clear_away_before(scene, firings, left)
    elif kind in ("deadlock", "stuck"):
        yield from _brought(scene, firings, near(scene, marking))
        for key in near(scene, marking):
            yield from _eased(scene, key)
        yield from _split(scene, near(scene, marking))
        yield from _ended(scene, turning_point(scene, firings))
        yield from _led_on(scene, left)
    elif kind == "livelock":
        yield from _brought(scene, firings, near(scene, marking))
        yield from _led_out(scene, left)
        yield from _led_out(scene, _places_of(scene, going_on(scene, marking)))
    elif kind == "unbounded":
        yield from _not_put(scene, firings)
    elif kind == "dead_transition" and dead:
        yield from _eased(scene, dead)
        yield Repair(f"take {scene.step(dead)} out of the flow", _without(scene.net, dead))


def _clear_away(scene: Scene, key: str, left: Sequence[str]) -> Iterator[Repair]:
    """Yield resets of what is left; then of all that may lie beside this step, which ends more."""
    together = _beside(scene, key)
    wider = [place for place in together if place not in left]
    for places in ([*left], [*left, *wider]) if wider else ([*left],):
        if places:
            advice = f"let {scene.step(key)} also clear away {scene.titles(places)}"
            yield Repair(f"{advice} (“Resets” of its row)", _with_arcs(scene.net, key, places))


def _clear_away_before(
    scene: Scene, firings: Sequence[Firing], left: Sequence[str]
) -> Iterator[Repair]:
    """Yield resets at earlier steps: the last one may be a join that is itself in order."""
    for key in dict.fromkeys(f.transition for f in reversed(firings[:-1])):
        yield from _clear_away(scene, key, [p for p in left if p not in scene.net.outputs(key)])


def _beside(scene: Scene, key: str) -> list[str]:
    """Return the places in which tokens may lie when the step happens, without what it takes."""
    found: set[str] = set()
    for marking in _markings(scene.net):
        if key in enabled_transitions(scene.net, marking):
            found |= set(marking.remove(scene.net.inputs(key)))
    own = {scene.end, *scene.net.outputs(key), *scene.net.resets(key)}
    return [p.key for p in scene.net.places if p.key in found and p.key not in own]


def _markings(net: Net) -> list[Marking]:
    most = min(_MOST_MARKINGS, _MOST_LOOKS // len(net.transitions))
    seen = {beginning(net): None}
    for marking in (pending := list(seen)):
        for key in enabled_transitions(net, marking):
            after = fire(net, marking, key)
            if after not in seen and len(seen) < most:
                seen[after] = None
                pending.append(after)
    return pending


def _joined_before_end(scene: Scene, key: str) -> Iterator[Repair]:
    """Yield joins of this step with each other that leads to the end."""
    net, end = scene.net, scene.end
    for other in net.producers(end):
        if other == key:
            continue
        arcs = [
            a
            for a in net.arcs
            if not (a.kind is ArcKind.OUTPUT and a.place == end and a.transition in (key, other))
        ]
        arcs += [Arc("+1", key, ArcKind.OUTPUT), Arc("+2", other, ArcKind.OUTPUT)]
        arcs += [Arc("+1", "+", ArcKind.INPUT), Arc("+2", "+", ArcKind.INPUT)]
        arcs.append(Arc(end, "+", ArcKind.OUTPUT))
        joined = Net(
            net.key,
            (*net.places, Place("+1"), Place("+2")),
            (*net.transitions, Transition("+")),
            tuple(arcs),
        )
        both = scene.steps((key, other))
        advice = f"join the branches before {scene.title(end)}: one more step that waits for {both}"
        yield Repair(advice, joined)


def _brought(scene: Scene, firings: Sequence[Firing], waiting: Iterable[str]) -> Iterator[Repair]:
    """Yield what brings the missing token: each step of the run, the last first."""
    marking = firings[-1].after if firings else beginning(scene.net)
    for key in waiting:
        missing = [
            b.place for b in blockers(scene.net, marking, key) if b.kind is not ArcKind.INHIBITOR
        ]
        for step in dict.fromkeys(f.transition for f in reversed(firings)):
            if missing:
                new = [Arc(place, step, ArcKind.OUTPUT) for place in missing]
                advice = (
                    f"let {scene.step(step)} also lead to {scene.titles(missing)}, "
                    f"for which {scene.step(key)} waits"
                )
                yield Repair(advice, replace(scene.net, arcs=(*scene.net.arcs, *new)))


def _split(scene: Scene, waiting: Iterable[str]) -> Iterator[Repair]:
    """Yield, for each step that waits for several places, a step for each of them alone."""
    for key in waiting:
        inputs = list(scene.net.inputs(key))
        if len(inputs) < 2:
            continue
        others = [a for a in scene.net.arcs if a.transition != key]
        own = [a for a in scene.net.arcs if a.transition == key and a.kind is not ArcKind.INPUT]
        steps = [f"{key}+{n}" for n in range(len(inputs))]
        for place, step in zip(inputs, steps, strict=True):
            others += [replace(arc, transition=step) for arc in own]
            others.append(Arc(place, step, ArcKind.INPUT, scene.net.inputs(key)[place]))
        kept = [t for t in scene.net.transitions if t.key != key]
        split = (*kept, *(Transition(step) for step in steps))
        advice = (
            f"let {scene.step(key)} not wait for {scene.titles(inputs)} together: "
            "make a step of its own from each"
        )
        yield Repair(advice, replace(scene.net, transitions=split, arcs=tuple(others)))


def _ended(scene: Scene, cause: Firing | None) -> Iterator[Repair]:
    """Yield that the step at which it went wrong ends the case, and clears away the rest."""
    if cause is None or not scene.end:
        return
    key = cause.transition
    beside = _beside(scene, key)
    arcs = [a for a in scene.net.arcs if not (a.transition == key and a.kind is ArcKind.OUTPUT)]
    arcs.append(Arc(scene.end, key, ArcKind.OUTPUT))
    clears = f" and clear away {scene.titles(beside)} (“Resets” of its row)" if beside else ""
    advice = f"let {scene.step(key)} lead to {scene.title(scene.end)}{clears}"
    ended = replace(scene.net, arcs=tuple(arcs))
    yield Repair(advice, _with_arcs(ended, key, beside))


def _led_on(scene: Scene, left: Sequence[str]) -> Iterator[Repair]:
    if not left or not scene.end:
        return
    arcs = [Arc(place, "+", ArcKind.INPUT) for place in left]
    arcs.append(Arc(scene.end, "+", ArcKind.OUTPUT))
    advice = f"add a step that leads from {scene.titles(left)} on to {scene.title(scene.end)}"
    yield Repair(advice, _with_step(scene.net, arcs))


def _led_out(scene: Scene, places: Iterable[str]) -> Iterator[Repair]:
    for place in places:
        if scene.end and place != scene.end:
            arcs = [Arc(place, "+", ArcKind.INPUT), Arc(scene.end, "+", ArcKind.OUTPUT)]
            advice = f"add a step that leads from {scene.title(place)} to {scene.title(scene.end)}"
            yield Repair(advice, _with_step(scene.net, arcs))


def _not_put(scene: Scene, firings: Sequence[Firing]) -> Iterator[Repair]:
    round_, more = circle_of(scene, firings)
    for firing in round_:
        for place in more:
            if place in firing.put:
                key = firing.transition
                arcs = tuple(
                    a
                    for a in scene.net.arcs
                    if (a.place, a.transition, a.kind) != (place, key, ArcKind.OUTPUT)
                )
                advice = f"let {scene.step(key)} no longer lead to {scene.title(place)}"
                yield Repair(advice, replace(scene.net, arcs=arcs))


def _eased(scene: Scene, dead: str) -> Iterator[Repair]:
    """Yield that the step no longer waits for one of its places."""
    inputs = list(scene.net.inputs(dead))
    for place in reversed(inputs) if len(inputs) > 1 else ():
        arcs = tuple(
            a
            for a in scene.net.arcs
            if not (a.transition == dead and a.kind is ArcKind.INPUT and a.place == place)
        )
        advice = f"let {scene.step(dead)} no longer wait for {scene.title(place)}"
        yield Repair(advice, replace(scene.net, arcs=arcs))


def _places_of(scene: Scene, keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(place for key in keys for place in scene.net.inputs(key)))


def _with_arcs(net: Net, key: str, places: Iterable[str]) -> Net:
    resets = [Arc(place, key, ArcKind.RESET) for place in places]
    return replace(net, arcs=(*net.arcs, *resets))


def _with_step(net: Net, arcs: Iterable[Arc]) -> Net:
    steps = (*net.transitions, Transition("+"))
    return replace(net, transitions=steps, arcs=(*net.arcs, *arcs))


def _without(net: Net, key: str) -> Net:
    arcs = tuple(a for a in net.arcs if a.transition != key)
    kept = tuple(t for t in net.transitions if t.key != key)
    return replace(net, transitions=kept, arcs=arcs)
