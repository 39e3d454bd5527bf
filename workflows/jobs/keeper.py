"""Keeps the leases of the jobs at hand while their handlers run."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, close_old_connections

from workflows import store
from workflows.models import Job

from .limits import GRACE_SECONDS

logger = logging.getLogger(__name__)


@dataclass
class _Held:
    job: Job
    since: float
    limit_seconds: float
    kept_at: float
    is_lost: bool = False


class Keeper:
    """A thread that extends leases, each for as long as its job's time limit allows.

    A job that is over its limit and its grace is let go. `kills`: this process is one that may be
    ended to that purpose, because another takes its place.
    """

    def __init__(self, *, lease: timedelta, kills: bool) -> None:
        self.lease = lease
        self._kills = kills
        self._held: dict[int, _Held] = {}
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = 0

    @contextmanager
    def keep(self, job: Job, *, limit_seconds: float) -> Iterator[None]:
        now = time.monotonic()
        self._start()
        with self._guard:
            self._held[job.pk] = _Held(job, now, limit_seconds, now)
        try:
            yield
        finally:
            with self._guard:
                del self._held[job.pk]

    def extend(self, job: Job) -> bool:
        """Extend a lease at once; return whether the job is still ours."""
        return store.extend_lease(job.pk, lease=job.lease, by=self.lease)

    def _start(self) -> None:
        # A process that was forked has its parent's thread in its books, but not running.
        if self._thread is not None and self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="goflow-leases", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        pause = min(1.0, self.lease.total_seconds() / 6)
        while True:
            time.sleep(pause)
            with self._guard:
                held = list(self._held.values())
            for each in held:
                self._look_after(each)

    def _look_after(self, held: _Held) -> None:
        now = time.monotonic()
        if now - held.since > held.limit_seconds + GRACE_SECONDS:
            self._let_go(held)
        elif now - held.kept_at >= self.lease.total_seconds() / 3 and not held.is_lost:
            held.kept_at = now
            try:
                close_old_connections()
                held.is_lost = not self.extend(held.job)
            except DatabaseError as error:
                logger.warning("The lease of job %s could not be extended: %s", held.job.pk, error)

    def _let_go(self, held: _Held) -> None:
        if held.is_lost:
            return
        held.is_lost = True
        logger.error(
            "Job %s is over its limit of %s s and does not end.", held.job.pk, held.limit_seconds
        )
        if self._kills:
            with suppress(DatabaseError):
                store.extend_lease(held.job.pk, lease=held.job.lease, by=timedelta(0))
            os.kill(os.getpid(), signal.SIGKILL)
