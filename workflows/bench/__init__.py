"""Benchmarks by name. A speed is told beside something else measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.module_loading import import_string

Benchmark = Callable[..., Iterator[dict[str, Any]]]

# Imported when asked for: this package is also an app, whose handlers the workers load.
BENCHMARKS = {
    "http": "approvals.bench.http.http_bench",
    "inbox": "workflows.bench.inbox.inbox",
    "jobs": "workflows.bench.jobs.jobs",
    "pages": "approvals.bench.pages.pages",
    "soundness": "workflows.bench.soundness.soundness",
    "start": "approvals.bench.start.start",
    "steps": "workflows.bench.steps.steps",
    "timers": "workflows.bench.timers.timers",
}


def benchmark(name: str) -> Benchmark:
    found: Benchmark = import_string(BENCHMARKS[name])
    return found
