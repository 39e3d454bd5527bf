"""The Python functions that service tasks may name. Deployers register them; flows only choose.

    @handler("payments.pay")
    def pay(call: ServiceCall, *, amount: Decimal, iban: str, note: str = "") -> PayResult: ...

Keyword-only parameters are the inputs, the fields of a returned TypedDict or dataclass the outputs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from .binding import arguments, checked_result
from .signatures import Signature, read_signature

HANDLER_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
LONGEST_NAME = 200


def _no_lease() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """What a handler gets beside its inputs.

    `values` is the case's data, typed; `inputs` what the flow's `inputs` gave, as JSON. `since` is
    when the work was first wanted.
    `idempotency_key` stays the same over all tries of one work item; `attempt` counts them from 1.
    `extend()` keeps the job for longer at once and says whether it is still this worker's: who gets
    False stops. The work is interrupted at the `deadline`.
    """

    values: Mapping[str, Any]
    business_key: str
    idempotency_key: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    case_id: int | None = None
    attempt: int = 1
    since: datetime = field(default_factory=timezone.now)
    deadline: datetime | None = None
    extend: Callable[[], bool] = _no_lease


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


F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered function. `for_flows`: a flow may name it; others only cause effects."""

    name: str
    function: Callable[..., Any]
    signature: Signature
    for_flows: bool = True

    def __call__(self, call: ServiceCall) -> dict[str, Any] | None:
        """Run it with its inputs: those of the call, and where it has none, fields of the data.

        Raises:
            BadInputs: an input is missing, unknown or of another type.
            BadResult: it returned what it has not declared.
            Exception: whatever the function raises.
        """
        given = arguments(self.signature, self.name, inputs=call.inputs, values=call.values)
        return checked_result(self.signature, self.name, self.function(call, **given))


_handlers: dict[str, Handler] = {}


def handler(name: str, *, for_flows: bool = True) -> Callable[[F], F]:
    """Register a function under `name`; put it into a module `handlers` of an installed app.

    It may run more than once for one work item. What it returns updates the case's data.

    Raises:
        TypeError: the function cannot be a handler; the message says what to write instead.
    """

    def register(function: F) -> F:
        if not HANDLER_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise TypeError(f"{name!r} is not the dotted name of a handler, e.g. 'payroll.book'.")
        _handlers[name] = Handler(name, function, read_signature(function, name), for_flows)
        return function

    return register


def registered_handlers() -> Mapping[str, Handler]:
    """Return every handler by name."""
    _discover()
    return _handlers


@cache
def _discover() -> None:
    autodiscover_modules("handlers")
