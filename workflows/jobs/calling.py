"""Call the handler of a job with what it may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from workflows import data as case_data
from workflows import store
from workflows.models import Job, JobKind

from .handlers import ServiceCall, registered_handlers
from .limits import DEFAULT_TIMEOUT_SECONDS
from .results import read_result


def call_handler(job: Job, *, extend: Callable[[], bool]) -> dict[str, object] | None:
    """Run the handler of a taken job and return what it brings, as JSON: of a service task, what it
    sets in the case's data.

    Raises:
        LookupError: this process has no such handler.
        BadInputs, BadResult: the handler and the flow do not fit together.
        Exception: whatever the handler raises.
    """
    handler = registered_handlers().get(job.handler)
    if handler is None:
        raise LookupError(f"There is no handler {job.handler!r} in this process.")
    setting = store.setting_of(job)
    flow = store.load_flow(setting.version_id) if setting else None
    values = case_data.read(flow.schema, setting.data) if flow and setting else {}
    result = handler(
        ServiceCall(
            values=values,
            business_key=setting.business_key if setting else "",
            idempotency_key=job.idempotency_key,
            inputs=job.payload,
            case_id=job.case_id,
            attempt=job.attempts,
            since=job.created_at,
            deadline=timezone.now()
            + timedelta(seconds=job.timeout_seconds or DEFAULT_TIMEOUT_SECONDS),
            extend=extend,
        )
    )
    # Here, so that a result which no data can hold is a failure of the handler.
    plain = None if result is None else case_data.to_json(result)
    if job.kind != JobKind.SERVICE or not flow or not setting or not setting.task_id:
        return plain
    keys = {pk: key for key, pk in store.task_ids(setting.version_id).items()}
    return read_result(flow, flow.tasks[keys[setting.task_id]], plain)
