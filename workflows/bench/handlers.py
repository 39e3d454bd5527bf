"""The handler of the benchmark's service task; known where `GOFLOW_APPS` names this package."""

from __future__ import annotations

from workflows.jobs.handlers import ServiceCall, handler


@handler("bench.nothing")
def nothing(call: ServiceCall) -> None:
    """Do nothing at all: what is measured is the way there and back."""
