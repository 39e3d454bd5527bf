"""End what a worker did for a case: what a handler brought, or that a timer has rung, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from workflows import data as case_data
from workflows import store
from workflows.clock import database_now
from workflows.history import NewEvent
from workflows.listeners import case_listeners
from workflows.models import Case, CaseState, EventKind, Job, JobKind

from . import rights
from .advance import Advance, refuse_bad_data, step_of
from .outcome import enabled_outcome

RUNG = "due"
"""The outcome with which a timer ends."""


@transaction.atomic
def finish_job(job: Job, *, outcome: str, data: Mapping[str, Any] | None = None) -> bool:
    """End the item of a service task or a timer; return whether the job was still its holder's.

    `job` is as its worker took it: its `lease` is the fencing token. Where another has taken the
    job since, or the item was withdrawn, nothing changes. `data` updates the case's data. A case
    that stands still takes the result when it goes on: until then it is kept with the job.

    Raises:
        OutcomeNotEnabled: the task has no such outcome, or a guard does not allow it.
        InvalidData: the flow's schema refuses the data.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the case could not go on from there.
    """
    assert job.case_id is not None  # noqa: S101  services and timers belong to a case
    case = store.lock_case(job.case_id)
    current = store.load_job(job.pk)
    if current is None or not store.owns(current, lease=job.lease):
        return False
    if current.kind == JobKind.TIMER and database_now() < current.due_at:
        return False
    if case.is_running:
        _end(case, current, outcome, case_data.to_json(data or {}))
    elif case.state == CaseState.SUSPENDED:
        store.keep_result(current, outcome=outcome, result=case_data.to_json(data or {}))
    return True


def _end(case: Case, job: Job, outcome: str, given: dict[str, Any]) -> None:
    items = store.open_work_items(case, by=None)
    item = next(item for item in items if item.pk == job.work_item_id)
    flow = store.load_flow(case.version_id)
    at = max(database_now(), case.changed_at)
    values = case_data.read(flow.schema, {**case.data, **given})
    step = step_of(case, flow, values, at=at)
    transition = enabled_outcome(step, rights.load_task(case, item), outcome)
    if given:
        refuse_bad_data(flow, values)
        for listener in case_listeners():
            listener.data_given(case, values)
    step.fire(transition)
    changes = {**given, **case_data.write(step.firings[0].changes)}
    item.complete(by_id=None, outcome=outcome, at=at)
    payload = {"outcome": outcome} | ({"data": changes} if changes else {})
    line = NewEvent(
        EventKind.FIRED, work_item_id=item.pk, transition=transition.key, payload=payload
    )
    Advance(case, flow, step, items, at, [line], job).run()
    if case.state != CaseState.FAILED:
        store.end_job(job, outcome=outcome, result=given)
