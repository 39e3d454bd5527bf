"""A host that keeps failing is left alone for a while, then asked once before all ask again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from .errors import CircuitOpen

MOST_HOSTS = 1_000


@dataclass
class _Troubled:
    failures: int = 0
    pause: float = 0.0
    opens_at: float = 0.0
    is_asked: bool = False


class CircuitBreaker:
    """Counts the failures of each host in a row, in this process.

    After `threshold` of them the circuit is open: nothing is sent for a pause, which doubles with
    each failure after it. Then it is half open: one call goes out, and its end decides for all.
    """

    def __init__(
        self,
        *,
        threshold: int = 5,
        first_pause: float = 10.0,
        longest_pause: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._threshold = threshold
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._clock = clock
        self._troubled: dict[str, _Troubled] = {}
        self._guard = threading.Lock()

    def enter(self, host: str) -> None:
        """Let a call pass, or not. Whoever may pass tells `succeeded` or `failed` afterwards.

        Raises:
            CircuitOpen: not now. The moments to come back are spread out, so that those who wait do
                not all come at once.
        """
        with self._guard:
            troubled = self._troubled.get(host)
            if troubled is None or troubled.failures < self._threshold:
                return
            wait = troubled.opens_at - self._clock()
            if wait <= 0 and not troubled.is_asked:
                troubled.is_asked = True
                return
        spread = random.uniform(0.0, max(troubled.pause, 1.0))  # noqa: S311  no secret
        raise CircuitOpen(host, timedelta(seconds=max(wait, 1.0) + spread))

    def succeeded(self, host: str) -> None:
        with self._guard:
            self._troubled.pop(host, None)

    def failed(self, host: str) -> None:
        with self._guard:
            troubled = self._troubled.pop(host, None) or _Troubled()
            # As the youngest: who calls a thousand hosts that fail, forgets the oldest.
            self._troubled[host] = troubled
            if len(self._troubled) > MOST_HOSTS:
                del self._troubled[next(iter(self._troubled))]
            troubled.failures += 1
            troubled.is_asked = False
            if troubled.failures >= self._threshold:
                longer = troubled.pause * 2 or self._first_pause
                troubled.pause = min(longer, self._longest_pause)
                troubled.opens_at = self._clock() + troubled.pause

    def left(self, host: str) -> None:
        """The call that `enter` let pass was not made after all."""
        with self._guard:
            if host in self._troubled:
                self._troubled[host].is_asked = False
