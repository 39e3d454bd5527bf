"""The one Celery task: wake up and look at these jobs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from types import FrameType

from celery import shared_task
from django.conf import settings
from django.db import close_old_connections

from workflows import store

from .limits import interrupt_within
from .wakeup import TASK
from .worker import Worker

STOP_SIGNAL = signal.SIGUSR2
"""Celery's parent waits for its processes for good, and ends them by SIGTERM: neither is ours."""

_is_pool_child = False
_worker: Worker | None = None


def run_as_pool_child() -> None:
    """Know that this process may be ended when its job does not end, and stop when it is asked."""
    global _is_pool_child, _worker  # noqa: PLW0603
    _is_pool_child, _worker = True, None
    signal.signal(STOP_SIGNAL, _stop)


def ask_to_stop(pool: Iterable[int]) -> None:
    """Let these processes of a pool end their jobs within the grace, or give them back."""
    for pid in pool:
        with suppress(ProcessLookupError):
            os.kill(pid, STOP_SIGNAL)


def _stop(number: int, frame: FrameType | None) -> None:
    this_worker().stopping.set()
    interrupt_within(settings.GOFLOW_STOP_SECONDS)


@shared_task(name=TASK, ignore_result=True)  # type: ignore[untyped-decorator]
def work(keys: list[str]) -> int:
    """Run those of these jobs that are due and nobody else's; return how many.

    A message may come late, twice or never: what is to be done, and by whom, the rows say.
    """
    close_old_connections()
    worker = this_worker()
    done = worker.work(keys)
    if worker.stopping.is_set():
        # Its message is gone: the next sweep is to tell others at once.
        store.unmark_dispatched(keys)
    return done


def this_worker() -> Worker:
    """Return the worker of this process."""
    global _worker  # noqa: PLW0603
    if _worker is None:
        _worker = Worker(may_die=_is_pool_child)
    return _worker
