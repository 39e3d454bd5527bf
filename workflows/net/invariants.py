"""Place invariants: weights of places by which no firing makes the marking any heavier.

If such weights are found for every place, no place ever holds more than the initial marking's
weight allows: the net is bounded, without looking at a single marking. The minimal ones are found
by the algorithm of Farkas, in the form of Martinez and Silva (1982), with "no heavier" in the place
of "as heavy": what an inhibitor arc holds back and a reset arc takes away never adds a token.
"""

from __future__ import annotations

import time
from math import gcd

from .net import Net

_MOST_ROWS = 2_000
"""There may be exponentially many; then nothing is claimed."""

_Row = tuple[dict[int, int], dict[int, int]]
"""What firing each transition adds to the weight, and the weight of each place."""


def is_covered(net: Net, deadline: float) -> bool:
    """Tell whether invariants were found that cover all places, by `deadline`; then it is bounded.

    False proves nothing. `deadline` is a value of `time.monotonic()`.
    """
    rows = _weighings(net)
    for transition in range(len(net.transitions)):
        if time.monotonic() > deadline:
            return False
        heavier = [row for row in rows if row[0].get(transition, 0) > 0]
        lighter = [row for row in rows if row[0].get(transition, 0) < 0]
        rows = [row for row in rows if row[0].get(transition, 0) <= 0]
        if len(rows) + len(heavier) * len(lighter) > _MOST_ROWS:
            return False
        rows += [_balanced(up, down, transition) for up in heavier for down in lighter]
    covered = {place for _, weights in rows for place in weights}
    return len(covered) == len(net.places)


def _weighings(net: Net) -> list[_Row]:
    """Return a row for each place: it alone, with weight 1."""
    rows: list[_Row] = []
    number = {transition.key: n for n, transition in enumerate(net.transitions)}
    for place_number, place in enumerate(net.places):
        added: dict[int, int] = {}
        for key in {*net.consumers(place.key), *net.producers(place.key)}:
            taken = net.inputs(key).get(place.key, 0)
            change = net.outputs(key).get(place.key, 0) - taken
            if change:
                added[number[key]] = change
        rows.append((added, {place_number: 1}))
    return rows


def _balanced(heavier: _Row, lighter: _Row, transition: int) -> _Row:
    """Return the sum of two rows in which firing the transition changes nothing."""
    up, down = -lighter[0][transition], heavier[0][transition]
    added = _sum(heavier[0], up, lighter[0], down)
    weights = _sum(heavier[1], up, lighter[1], down)
    common = gcd(*added.values(), *weights.values())
    return (
        {key: value // common for key, value in added.items()},
        {key: value // common for key, value in weights.items()},
    )


def _sum(one: dict[int, int], times: int, other: dict[int, int], more: int) -> dict[int, int]:
    added = {key: value * times for key, value in one.items()}
    for key, value in other.items():
        added[key] = added.get(key, 0) + value * more
    return {key: value for key, value in added.items() if value}
