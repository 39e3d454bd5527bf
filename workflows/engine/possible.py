"""What can be done now: the buttons, asked of the net. For display; the commands ask again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from workflows import store
from workflows.definition import FieldRight
from workflows.models import Case, WorkItem
from workflows.net import enabled_transitions

from . import rights
from .advance import step_of
from .outcome import possible_transitions


@dataclass(frozen=True, slots=True)
class PossibleOutcome:
    """`key` is what `complete` takes; `title` the text of the button."""

    key: str
    title: str
    transition: str


def possible_outcomes(work_item: WorkItem) -> list[PossibleOutcome]:
    """Return the outcomes that the net and the guards allow now, in the flow's order."""
    case = work_item.case
    if not work_item.is_open or not case.is_running:
        return []
    flow = store.load_flow(case.version_id)
    step = step_of(case, flow, store.values_of(case, flow), at=timezone.now())
    task = rights.load_task(case, work_item)
    return [
        PossibleOutcome(outcome, t.title if t.title != t.key else outcome, t.key)
        for outcome, t in possible_transitions(step, task).items()
    ]


def editable_fields(work_item: WorkItem) -> Mapping[str, FieldRight]:
    """Return the rights that the item's task gives on fields of the data; others are read-only."""
    return rights.load_task(work_item.case, work_item).definition.form


def enabled_in(case: Case) -> list[str]:
    """Return the keys of the transitions that the net enables now; none unless the case runs."""
    if not case.is_running:
        return []
    flow = store.load_flow(case.version_id)
    return enabled_transitions(flow.net, case.marking)
