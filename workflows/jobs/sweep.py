"""What keeps jobs from being forgotten: it runs beside every worker, in as many as there are.

Two sweeps at once do no harm: what one has marked, the other passes over, and a message that comes
twice finds its job taken.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from workflows import store
from workflows.models import JobKind

from . import wakeup
from .worker import TIMERS_AT_ONCE

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
BEAT_SECONDS = 15.0
AGAIN_AFTER = timedelta(seconds=20)
"""A job of which the workers were told so long ago, and which nobody took, is told again."""
MOST_AT_ONCE = 1_000
AT_ONCE = {JobKind.SERVICE: 1, JobKind.TIMER: TIMERS_AT_ONCE, JobKind.EFFECT: 20}
"""How many jobs one message names: services are shared out, the others are quick."""


def sweep() -> int:
    """Free what dead workers held and, with a broker, tell of what is due; return how many."""
    store.free_expired()
    if not settings.CELERY_BROKER_URL:
        return 0
    found = store.mark_dispatched(again_after=AGAIN_AFTER, limit=MOST_AT_ONCE)
    try:
        for name, keys in _messages(found):
            wakeup.send({name: keys})
    except Exception:
        store.unmark_dispatched([key for key, _, _ in found])
        raise
    return len(found)


def _messages(found: list[tuple[str, str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield (queue, keys): a message for each service, and one for many timers or effects."""
    together: dict[tuple[str, str], list[str]] = {}
    for key, name, kind in found:
        together.setdefault((name, kind), []).append(key)
    for (name, kind), keys in together.items():
        size = AT_ONCE[JobKind(kind)]
        for start in range(0, len(keys), size):
            yield name, keys[start : start + size]


@dataclass
class Sweeper:
    """Sweeps, and lets others see that this worker lives."""

    worker: str
    queues: Collection[str]
    stopping: threading.Event
    _beat_at: float = 0.0

    def start(self) -> threading.Thread:
        """Sweep in a thread of its own until stopped."""
        thread = threading.Thread(target=self._run, name="goflow-sweep", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        while not self.stopping.is_set():
            # A full sweep is followed by the next at once.
            self.stopping.wait(SWEEP_SECONDS if self.once() < MOST_AT_ONCE else 0.0)
        connections.close_all()

    def once(self) -> int:
        """Sweep and return how many jobs were told of; what is away for a while, is asked again."""
        try:
            close_old_connections()
            count = sweep()
            if time.monotonic() >= self._beat_at:
                store.beat(self.worker, queues=self.queues)
                store.forget_beats(older_than=timedelta(days=1))
                self._beat_at = time.monotonic() + BEAT_SECONDS
        except DatabaseError as error:
            logger.warning("The database does not answer the sweep: %s", error)
            return 0
        # Each broker's client has errors of its own; the next sweep tries again.
        except Exception as error:  # noqa: BLE001
            logger.warning("The broker was not told what is due: %s", type(error).__name__)
            return 0
        return count
