"""How long things take, told to whoever subscribes; the engine knows no monitoring system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


@contextmanager
def observe_step(name: str) -> Iterator[None]:
    """Tell the observers how long the block took, refused or not.

    `name` is one of few: it becomes a label, never the id of anything.
    """
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - started
        for observer in _observers:
            observer(name, seconds)
