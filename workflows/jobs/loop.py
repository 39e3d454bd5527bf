"""A worker that looks for work by itself: without a broker, in a process or beside a web server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connections

from workflows import store

from . import wakeup
from .sweep import Sweeper
from .worker import Worker

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5


def work_until_stopped(worker: Worker, *, is_orphan: Callable[[], bool] = lambda: False) -> None:
    """Work until `worker.stopping` is set; a database that is away is asked again later.

    `is_orphan`: whoever keeps this process has gone, and another will do its work.
    """
    while not worker.stopping.is_set() and not is_orphan():
        try:
            close_old_connections()
            # Only a look, which locks nothing, while there is nothing to do.
            if store.anything_due(worker.queues):
                while not worker.stopping.is_set() and worker.work_once():
                    pass
        except DatabaseError as error:
            logger.warning("The database does not answer: %s", error)
            worker.stopping.wait(POLL_SECONDS)
        if not worker.stopping.is_set():
            wakeup.work_is_due.wait(POLL_SECONDS)
            wakeup.work_is_due.clear()


def start_embedded_worker() -> Worker:
    """Work in a thread beside the web server, with its sweep; for one machine and light work.

    A handler that hangs keeps this thread: its time limit can only let others take the job.
    """
    worker = Worker()
    threading.Thread(target=_work_beside, args=[worker], name="goflow-worker", daemon=True).start()
    Sweeper(worker.name, worker.queues, worker.stopping).start()
    return worker


def _work_beside(worker: Worker) -> None:
    try:
        work_until_stopped(worker)
    finally:
        # That of this thread; nobody else would.
        connections.close_all()
