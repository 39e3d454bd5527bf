"""A run to a fault, made shorter: what can be left out without losing the fault, is."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .encoding import Encoding, Move, narrowest_width
from .marking import Marking
from .net import Net

_SECONDS = 0.03
_WIDTH = 8
"""Bits a place: enough for the 127 tokens that a run seldom has in one place."""


def shortened(
    net: Net, initial: Marking, run: Sequence[str], end: str
) -> tuple[tuple[str, ...], Marking]:
    """Return a run that is no longer, and where it leads: stuck, or at an improper end.

    `run` leads from `initial` to a marking that is stuck with no token in `end`, or has one there
    and others beside it; the one that is returned leads to such a marking too, of the same kind.
    Rounds that lead back to a marking are left out, then ever smaller parts without which the rest
    can still be fired (Zeller's delta debugging). Not always a shortest run, but close.
    """
    trial = _Trial(net, initial, end)
    number = {transition.key: n for n, transition in enumerate(net.transitions)}
    steps = [number[key] for key in run]
    if trial.kind(trial.fired(steps)) is None:
        raise ValueError("The run leads to no fault.")
    deadline = time.monotonic() + _SECONDS
    before = None
    while steps != before and time.monotonic() < deadline:
        before = steps
        steps = trial.without_rounds(steps)
        size = max(1, len(steps) // 2)
        while size:
            steps = trial.without_parts(steps, size, deadline)
            size //= 2
    state = trial.fired(steps)
    assert state is not None  # noqa: S101  (it was fired before)
    return tuple(net.transitions[n].key for n in steps), trial.encoding.decode(state)


class _Trial:
    """Fires runs of numbered transitions on integers."""

    def __init__(self, net: Net, initial: Marking, end: str) -> None:
        self.encoding = Encoding(net, max(_WIDTH, narrowest_width(net, initial)))
        self._moves: Sequence[Move] = self.encoding.moves
        self._initial = self.encoding.encode(initial)
        self._end = self.encoding.field(end)
        self._final = self.encoding.encode({end: 1})

    def fired(self, steps: Sequence[int]) -> int | None:
        """Return the marking after these steps, or None where one of them cannot fire."""
        state = self._initial
        for step in steps:
            move = self._moves[step]
            if not move.is_enabled(state):
                return None
            state = move.fire(state)
            if state & self.encoding.guards:
                return None
        return state

    def without_rounds(self, steps: Sequence[int]) -> list[int]:
        """Return the steps without those between a marking and the same marking again."""
        state = self._initial
        kept: list[int] = []
        seen = {state: 0}
        for step in steps:
            state = self._moves[step].fire(state)
            kept.append(step)
            if state in seen:
                del kept[seen[state] :]
                seen = {known: length for known, length in seen.items() if length <= len(kept)}
            seen[state] = len(kept)
        return kept

    def without_parts(self, steps: list[int], size: int, deadline: float) -> list[int]:
        """Return the steps without each part of this size, from the end, that is not needed."""
        kind = self.kind(self.fired(steps))
        position = len(steps) - size
        while position >= 0 and time.monotonic() < deadline:
            fewer = steps[:position] + steps[position + size :]
            if self.kind(self.fired(fewer)) == kind:
                steps = fewer
            position -= size
        return steps

    def kind(self, state: int | None) -> bool | None:
        """Return True at an improper end, False where nothing can fire, None where all is well."""
        if state is None or state == self._final:
            return None
        if state & self._end:
            return True
        return None if any(move.is_enabled(state) for move in self._moves) else False
