"""The Python functions that service tasks may name. Deployers register them; flows only choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """What a handler gets: the case's data, and what the job was written with.

    `idempotency_key` stays the same over all tries of one job.
    """

    values: Mapping[str, Any]
    business_key: str
    idempotency_key: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[ServiceCall], Mapping[str, Any] | None]
_handlers: dict[str, Handler] = {}


class Failed(Exception):
    """Raised by a handler to end its task with the outcome `failed`. Other errors are retried."""


class Postponed(Exception):
    """Raised by a handler that cannot be done before `until`; it does not count as a try."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Not before {until:%d %b %Y %H:%M:%S %Z}.")
        self.until = until


class Retry(Exception):
    """Raised by a handler that wants to be tried again, `after` so long where it knows."""

    def __init__(self, reason: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(reason or "It asked to be tried again.")
        self.after = after


def handler(name: str) -> Callable[[Handler], Handler]:
    """Register a function under `name`; put it into a module `handlers` of an installed app.

    It may run more than once for one work item. What it returns updates the case's data.
    """

    def register(function: Handler) -> Handler:
        _handlers[name] = function
        return function

    return register


def registered_handlers() -> Mapping[str, Handler]:
    """Return every handler by name."""
    autodiscover_modules("handlers")
    return _handlers
