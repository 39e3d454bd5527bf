"""What an operator may do to one work item: end it in somebody's place, or have it done again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from workflows import data as case_data
from workflows import history, store
from workflows.compiled import CompiledTask, CompiledTransition
from workflows.errors import (
    Conflict,
    EvaluationRefused,
    NotFound,
    OutcomeNotEnabled,
    TokensGone,
)
from workflows.models import Case, EventKind, WorkItem, WorkItemState
from workflows.net import is_enabled

from . import rights
from .advance import step_of
from .moves import Intervention, Scene, Told, move_tokens
from .outcome import possible_transitions


@dataclass(frozen=True)
class Skip(Intervention):
    """End an open item with an outcome that nobody has chosen.

    An outcome that is named fires where the net allows it, whatever its guard says; without one,
    the item ends with the only outcome that is possible.
    """

    work_item: int
    outcome: str = ""

    name = "skip"
    kind = EventKind.SKIPPED
    mends = False

    def apply(self, scene: Scene) -> Told:
        item = next((item for item in scene.items if item.pk == self.work_item), None)
        if item is None:
            raise rights.closed_error(_item_of(scene, self.work_item))
        task = rights.load_task(scene.case, item)
        outcome, transition = self._chosen(scene, task)
        is_against_guard = not _allows(scene, transition)
        scene.step.complete(task.key, by=None)
        scene.step.fire(transition)
        item.complete(by_id=None, outcome=outcome, at=scene.at)
        changes = case_data.write(scene.step.firings[-1].changes)
        payload: dict[str, object] = {"outcome": outcome, "data": changes}
        if is_against_guard:
            payload["against_guard"] = True
        return Told(payload, work_item_id=item.pk, transition=transition.key)

    def _chosen(self, scene: Scene, task: CompiledTask) -> tuple[str, CompiledTransition]:
        step = scene.step
        wanted = task.outcomes.get(self.outcome)
        if wanted is not None and is_enabled(scene.flow.net, step.marking, wanted.key):
            return self.outcome, wanted
        possible = possible_transitions(step, task)
        if not self.outcome and len(possible) == 1:
            return next(iter(possible.items()))
        why = f"cannot end with {self.outcome!r} now" if self.outcome else "can end in several ways"
        raise OutcomeNotEnabled(
            f"{task.title!r} {why}. Possible: {', '.join(possible) or 'none'}.",
            outcome=self.outcome,
            possible=list(possible),
        )


@dataclass(frozen=True)
class Repeat(Intervention):
    """Have a completed item done again: what its step has done to the tokens is taken back.

    The data stays as it is. Tokens that have moved on since cannot be taken back.
    """

    work_item: int

    name = "repeat"
    kind = EventKind.REPEATED
    mends = False

    def apply(self, scene: Scene) -> Told:
        item = _item_of(scene, self.work_item)
        task = rights.load_task(scene.case, item)
        if item.state != WorkItemState.COMPLETED:
            state = item.get_state_display().lower()
            raise Conflict(f"“{task.title}” is {state}: only what was completed is repeated.")
        if task.key in scene.step.open_tasks:
            raise Conflict(f"“{task.title}” is open already.")
        take, put = history.effect_of(scene.case, item.pk)
        # What the step put is what is taken back now, and the other way round.
        self._refuse_if_gone(scene, task, put)
        moved = move_tokens(scene, take=put, put=take)
        if task.key not in scene.step.open_tasks:
            raise Conflict(
                f"“{task.title}” would not open again: what it reads, or waits for, has changed."
            )
        return Told(moved, work_item_id=item.pk)

    @staticmethod
    def _refuse_if_gone(scene: Scene, task: CompiledTask, tokens: Mapping[str, int]) -> None:
        net, marking = scene.flow.net, scene.step.marking
        gone = {place: marking[place] for place, n in tokens.items() if marking[place] < n}
        if gone:
            places = ", ".join(repr(net.title(place)) for place in gone)
            raise TokensGone(
                f"“{task.title}” cannot be repeated: what came of it has moved on from {places}. "
                "Repeat what was done after it first, or move the tokens.",
                places=gone,
                marking=marking.as_dict(),
            )


@dataclass(frozen=True, slots=True)
class WayToSkip:
    """An outcome with which an open item may be skipped; `is_against_guard`: its guard says no."""

    outcome: str
    title: str
    is_against_guard: bool


def ways_to_skip(case: Case, item: WorkItem) -> list[WayToSkip]:
    """Return the outcomes that the net allows now, in the flow's order."""
    if not item.is_open or not case.is_running:
        return []
    flow = store.load_flow(case.version_id)
    at = timezone.now()
    step = step_of(case, flow, store.values_of(case, flow), at=at)
    scene = Scene(case, flow, step, [item], at)
    return [
        WayToSkip(outcome, t.title if t.title != t.key else outcome, not _allows(scene, t))
        for outcome, t in rights.load_task(case, item).outcomes.items()
        if is_enabled(flow.net, case.marking, t.key)
    ]


def _item_of(scene: Scene, work_item_id: int) -> WorkItem:
    items = WorkItem.objects.for_list().filter(case=scene.case.pk)
    item = items.filter(pk=work_item_id).first()
    if item is None:
        raise NotFound(f"There is no work item {work_item_id}.")
    return item


def _allows(scene: Scene, transition: CompiledTransition) -> bool:
    try:
        return scene.step.allows(transition)
    except EvaluationRefused:
        return False
