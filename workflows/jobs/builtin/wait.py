"""`wait`: let some time pass before what follows, without holding a worker."""

from __future__ import annotations

from workflows.clock import database_now
from workflows.expressions import Duration
from workflows.jobs.handlers import Failed, Postponed, ServiceCall, handler


@handler("wait")
def wait(call: ServiceCall, *, duration: Duration) -> None:
    """End when the task has been open for this long.

    Raises:
        Postponed: it has not yet.
        Failed: the duration counts working time, which is for a timer to tell.
    """
    if not duration.is_of_the_clock:
        raise Failed(f"{duration} cannot be waited by the clock: a timer task counts working time.")
    until = call.since + duration.span
    if database_now() < until:
        raise Postponed(until)
