"""The side of a peer: does whole processes as told by its parent, and says how long they took."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

STEPS = 3
"""What people do in one process: submit, approve, pay. The rest happens by itself."""

READY = "ready"


class Stopwatch:
    """Adds up the time, and this process's CPU, of what is called through it: finding out what to
    decide is nobody's step."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.cpu_seconds = 0.0

    def __call__(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        began, cpu = time.perf_counter(), time.process_time()
        try:
            return call(*args, **options)
        finally:
            self.cpu_seconds += time.process_time() - cpu
            self.seconds += time.perf_counter() - began


def serve(process: Callable[[Stopwatch], None]) -> None:
    """Answer each line of standard input, a count, by that many processes and the time of their
    steps."""
    print(READY, flush=True)  # noqa: T201  the parent reads it
    for line in sys.stdin:
        stopwatch = Stopwatch()
        for _ in range(int(line)):
            process(stopwatch)
        told = {
            "steps": STEPS * int(line),
            "seconds": stopwatch.seconds,
            "cpu_seconds": stopwatch.cpu_seconds,
        }
        print(json.dumps(told), flush=True)  # noqa: T201
