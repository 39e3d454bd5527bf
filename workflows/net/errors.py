"""What can be wrong with a net, or with what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .enabling import Blocker


class NetError(Exception):
    """Root of everything that `workflows.net` raises on purpose."""


class NotANet(NetError):
    """A file that is no net, or not one that Goflow can read. `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.message = message
        self.line = line
        super().__init__(message if line is None else f"line {line}: {message}")


class UnknownNode(NetError, LookupError):
    """A name that is no place or no transition of the net."""

    def __init__(self, kind: str, key: str, net: str = "") -> None:
        self.kind = kind
        self.key = key
        where = f" in the net {net!r}" if net else ""
        super().__init__(f"There is no {kind} {key!r}{where}.")


class InvalidMarking(NetError, ValueError):
    """A number of tokens that is negative, or no whole number."""


class TransitionNotEnabled(NetError):
    """A transition was asked to fire and may not; `blockers` tells every reason."""

    def __init__(self, transition: str, blockers: Sequence[Blocker] = ()) -> None:
        self.transition = transition
        self.blockers = tuple(blockers)
        reasons = ", ".join(str(blocker) for blocker in self.blockers)
        tail = f": {reasons}" if reasons else ""
        super().__init__(f"Transition {transition!r} is not enabled{tail}.")
