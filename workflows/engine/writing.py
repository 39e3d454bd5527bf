"""Write a step and tell of it: the last thing that every command does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflows import data as case_data
from workflows import store
from workflows.history import NewEvent
from workflows.listeners import case_listeners
from workflows.models import Case, WorkItem

from .opening import Opened


def write_step(
    case: Case,
    *,
    lines: Sequence[NewEvent],
    at: datetime,
    closed: Sequence[WorkItem] = (),
    opened: Sequence[Opened] = (),
    stopped: Sequence[WorkItem] = (),
) -> None:
    """Write a step of a locked case, and call the listeners behind it.

    `closed` are open items that the step has ended or changed; `stopped` those of them whose jobs
    nobody wants any more.
    """
    jobs = [job for each in opened for job in each.jobs]
    store.wake_workers(jobs)
    told = [(each.item, each.candidates) for each in opened]
    store.write_step(
        case, lines=lines, closed=closed, opened=told, jobs=jobs, stopped=stopped, at=at
    )
    listeners = case_listeners()
    if not listeners:
        return
    values = case_data.read(store.load_flow(case.version_id).schema, case.data)
    for listener in listeners:
        listener.case_stepped(case, values, opened=told, closed=closed, lines=lines)
