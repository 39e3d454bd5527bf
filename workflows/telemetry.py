"""How long things take, told to whoever subscribes; the engine knows no monitoring system."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ContextDecorator

from django.dispatch import Signal

Observer = Callable[[str, float], None]
"""Called with the name of a step and its seconds."""

worker_started = Signal()
"""Sent once by the parent of a group of worker processes, before it works."""

_observers: list[Observer] = []


def subscribe(observer: Observer) -> None:
    if observer not in _observers:
        _observers.append(observer)


def unsubscribe(observer: Observer) -> None:
    _observers.remove(observer)


class observe_step(ContextDecorator):  # noqa: N801  reads as a function; a generator costs thrice as much
    """Tell the observers how long a block or a function took, refused or not.

    `name` is one of few: it becomes a label, never the id of anything.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *refusal: object) -> None:
        seconds = time.perf_counter() - self._started
        for observer in _observers:
            observer(self._name, seconds)

    def _recreate_cm(self) -> observe_step:
        """Return one for each call of a function: threads call it at the same time."""
        return observe_step(self._name)
