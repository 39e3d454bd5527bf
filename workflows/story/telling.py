"""Tell a fault as a story."""

from __future__ import annotations

from collections.abc import Sequence

from workflows.definition import FlowDefinition
from workflows.net import Marking
from workflows.net.errors import NetError
from workflows.net.structure import name
from workflows.proving.checks import Fault

from .actors import Cast
from .dead import dead_step, dead_story
from .examples import example_for
from .firings import Firing, beginning, fired, producer
from .mending import hint_for
from .plots import plot_of
from .remains import turning_point
from .scene import Scene
from .sentences import Narrator
from .story import Step, Story
from .words import opened

_PLAIN = {
    "Place “": "“",
    "Transition “": "The step “",
    "source places (without an incoming arc)": "places to begin in",
    "sink places (without an outgoing arc)": "places to end in",
    "source place: every place is one with an incoming arc, so no case could begin": "place to "
    "begin in: to every place some step leads",
    "sink place: every place is one with an outgoing arc, so no case could end": "place to end "
    "in: from every place some step leads on",
}
_SHAPES = {
    "has no way to": "Once there, {case} could never be closed.",
    "cannot be reached": "{case} could never come there.",
    "to begin in": "So it is not clear where {case} begins.",
    "to end in": "So it is not clear when {case} is over.",
}
SECONDS = 1.0
_ALL_MATTER = 7
"""Runs up to this length are told whole."""


def tell(
    definition: FlowDefinition, fault: Fault, cast: Cast, *, seconds: float = SECONDS
) -> Story | None:
    """Return the story of a fault of this flow; None where its net or its run is not the flow's.

    The run is fired again, so the story ends where the net ends. About `seconds` are spent on
    looking for example data and for what mends it; what is not found by then is told in general.
    """
    example = fault.example
    if example is None:
        example = example_for(definition, fault.firing_sequence, seconds=seconds / 2)
    try:
        scene = Scene(definition, cast, example)
        firings = fired(scene.net, fault.firing_sequence)
    except NetError:
        return None
    if fault.kind == "not_workflow_net":
        return _misshapen(scene, fault)
    if fault.kind == "dead_transition" and not firings:
        dead = dead_step(scene.net, fault.message)
        hint = hint_for(scene, fault.kind, (), beginning(scene.net), dead, seconds=seconds / 2)
        return dead_story(scene, dead, hint)
    narrator = Narrator(scene)
    opening = narrator.opening()
    marking = firings[-1].after if firings else beginning(scene.net)
    plot = plot_of(scene, fault.kind, firings, marking)
    matter = _what_matters(scene, firings, plot.left)
    steps = [
        Step(
            sentence=narrator.sentence(firing),
            transition=firing.transition,
            who=scene.actor(firing.transition),
            before=firing.before,
            after=firing.after,
            taken=firing.taken,
            emptied=firing.emptied,
            put=firing.put,
            now=scene.places(firing.after),
            is_minor=n not in matter,
        )
        for n, firing in enumerate(firings)
    ]
    return Story(
        kind=fault.kind,
        headline=plot.headline,
        opening=opening,
        start=beginning(scene.net),
        steps=tuple(steps),
        end=plot.end,
        hint=hint_for(scene, fault.kind, firings, marking, seconds=seconds / 2),
        left=plot.left,
        waiting=plot.waiting,
    )


def _misshapen(scene: Scene, fault: Fault) -> Story:
    """Tell what is wrong with the drawing itself, where no case can be played."""
    message = fault.message
    for jargon, plain in _PLAIN.items():
        message = message.replace(jargon, plain)
    named = []
    for key in (*(p.key for p in scene.net.places), *scene.transitions):
        if name(scene.net, key) in message:
            named.append((message.index(name(scene.net, key)), key))
            message = message.replace(name(scene.net, key), scene.title(key))
    # What is told of comes before what it has no way to.
    culprit = min(named)[1] if named else ""
    means = next((told for word, told in _SHAPES.items() if word in message), "")
    return Story(
        kind=fault.kind,
        headline=message,
        opening="",
        start=Marking(),
        steps=(),
        end=opened(means.format(case=scene.case)),
        hint=f"Let {scene.case} begin in one place and end in one, with every step on a way "
        "between the two.",
        left=(culprit,) if culprit else (),
    )


def _what_matters(scene: Scene, firings: Sequence[Firing], left: Sequence[str]) -> set[int]:
    """Return the steps without which the story cannot be understood, by their number."""
    if len(firings) <= _ALL_MATTER:
        return set(range(len(firings)))
    numbers = {id(firing): n for n, firing in enumerate(firings)}
    kept = {0, len(firings) - 1, len(firings) - 2}
    causes = [turning_point(scene, firings), *(producer(firings, place) for place in left)]
    for firing in causes:
        if firing is not None:
            kept.add(numbers[id(firing)])
    # Where one becomes several and only some of them go on, there the fault begins.
    splits = [n for n, firing in enumerate(firings) if sum(firing.put.values()) > 1]
    kept |= set(splits[-2:])
    kept |= {n for n, firing in enumerate(firings) if firing.emptied}
    return kept
