"""Take due jobs, run their handlers, write back what they bring.

A job is leased: a worker that dies is followed by another when the lease has run out, and one that
slept past its lease can no longer end what it took. Tries are counted at taking, so that a job
which kills its worker ends as an incident as well.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from workflows import data as case_data
from workflows import store
from workflows.engine.service import finish_service
from workflows.errors import GoflowError
from workflows.jobs.handlers import Failed, ServiceCall, registered_handlers
from workflows.models import Job, JobState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
LONGEST_PAUSE_SECONDS = 60


def work_once(queues: Collection[str] = ()) -> bool:
    """Take and run one job; return False where none is due."""
    job = take(queues)
    if job is None:
        return False
    if job.attempts > MAX_ATTEMPTS:
        _end_try(job, f"It was taken {MAX_ATTEMPTS} times and never ended.", is_final=True)
    else:
        run(job)
    return True


@transaction.atomic
def take(queues: Collection[str] = ()) -> Job | None:
    """Lease the job that has been due longest, if there is one."""
    now = timezone.now()
    locks = connection.features.has_select_for_update_skip_locked
    due = Job.objects.due(now).in_queues(queues).order_by("due_at", "pk").values("pk")[:1]
    found = due.first()
    if found is None:
        return None
    rows = Job.objects.select_for_update(skip_locked=locks).filter(pk=found["pk"])
    job = rows.select_related(None).first()
    if job is None or not Job.objects.due(now).filter(pk=job.pk).exists():
        return None
    job.take()
    job.leased_until = now + LEASE
    job.save(update_fields=["state", "attempts", "lease", "leased_until"])
    return job


def run(job: Job) -> None:
    """Run the handler of a taken job, outside any transaction, and write back its result."""
    outcome, result = "done", None
    try:
        result = _call(job)
    except Failed as failure:
        outcome = "failed"
        logger.info("Job %s ended as failed: %s", job.pk, failure)
    except Exception as error:
        logger.exception("Job %s failed in try %s", job.pk, job.attempts)
        _end_try(job, f"{type(error).__name__}: {error}", is_final=job.attempts >= MAX_ATTEMPTS)
        return
    try:
        is_ours = finish_service(job.pk, lease=job.lease, outcome=outcome, data=result)
    except GoflowError as refusal:
        # Running the handler again would bring the same: a person has to look.
        _end_try(job, f"Its result was refused: {refusal}", is_final=True)
        return
    if not is_ours:
        logger.warning("Job %s was no longer ours under lease %s", job.pk, job.lease)


def _call(job: Job) -> dict[str, object] | None:
    handler = registered_handlers().get(job.handler)
    if handler is None:
        raise LookupError(f"There is no handler {job.handler!r} in this process.")
    case = job.work_item.case
    flow = store.load_flow(case.version_id)
    result = handler(
        ServiceCall(
            values=case_data.read(flow.schema, case.data),
            business_key=case.business_key,
            idempotency_key=f"goflow-{job.work_item_id}",
        )
    )
    # Here, so that a result which no data can hold is a failure of the handler.
    return None if result is None else case_data.to_json(dict(result))


@transaction.atomic
def _end_try(job: Job, error: str, *, is_final: bool) -> None:
    """Put the job back for a later try, or give it up as an incident; only under its own lease."""
    current = Job.objects.select_for_update().get(pk=job.pk)
    if current.state != JobState.RUNNING or current.lease != job.lease:
        return
    if is_final:
        current.give_up(error=error)
    else:
        pause = min(2**current.attempts, LONGEST_PAUSE_SECONDS)
        current.try_again(error=error)
        current.due_at = timezone.now() + timedelta(seconds=pause)
    current.save(update_fields=["state", "last_error", "due_at"])
