"""End what a worker did for a case: what a handler brought, or that a timer has rung, once."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.db import transaction

from workflows import data as case_data
from workflows import faultpoints, store
from workflows.history import NewEvent
from workflows.listeners import case_listeners
from workflows.models import Case, CaseState, EventKind, Job, JobState, WorkItem
from workflows.telemetry import observe_step

from . import rights
from .advance import Advance, refuse_bad_data, step_of
from .outcome import enabled_outcome

DONE, FAILED, RUNG = "done", "failed", "due"
"""The outcomes with which service tasks and timers end."""


def finish_job(
    job: Job, *, outcome: str, data: Mapping[str, Any] | None = None, error: str = ""
) -> bool:
    """End the item of a service task or a timer; return whether the job was still its holder's.

    `job` is as its worker took it: its `lease` is the fencing token. Where another has taken the
    job since, or the item was withdrawn, nothing changes. `data` updates the case's data. A case
    that stands still takes the result when it goes on: until then it is kept with the job.
    `error` tells the history why a task has failed.

    Raises:
        OutcomeNotEnabled: the task has no such outcome, or a guard does not allow it.
        InvalidData: the flow's schema refuses the data.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the case could not go on from there.
    """
    return store.with_kept_answers(lambda: _finish(job, outcome, data or {}, error))


@store.again_after_conflict
@observe_step("finish_job")
@transaction.atomic
def _finish(job: Job, outcome: str, data: Mapping[str, Any], error: str) -> bool:
    assert job.work_item_id is not None  # noqa: S101  services and timers have one
    case, items = store.lock_case_of(job.work_item_id, by=None)
    item = next((item for item in items.whole if item.pk == job.work_item_id), None)
    given = case_data.to_json(data)
    # What is refused below leaves the caller's job as it was.
    ended = copy(job)
    if item is None:
        return False
    if case.is_running:
        if not store.end_job(ended, outcome=outcome, result=given):
            return False
        _end(case, items, item, ended, given, error)
        store.prove_claims()
        faultpoints.reach("K6")
        return True
    if case.state == CaseState.SUSPENDED and ended.state == JobState.RUNNING:
        return store.keep_result(ended, outcome=outcome, result=given)
    return False


def _end(
    case: Case,
    items: store.OpenItems,
    item: WorkItem,
    job: Job,
    given: dict[str, Any],
    error: str,
) -> None:
    flow = store.load_flow(case.version_id)
    at = case.locked_at
    values = flow.read({**case.data, **given})
    step = step_of(case, flow, values, at=at)
    transition = enabled_outcome(step, rights.load_task(case, item), job.outcome)
    if given:
        refuse_bad_data(flow, values)
        for listener in case_listeners():
            listener.data_given(case, values)
    step.fire(transition)
    changes = {**given, **case_data.write(step.firings[0].changes)}
    item.complete(by_id=None, outcome=job.outcome, at=at)
    told = {"outcome": job.outcome, "data": changes, "error": error}
    payload = {name: value for name, value in told.items() if value}
    line = NewEvent(
        EventKind.FIRED, work_item_id=item.pk, transition=transition.key, payload=payload
    )
    Advance(case, flow, step, items.whole, at, [line], job, others=items.others, given=given).run()
