"""What the work at hand is about, for every line that is logged meanwhile.

The engine notes the case it locks, a worker binds its job, the site binds the request; whoever
formats a line asks `current`. Nothing here knows who that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# A mapping of its own for each scope: `note` reaches no line that is logged outside of it.
_facts: ContextVar[dict[str, object] | None] = ContextVar("goflow_log_facts", default=None)


@contextmanager
def bind(**facts: object) -> Iterator[None]:
    """Add `facts` to what is logged in the block, e.g. `bind(case=12, job=7)`.

    A fact that is callable is called when a line is written; None leaves it out.
    """
    token = _facts.set({**(_facts.get() or {}), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def note(**facts: object) -> None:
    """Add `facts` to the innermost block of `bind`, until it ends; outside of any, do nothing."""
    scope = _facts.get()
    if scope is not None:
        scope.update(facts)


def current() -> dict[str, object]:
    """Return the facts that are known now."""
    known = ((name, _value(fact)) for name, fact in (_facts.get() or {}).items())
    return {name: value for name, value in known if value is not None}


def _value(fact: object) -> object:
    return fact() if callable(fact) else fact
