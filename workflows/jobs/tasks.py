"""The one Celery task: wake up and look at these jobs."""

from __future__ import annotations

from celery import shared_task
from django.db import close_old_connections

from .wakeup import TASK
from .worker import Worker

_is_pool_child = False
_worker: Worker | None = None


def run_as_pool_child() -> None:
    """Know that this process may be ended when its job does not end."""
    global _is_pool_child, _worker  # noqa: PLW0603
    _is_pool_child, _worker = True, None


@shared_task(name=TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def work(keys: list[str]) -> int:
    """Run those of these jobs that are due and nobody else's; return how many.

    A message may come late, twice or never: what is to be done, and by whom, the rows say.
    """
    close_old_connections()
    return this_worker().work(keys)


def this_worker() -> Worker:
    """Return the worker of this process."""
    global _worker  # noqa: PLW0603
    if _worker is None:
        _worker = Worker(may_die=_is_pool_child)
    return _worker
