"""Take due jobs, run them, write back what they bring.

A job is leased: a worker that dies is followed by another when the lease has run out, and one that
slept past its lease can no longer end what another has taken. Tries are counted at taking, so that
a job which kills its worker ends as an incident as well.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from workflows import faultpoints, logcontext, store
from workflows.engine.opening import REMINDER
from workflows.engine.service import DONE, FAILED, RUNG, finish_job
from workflows.errors import GoflowError, OutcomeNotEnabled
from workflows.models import Job, JobKind

from .binding import BadInputs
from .calling import call_handler
from .ending import again, give_back, give_up
from .handlers import Failed, Postponed, Retry
from .keeper import Keeper
from .limits import DEFAULT_TIMEOUT_SECONDS, TimeLimitReached, WorkerStops, time_limit
from .reminding import remind

logger = logging.getLogger(__name__)

TIMERS_AT_ONCE = 50


def lease_length() -> timedelta:
    return timedelta(seconds=settings.GOFLOW_LEASE_SECONDS)


def worker_name() -> str:
    """Return a name that no other worker has, and by which an operator finds it."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


@dataclass
class Worker:
    """Takes jobs of its queues (none named: of all) and runs them one after another."""

    name: str = field(default_factory=worker_name)
    queues: Collection[str] = ()
    lease: timedelta = field(default_factory=lease_length)
    may_die: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._keeper = Keeper(lease=self.lease, kills=self.may_die)

    def work_once(self) -> bool:
        """Take and run what is due longest; return False where nothing is due.

        Timers are rung in batches: they call nothing outside that could last.
        """
        jobs = self._take(limit=1)
        if jobs and jobs[0].kind == JobKind.TIMER:
            jobs += self._take(limit=TIMERS_AT_ONCE - 1, kind=JobKind.TIMER)
        self._run_all(jobs)
        return bool(jobs)

    def work(self, keys: Collection[str]) -> int:
        """Run those of these jobs that are due and nobody else's; return how many."""
        if len(keys) > 1:
            timers = self._take(limit=len(keys), keys=keys, kind=JobKind.TIMER)
            if timers:
                self._run_all(timers)
                return len(timers)
        # One after another: while one runs, the others are not held back from other workers.
        return sum(self._work_on(key) for key in keys if not self.stopping.is_set())

    def _work_on(self, key: str) -> int:
        jobs = self._take(limit=1, keys=[key])
        self._run_all(jobs)
        return len(jobs)

    def _take(
        self,
        *,
        limit: int,
        keys: Collection[str] | None = None,
        kind: JobKind | None = None,
    ) -> list[Job]:
        return store.take_jobs(
            worker=self.name,
            lease=self.lease,
            limit=limit,
            keys=keys,
            queues=self.queues,
            kind=kind,
        )

    def _run_all(self, jobs: Sequence[Job]) -> None:
        for position, job in enumerate(jobs):
            if self.stopping.is_set():
                for unrun in jobs[position:]:
                    give_back(unrun)
                return
            try:
                with logcontext.bind(job=job.pk, case=job.case_id, work_item=job.work_item_id):
                    self.run(job)
            except WorkerStops:
                give_back(job)
                self.stopping.set()

    def run(self, job: Job) -> None:
        """Run a taken job, outside any transaction, and write back what it brings."""
        if job.attempts > job.max_attempts:
            give_up(job, f"It was taken {job.max_attempts} times and never ended.")
            return
        try:
            self._run(job)
        except Postponed as later:
            give_back(job, at=later.until)
        except Retry as wish:
            again(job, str(wish), after=wish.after)
        except TimeLimitReached:
            again(job, f"It took longer than its {_limit_of(job)} s.")
        except BadInputs as refusal:
            give_up(job, f"Its inputs were refused: {refusal}")
        except GoflowError as refusal:
            # Running the handler again would bring the same: a person has to look.
            give_up(job, f"Its result was refused: {refusal}")
        except Exception as error:
            logger.exception("Job %s failed in try %s", job.pk, job.attempts)
            again(job, f"{type(error).__name__}: {error}")

    def _run(self, job: Job) -> None:
        faultpoints.reach("K9")
        if job.kind == JobKind.TIMER:
            faultpoints.reach("K12")
            self._finish(job, RUNG)
        elif job.outcome:
            self._finish(job, job.outcome, job.result)
        elif job.handler == REMINDER:
            remind(job)
        else:
            self._call(job)

    def _call(self, job: Job) -> None:
        try:
            limit = _limit_of(job)
            with self._keeper.keep(job, limit_seconds=limit), time_limit(limit):
                result = call_handler(job, extend=lambda: self._keeper.extend(job))
        except Failed as failure:
            logger.info("Job %s ended as failed: %s", job.pk, failure)
            self._fail(job, str(failure))
            return
        faultpoints.reach("K10")
        if job.kind == JobKind.EFFECT:
            job.finish()
            self._told(job, store.end_try(job))
        else:
            self._finish(job, DONE, result)

    def _fail(self, job: Job, reason: str) -> None:
        """End the task as failed; where the flow does not foresee that, a person has to look."""
        if job.kind == JobKind.EFFECT:
            give_up(job, reason)
            return
        try:
            self._told(job, finish_job(job, outcome=FAILED, error=reason))
        except OutcomeNotEnabled:
            give_up(job, f"{reason} (The flow says nothing of the outcome {FAILED!r}.)")

    def _finish(self, job: Job, outcome: str, result: dict[str, object] | None = None) -> None:
        self._told(job, finish_job(job, outcome=outcome, data=result))

    @staticmethod
    def _told(job: Job, was_ours: bool) -> None:
        faultpoints.reach("K11")
        if not was_ours:
            logger.warning("Job %s was no longer ours under lease %s", job.pk, job.lease)


def _limit_of(job: Job) -> int:
    return job.timeout_seconds or DEFAULT_TIMEOUT_SECONDS
