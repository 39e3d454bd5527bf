"""The one Celery task: wake up and look at these jobs."""

from __future__ import annotations

import os

from celery import shared_task

from .worker import Worker

_worker: Worker | None = None


@shared_task(name="goflow.work", ignore_result=True)  # type: ignore[untyped-decorator]
def work(keys: list[str]) -> int:
    """Run those of these jobs that are due and nobody else's; return how many.

    A message may come late, twice or never: what is to be done, and by whom, the rows say.
    """
    return this_worker().work(keys)


def this_worker() -> Worker:
    """Return the worker of this process."""
    global _worker  # noqa: PLW0603
    if _worker is None or f":{os.getpid()}:" not in _worker.name:
        # Celery puts another process in the place of one that has died.
        _worker = Worker(may_die=True)
    return _worker
