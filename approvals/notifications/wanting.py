"""The one job that a step leaves behind, so that a worker tells people of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from workflows import store
from workflows.definition import TaskKind
from workflows.history import NewEvent
from workflows.models import Case, EventKind, Job, WorkItem

TELL_HANDLER = "portal.tell"
TELL_ATTEMPTS = 200
_TOLD_KINDS = frozenset(
    {EventKind.COMPLETED, EventKind.CANCELLED, EventKind.FAILED, EventKind.TRANSFERRED}
)


def jobs_of_step(
    case: Case, *, at: datetime, items: Iterable[WorkItem], lines: Sequence[NewEvent]
) -> list[Job]:
    """Return the job that tells of a step which is about to be written; none where there is nobody
    to tell.

    `items` are those that the step opens or changes. The job names the step and its lines of the
    history: what else there is to know stands in the rows when it runs.
    """
    if not (_is_told(lines) or any(_is_work(case, item) for item in items)):
        return []
    number, first = case.step_count + 1, case.history_length + 1
    payload = {"case": case.pk, "step": number, "first": first, "last": first + len(lines) - 1}
    return [
        store.effect(
            handler=TELL_HANDLER,
            key=f"tell:{case.pk}:{number}",
            payload=payload,
            case=case,
            due_at=at,
            max_attempts=TELL_ATTEMPTS,
        )
    ]


def _is_told(lines: Sequence[NewEvent]) -> bool:
    return any(
        line.kind in _TOLD_KINDS or "decision" in line.payload.get("data", {}) for line in lines
    )


def _is_work(case: Case, item: WorkItem) -> bool:
    """Say whether the item is opened or ended, for people who would be told of it."""
    if item.pk is not None and item.is_open:
        return False
    keys = {pk: key for key, pk in store.task_ids(case.version_id).items()}
    task = store.load_flow(case.version_id).tasks[keys[item.task_id]].definition
    return task.kind is TaskKind.HUMAN and not task.is_optional
