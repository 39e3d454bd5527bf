"""Tell workers that there is something to do. Never more than a wake-up: the rows are the truth.

With a broker, a thread of this process sends the messages, so that a broker which does not answer
costs whoever pressed the button nothing. Without one, the thread that works beside the web server
is told, where there is one; other workers look by themselves.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from workflows import faultpoints

logger = logging.getLogger(__name__)

work_is_due = threading.Event()
"""Set when this process has written jobs; the embedded worker waits for it."""

TASK = "goflow.work"
"""The name of the one Celery task, see `tasks.work`."""

MOST_WAITING = 10_000
SILENCE_SECONDS = 5.0
"""After a message that could not be sent, none is tried for so long: the sweep tells later."""
FAREWELL_SECONDS = 1.0

KeysByQueue = Mapping[str, Sequence[str]]


def announce(keys: KeysByQueue) -> None:
    """Tell the workers of these jobs, by queue, and that there may be others.

    Call it when they are committed.

    Returns at once, and never raises.
    """
    faultpoints.reach("K7")
    if not settings.CELERY_BROKER_URL:
        work_is_due.set()
    elif keys:
        _publisher().put(keys)


def send(keys: KeysByQueue) -> None:
    """Send the messages of these jobs, one for each queue.

    Raises:
        Exception: what the broker's client raises where it cannot be reached.
    """
    app = import_string(settings.GOFLOW_CELERY_APP)
    for name, waiting in keys.items():
        app.send_task(TASK, args=[list(waiting)], queue=name, retry=False, ignore_result=True)


def wait_until_sent(seconds: float = 60.0) -> bool:
    """Wait until this process has sent its wake-ups; return whether it has."""
    return not settings.CELERY_BROKER_URL or _publisher().wait(seconds)


class _Publisher:
    def __init__(self) -> None:
        self.pid = os.getpid()
        self._waiting: queue.Queue[KeysByQueue] = queue.Queue(MOST_WAITING)
        self._is_idle = threading.Event()
        self._silent_until = 0.0
        threading.Thread(target=self._run, name="goflow-wakeups", daemon=True).start()
        atexit.register(self._say_farewell)

    def put(self, keys: KeysByQueue) -> None:
        self._is_idle.clear()
        try:
            self._waiting.put_nowait(keys)
        except queue.Full:
            logger.warning("Too many wake-ups wait to be sent: the sweep will tell.")

    def wait(self, seconds: float) -> bool:
        return self._is_idle.wait(seconds)

    def _run(self) -> None:
        while True:
            if self._waiting.empty():
                self._is_idle.set()
            keys = self._waiting.get()
            if time.monotonic() >= self._silent_until:
                self._send(keys)

    def _send(self, keys: KeysByQueue) -> None:
        try:
            for name, waiting in keys.items():
                for key in waiting:
                    send({name: [key]})
        # Each broker has errors of its own, and all of them mean the same here.
        except Exception as error:  # noqa: BLE001
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            logger.warning("The broker was not told of %s: %s", keys, type(error).__name__)

    def _say_farewell(self) -> None:
        """Let a command line that ends at once send what it has written."""
        if self.pid == os.getpid():
            self._is_idle.wait(FAREWELL_SECONDS)


_the_publisher: _Publisher | None = None
_guard = threading.Lock()


def _publisher() -> _Publisher:
    """Return the publisher of this process; one that was forked has none of its own yet."""
    global _the_publisher  # noqa: PLW0603
    if _the_publisher is None or _the_publisher.pid != os.getpid():
        with _guard:
            if _the_publisher is None or _the_publisher.pid != os.getpid():
                _the_publisher = _Publisher()
    return _the_publisher
