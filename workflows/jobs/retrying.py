"""When a failed try is followed by the next: later each time, and not all at once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from workflows.expressions.durations import parse_duration
from workflows.models.job import DEFAULT_ATTEMPTS


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`times` tries after the first; the pauses grow from `first` by `factor` up to `limit`."""

    times: int = DEFAULT_ATTEMPTS - 1
    first: timedelta = timedelta(seconds=5)
    factor: float = 2.0
    limit: timedelta = timedelta(minutes=10)

    @property
    def max_attempts(self) -> int:
        return self.times + 1

    def pause(self, attempts: int) -> timedelta:
        """Return how long to wait after the try with this number, 1 for the first.

        Between half and the whole of the pause: what failed together is not tried again together.
        """
        # The exponent is bounded: a float overflows long after the limit is reached.
        grown = self.first.total_seconds() * self.factor ** min(attempts - 1, 60)
        whole = min(grown, self.limit.total_seconds())
        return timedelta(seconds=whole * random.uniform(0.5, 1.0))  # noqa: S311  no secret


def retry_policy(options: Mapping[str, object]) -> RetryPolicy:
    """Return what a task's `retry: {times, first, factor, limit}` asks for."""
    given = options.get("retry")
    if not isinstance(given, Mapping):
        return RetryPolicy()
    usual = RetryPolicy()
    return RetryPolicy(
        times=int(given.get("times", usual.times)),
        first=_span(given.get("first"), usual.first),
        factor=float(given.get("factor", usual.factor)),
        limit=_span(given.get("limit"), usual.limit),
    )


def timeout_seconds(options: Mapping[str, object]) -> int | None:
    """Return a task's `timeout` in whole seconds, at least 1; None where it has none."""
    given = options.get("timeout")
    return None if given is None else max(1, round(_span(given, timedelta()).total_seconds()))


def _span(text: object, otherwise: timedelta) -> timedelta:
    return otherwise if text is None else parse_duration(str(text)).span
