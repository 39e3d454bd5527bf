"""Call the handler of a job with what it may know."""

from __future__ import annotations

from collections.abc import Callable

from workflows import data as case_data
from workflows import store
from workflows.models import Job

from .handlers import ServiceCall, registered_handlers


def call_handler(job: Job, *, extend: Callable[[], bool]) -> dict[str, object] | None:
    """Run the handler of a taken job and return what it brings, as JSON.

    Raises:
        LookupError: this process has no such handler.
        Exception: whatever the handler raises.
    """
    handler = registered_handlers().get(job.handler)
    if handler is None:
        raise LookupError(f"There is no handler {job.handler!r} in this process.")
    values: dict[str, object] = {}
    business_key = ""
    if job.case is not None:
        values = store.values_of(job.case, store.load_flow(job.case.version_id))
        business_key = job.case.business_key
    result = handler(
        ServiceCall(
            values=values,
            business_key=business_key,
            idempotency_key=job.idempotency_key,
            inputs=job.payload,
        )
    )
    # Here, so that a result which no data can hold is a failure of the handler.
    return None if result is None else case_data.to_json(dict(result))
