"""End a service task: what its handler brought goes into the case, once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import data as case_data
from workflows import store
from workflows.history import NewEvent
from workflows.models import EventKind, Job, JobState

from . import rights
from .advance import Advance, step_of
from .outcome import enabled_outcome


@transaction.atomic
def finish_service(
    job_id: int, *, lease: int, outcome: str, data: Mapping[str, Any] | None = None
) -> bool:
    """End the work item of a job with `outcome`; return whether it was still this worker's to end.

    `lease` is the number under which the worker took the job. Where another has taken it since, or
    the item was withdrawn, nothing changes. `data` updates the case's data.

    Raises:
        OutcomeNotEnabled: the task has no such outcome, or a guard does not allow it.
        InvalidData: the flow's schema refuses the data.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the case could not go on from there.
    """
    case = store.lock_case_of_job(job_id)
    job = Job.objects.select_related("work_item").get(pk=job_id)
    if job.state != JobState.RUNNING or job.lease != lease or not case.is_running:
        return False
    items = store.open_work_items(case, by=None)
    item = next(item for item in items if item.pk == job.work_item_id)
    flow = store.load_flow(case.version_id)
    at = timezone.now()
    given = case_data.to_json(data or {})
    values = case_data.read(flow.schema, {**case.data, **given})
    step = step_of(case, flow, values, at=at)
    transition = enabled_outcome(step, rights.load_task(case, item), outcome)
    step.fire(transition)
    changes = {**given, **case_data.write(step.firings[0].changes)}
    item.complete(by_id=None, outcome=outcome, at=at)
    payload = {"outcome": outcome} | ({"data": changes} if changes else {})
    line = NewEvent(
        EventKind.FIRED, work_item_id=item.pk, transition=transition.key, payload=payload
    )
    Advance(case, flow, step, items, at, [line]).run()
    job.finish()
    job.result = given
    job.save(update_fields=["state", "last_error", "result"])
    return True
