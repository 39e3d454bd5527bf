"""The order of the nodes in each column, so that few links cross."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

_SWEEPS = 16
_MOST_SWAPPING_ROUNDS = 8
_MOST_WORK = 150_000
"""Sweeps times steps of links: beyond, a net is too tangled for more sweeps to make it clear."""

Columns = list[list[int]]
Neighbours = Sequence[Sequence[int]]


def order(columns: Columns, before: Neighbours, after: Neighbours, group: Sequence[int]) -> Columns:
    """Return the columns with their nodes re-ordered by barycentres, the best of several sweeps.

    `before` and `after` list each node's neighbours in the column to the left and to the right.
    Nodes of one column with the same number in `group` stay together.
    """
    best = current = [_together(column, group) for column in columns]
    fewest = crossings(best, after)
    steps = sum(map(len, after))
    for sweep in range(min(_SWEEPS, max(2, _MOST_WORK // max(steps, 1)))):
        if not fewest:
            break
        current = _sweep(current, before, after, group, rightwards=sweep % 2 == 0)
        _swap_neighbours(current, before, after, group)
        count = crossings(current, after)
        if count < fewest:
            best, fewest = [list(column) for column in current], count
    return best


def crossings(columns: Columns, after: Neighbours) -> int:
    """Return how many pairs of links cross between neighbouring columns."""
    total = 0
    for left, right in zip(columns, columns[1:], strict=False):
        rank = {node: n for n, node in enumerate(right)}
        ends = [r for node in left for r in sorted(rank[target] for target in after[node])]
        total += _inversions(ends, len(right))
    return total


def _inversions(ends: Sequence[int], size: int) -> int:
    """Count pairs that stand in falling order, with a Fenwick tree of those seen."""
    tree = [0] * (size + 1)
    total = 0
    for seen, end in enumerate(ends):
        n, not_above = end + 1, 0
        while n:
            not_above += tree[n]
            n &= n - 1
        total += seen - not_above
        n = end + 1
        while n <= size:
            tree[n] += 1
            n += n & -n
    return total


def _together(column: Sequence[int], group: Sequence[int]) -> list[int]:
    first: dict[int, int] = {}
    for rank, node in enumerate(column):
        first.setdefault(group[node], rank)
    return sorted(column, key=lambda node: first[group[node]])


def _sweep(
    columns: Columns,
    before: Neighbours,
    after: Neighbours,
    group: Sequence[int],
    *,
    rightwards: bool,
) -> Columns:
    swept = [list(column) for column in columns]
    sides = range(1, len(columns)) if rightwards else range(len(columns) - 2, -1, -1)
    neighbours = before if rightwards else after
    for n in sides:
        fixed = swept[n - 1 if rightwards else n + 1]
        rank = {node: float(r) for r, node in enumerate(fixed)}
        swept[n] = _by_barycentre(swept[n], rank, neighbours, group)
    return swept


def _by_barycentre(
    column: Sequence[int], rank: Mapping[int, float], neighbours: Neighbours, group: Sequence[int]
) -> list[int]:
    centre: dict[int, float] = {}
    for place, node in enumerate(column):
        near = neighbours[node]
        # A node without neighbours there keeps its place, on the other column's scale.
        keep = place * len(rank) / max(len(column), 1)
        centre[node] = sum(rank[other] for other in near) / len(near) if near else keep
    members: dict[int, list[float]] = {}
    for node in column:
        members.setdefault(group[node], []).append(centre[node])
    middle = {number: sum(values) / len(values) for number, values in members.items()}
    first = {number: n for n, number in reversed(list(enumerate(group[node] for node in column)))}
    return sorted(column, key=lambda node: (middle[group[node]], first[group[node]], centre[node]))


def _swap_neighbours(
    columns: Columns, before: Neighbours, after: Neighbours, group: Sequence[int]
) -> None:
    """Swap neighbours in a column as long as that saves crossings, a few times at most."""
    for n, column in enumerate(columns):
        sides = []
        for m, neighbours in ((n - 1, before), (n + 1, after)):
            if 0 <= m < len(columns):
                rank = {node: r for r, node in enumerate(columns[m])}
                sides.append({node: [rank[other] for other in neighbours[node]] for node in column})
        size = Counter(group[node] for node in column)
        for _ in range(_MOST_SWAPPING_ROUNDS):
            swapped = False
            for upper in range(len(column) - 1):
                a, b = column[upper], column[upper + 1]
                would_part = group[a] != group[b] and (size[group[a]] > 1 or size[group[b]] > 1)
                if not would_part and sum(_saved(side[a], side[b]) for side in sides) > 0:
                    column[upper], column[upper + 1] = b, a
                    swapped = True
            if not swapped:
                break


def _saved(upper: Sequence[int], lower: Sequence[int]) -> int:
    """Return how many crossings fewer there are if the two nodes with these ends change places."""
    return sum((first > second) - (first < second) for first in upper for second in lower)
