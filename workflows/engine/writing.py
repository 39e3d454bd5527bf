"""Tell of a step and write it: the last thing that every command does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
    is_last: bool = False,
) -> None:
    """Write a step of a locked case, with the effects that its listeners want.

    `closed` are open items that the step has ended or changed; `stopped` those of them whose jobs
    nobody wants any more. Where nothing follows it in its transaction, it `is_last`.
    """
    jobs = [job for each in opened for job in each.jobs]
    told = [(each.item, each.candidates) for each in opened]
    for listener in case_listeners():
        jobs += listener.case_stepped(case, at=at, opened=told, closed=closed, lines=lines)
    store.wake_workers(jobs)
    store.write_step(
        case,
        lines=lines,
        closed=closed,
        opened=told,
        jobs=jobs,
        stopped=stopped,
        at=at,
        is_last=is_last,
    )
