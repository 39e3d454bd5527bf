"""Rows that many tests stand on, made once for all that follow each other: the company, its flows.

Each layer is a transaction inside the one below, and a test's own is inside them all: it finds the
rows as if it had just made them, and what it changes is rolled back to them. A test gets the layers
whose names are among its fixtures, and no others. One with real commits stands on none of them, and
makes its rows itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

_makers: dict[str, Callable[[], Any]] = {}
_layers: list[_Layer] = []


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    made: Any
    atomic: transaction.Atomic


def layer(name: str, make: Callable[[], Any]) -> None:
    """Say how the rows of a fixture are made; it stands on those that were said before it."""
    assert name not in _makers, f"there are two layers {name}"
    _makers[name] = make


def stand_on(names: Collection[str]) -> None:
    """Lay what of `names` are layers, in their order, and take away all others."""
    wanted = [name for name in _makers if name in names]
    kept = 0
    if not _is_broken():
        for have, name in zip(_layers, wanted, strict=False):
            if have.name != name:
                break
            kept += 1
    while len(_layers) > kept:
        _take_away()
    for name in wanted[kept:]:
        _lay(name)


def given(name: str) -> Any:
    """Return what the layer's maker returned, as a copy of the test's own, or make it anew."""
    for have in _layers:
        if have.name == name:
            return copy.deepcopy(have.made)
    return _makers[name]()


def _lay(name: str) -> None:
    atomic = transaction.atomic()
    # As around each test: what is durable in production may be called here.
    atomic._from_testcase = True
    atomic.__enter__()
    try:
        made = _makers[name]()
    except BaseException:
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
        raise
    _layers.append(_Layer(name, made, atomic))


def _take_away() -> None:
    have = _layers.pop()
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    have.atomic.__exit__(None, None, None)


def _is_broken() -> bool:
    """Whether a test has closed the connection, or left its transaction beyond repair."""
    return (
        connection.closed_in_transaction
        or connection.needs_rollback
        or len(connection.atomic_blocks) != len(_layers)
    )
