"""What each kind of fault comes to: the headline, the end, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workflows.net import Marking

from .firings import Firing
from .remains import (
    answered,
    answers_of,
    circle_of,
    going_on,
    near,
    near_guarded,
    open_for,
    open_work_at,
    reached_from,
    turning_point,
    what_is_there,
    who_waits,
)
from .scene import Scene
from .words import opened, row


@dataclass(frozen=True, slots=True)
class Plot:
    headline: str
    end: str
    left: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def plot_of(scene: Scene, kind: str, firings: Sequence[Firing], marking: Marking) -> Plot:
    """Return what the fault at the end of this run comes to."""
    tell = _PLOTS.get(kind, _other)
    return tell(scene, firings, marking)


def _deadlock(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    left, waiting = scene.left(marking), near(scene, marking)
    if not left:
        last = scene.done(firings[-1]) if firings else "nothing happens"
        headline = f"{last}, and nothing is left of {scene.case}: it never ends."
        return Plot(opened(headline), f"Nobody has anything to do, and {scene.case} stays open.")
    cause = turning_point(scene, firings)
    return Plot(
        opened(_stuck_headline(scene, firings, cause, marking)),
        f"{what_is_there(scene, firings, marking)} {who_waits(scene, marking, waiting)} "
        f"{_nobody_can(scene, marking)}",
        tuple(scene.matters(marking)),
        tuple(waiting),
    )


def _nobody_can(scene: Scene, marking: Marking) -> str:
    """Tell that nothing goes on; what is offered all the same is only a way to give it up."""
    offers = [told for place in scene.left(marking) if (told := open_for(scene, marking, place))]
    if offers:
        return f"{''.join(offers).strip()} Otherwise {scene.case} stays open for ever."
    return f"Nobody can do anything more, and {scene.case} stays open for ever."


def _stuck_headline(
    scene: Scene, firings: Sequence[Firing], cause: Firing | None, marking: Marking
) -> str:
    others = [f for f in answers_of(scene, firings, marking) if f is not cause]
    places = scene.titles(scene.matters(marking))
    if cause is None:
        return f"{scene.case} gets stuck at {places} by itself."
    if not others:
        return f"{scene.done(cause)}, and {scene.case} is stuck at {places}: nothing leads on."
    while_ = row(scene.done(other, has_already=True) for other in others)
    return (
        f"{scene.done(cause)} while {while_}; "
        f"{_left_by(scene, others)} behind and {scene.case} never ends."
    )


def _left_by(scene: Scene, others: Sequence[Firing]) -> str:
    actors = [actor for f in others if (actor := scene.actor(f.transition)) is not None]
    if len(others) == 1:
        return f"{actors[0].of('answer')} stays" if actors else "that stays"
    return "their answers stay" if len(actors) == len(others) else "all that stays"


def _improper(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    left = scene.left(marking)
    cause = turning_point(scene, firings)
    done = scene.done(cause) if cause else "all happens by itself"
    if not left:
        headline = f"{done}, and {scene.case} ends {_times(marking[scene.end])}."
        end = (
            f"{opened(scene.case)} was closed already: {scene.title(scene.end)} is reached "
            f"{_times(marking[scene.end])}, because two ways lead there side by side."
        )
        return Plot(opened(headline), end, (scene.end,))
    why = _although(scene, firings, marking, cause)
    end = f"{opened(scene.case)} is closed. {what_is_there(scene, firings, marking)}"
    for place in left:
        end += open_for(scene, marking, place)
    first = scene.matters(marking)
    headline = opened(f"{done} and {scene.case} is closed, {why}.")
    return Plot(headline, end, tuple(dict.fromkeys([*first, *left])))


def _although(
    scene: Scene, firings: Sequence[Firing], marking: Marking, cause: Firing | None
) -> str:
    left = scene.left(marking)
    open_work = [told for place in left if (told := open_work_at(scene, marking, place))]
    if open_work:
        return f"although {row(open_work)}"
    answers = [
        f"{actor.of('answer')} ({scene.title(place)})"
        for place in scene.matters(marking)
        if (actor := answered(scene, firings, marking, place, but=cause)) is not None
    ]
    if answers:
        return f"while {row(answers)} {'stay' if len(answers) > 1 else 'stays'} behind"
    places = scene.matters(marking)
    return f"although {scene.titles(places)} {'are' if len(places) > 1 else 'is'} still there"


def _times(count: int) -> str:
    return {1: "once", 2: "a second time"}.get(count, f"{count} times")


def _livelock(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    cause = turning_point(scene, firings)
    onwards = reached_from(scene, marking)
    circle = going_on(scene, marking)
    steps = scene.steps(circle)
    first = f"{scene.done(cause)}; from then on" if cause else "from the beginning"
    headline = f"{first} {scene.case} goes round for ever and cannot be closed."
    most = {p: max(m[p] for m in onwards) for m in onwards for p in m}
    held = [
        t.key
        for t in scene.net.transitions
        if t.key not in circle and any(place in most for place in scene.net.needs(t.key))
    ]
    end = (
        f"{what_is_there(scene, firings, marking)} {steps} can happen again and again, "
        f"but none of it ever leads to {scene.title(scene.end) if scene.end else 'the end'}."
    )
    if held:
        end += f" {who_waits(scene, Marking(most), held)}"
    return Plot(opened(headline), end, tuple(scene.left(marking)), tuple(held))


def _unbounded(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    round_, more = circle_of(scene, firings)
    again = row(dict.fromkeys(scene.done(f) for f in round_)) or "that happens"
    if scene.end in more:
        return Plot(
            f"Each time that {again}, {scene.case} is closed once more, without end.",
            f"After this round {scene.case} is closed, and stands where it stood before all the "
            "same: it can be done again and again.",
            tuple(more),
        )
    piled = scene.titles(more) or "something"
    headline = f"Each time that {again}, another {piled} is left, and they pile up without end."
    end = (
        f"After this round {scene.case} stands where it stood before, but {piled} is there once "
        "more than before. It can be done again and again, and nobody ever clears them all away."
    )
    return Plot(headline, end, tuple(more))


def _stuck(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    waiting = near_guarded(scene, marking)
    if not waiting:
        # No rule is to blame: something else is missing, and whoever may still withdraw, say, is
        # not what the case waits for.
        return _deadlock(scene, firings, marking)
    cause = turning_point(scene, firings)
    before = f"{scene.done(cause)}, and with" if cause else "with"
    rules = [scene.transitions[key].guard for key in waiting]
    why = f"None of these rules holds: {row(f'“{rule}”' for rule in rules)}."
    if len(rules) == 1:
        why = f"The rule “{rules[0]}” does not hold."
    places = [p for p in scene.left(marking) if any(p in scene.net.inputs(k) for k in waiting)]
    return Plot(
        opened(f"{before} these data {scene.case} is stuck at {scene.titles(places)}."),
        f"{what_is_there(scene, firings, marking)} {why} No branch is left for these data, so "
        f"{scene.case} waits there for ever.",
        tuple(places),
        tuple(waiting),
    )


def _circling(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    left = scene.left(marking)
    return Plot(
        opened(f"with these data {scene.case} goes round by itself and never comes to rest."),
        f"It is back at {scene.titles(left)}, as before, and the same rules hold again: it goes "
        "round for ever, and nobody is ever asked.",
        tuple(left),
    )


def _other(scene: Scene, firings: Sequence[Firing], marking: Marking) -> Plot:
    left = scene.left(marking)
    where = scene.titles(left) or "nowhere"
    return Plot(f"{opened(scene.case)} goes wrong at {where}.", "", tuple(left))


_PLOTS: Mapping[str, Callable[[Scene, Sequence[Firing], Marking], Plot]] = {
    "deadlock": _deadlock,
    "improper_completion": _improper,
    "livelock": _livelock,
    "unbounded": _unbounded,
    "stuck": _stuck,
    "circling": _circling,
}
