"""How long work may take: a limit that interrupts it, and one that ends its process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

DEFAULT_TIMEOUT_SECONDS = 300
GRACE_SECONDS = 10
"""Work that goes on for this long after its time limit is ended with its process."""


class Interrupted(BaseException):
    """Raised inside a handler. Not an Exception: what a handler catches should not be this."""


class TimeLimitReached(Interrupted):
    """The work has taken longer than its time limit."""


class WorkerStops(Interrupted):
    """The worker has to end now; somebody else will do the work."""


_is_limited = False
_stops = False


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitReached in the work below when it has taken this long.

    Only the main thread of a process can be interrupted; elsewhere nothing happens here.
    """
    global _is_limited  # noqa: PLW0603
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = signal.signal(signal.SIGALRM, _interrupt)
    _is_limited = True
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        _is_limited = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def interrupt_within(seconds: float) -> None:
    """Raise WorkerStops in the limited work at hand, if there is any, when it does not end in time.

    Safe to call from a signal handler.
    """
    global _stops  # noqa: PLW0603
    _stops = True
    if _is_limited:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise WorkerStops if _stops else TimeLimitReached


def limit_memory(megabytes: int) -> None:
    """Let this process have no more than this: work that wants more fails, its machine does not."""
    if megabytes > 0:
        import resource

        size = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
