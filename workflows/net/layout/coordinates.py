"""Heights of the nodes within their columns, after Brandes and Köpf.

Each node is aligned with the median of its neighbours in four ways (looking left or right,
favouring the upper or the lower), each way is packed as tightly as it goes, and a node gets the
mean of its two middle heights. Long links, being chains of dummies, stay straight if they can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Neighbours = Sequence[Sequence[int]]
Distance = Callable[[int, int], float]
"""How far apart the centres of two nodes must be, the first standing above the second."""

_Pair = tuple[int, int]


def heights(
    columns: Sequence[Sequence[int]],
    before: Neighbours,
    after: Neighbours,
    is_dummy: Sequence[bool],
    distance: Distance,
) -> dict[int, float]:
    """Return y of every node: neighbours in a column are at least `distance` apart."""
    crossed = _crossed_by_chains(columns, before, is_dummy)
    layouts: list[dict[int, float]] = []
    for looks_left in (True, False):
        for favours_upper in (True, False):
            ordered = [list(column) for column in columns]
            if not looks_left:
                ordered.reverse()
            if not favours_upper:
                ordered = [column[::-1] for column in ordered]
            neighbours = before if looks_left else after
            roots = _aligned(ordered, neighbours, crossed)
            layouts.append(_packed(ordered, roots, distance, upside_down=not favours_upper))
    return _balanced(layouts)


def _crossed_by_chains(
    columns: Sequence[Sequence[int]], before: Neighbours, is_dummy: Sequence[bool]
) -> frozenset[_Pair]:
    """Return the links (left node, right node) that cross a link between two dummies."""
    crossed = set()
    for left, right in zip(columns, columns[1:], strict=False):
        rank = {node: n for n, node in enumerate(left)}
        lowest, waiting = 0, 0
        for n, node in enumerate(right):
            chain = [other for other in before[node] if is_dummy[node] and is_dummy[other]]
            if not chain and n < len(right) - 1:
                continue
            highest = max(rank[other] for other in chain) if chain else len(left) - 1
            for looked_at in right[waiting : n + 1]:
                for other in before[looked_at]:
                    is_chain = is_dummy[looked_at] and is_dummy[other]
                    if not is_chain and not lowest <= rank[other] <= highest:
                        crossed.add((other, looked_at))
            waiting, lowest = n + 1, highest
    return frozenset(crossed)


def _aligned(
    columns: Sequence[Sequence[int]], neighbours: Neighbours, crossed: frozenset[_Pair]
) -> dict[int, int]:
    """Return the root of the block that each node is aligned with."""
    root = {node: node for column in columns for node in column}
    rank = {node: n for column in columns for n, node in enumerate(column)}
    for column in columns[1:]:
        last = -1
        taken: set[int] = set()
        for node in column:
            near = sorted(neighbours[node], key=rank.__getitem__)
            middle = (len(near) - 1) / 2
            for other in (
                dict.fromkeys((near[int(middle)], near[-int(-middle // 1)])) if near else ()
            ):
                is_free = other not in taken and last < rank[other]
                if is_free and not crossed & {(other, node), (node, other)}:
                    root[node] = root[other]
                    taken.add(other)
                    last = rank[other]
                    break
    return root


def _packed(
    columns: Sequence[Sequence[int]],
    root: Mapping[int, int],
    distance: Distance,
    *,
    upside_down: bool,
) -> dict[int, float]:
    """Return heights with all nodes of a block on one level, as compact as the distances allow."""
    apart: dict[int, dict[int, float]] = {}
    entering: dict[int, dict[int, float]] = {}
    for column in columns:
        for upper, lower in zip(column, column[1:], strict=False):
            gap = distance(lower, upper) if upside_down else distance(upper, lower)
            a, b = root[upper], root[lower]
            gap = max(gap, apart.get(a, {}).get(b, 0.0))
            apart.setdefault(a, {})[b] = gap
            entering.setdefault(b, {})[a] = gap
    level: dict[int, float] = {}
    blocks = _topological({root[node] for column in columns for node in column}, apart, entering)
    for block in blocks:
        level[block] = max(
            (level[a] + gap for a, gap in entering.get(block, {}).items()), default=0.0
        )
    for block in reversed(blocks):
        room = min((level[b] - gap for b, gap in apart.get(block, {}).items()), default=None)
        if room is not None:
            level[block] = max(level[block], room)
    sign = -1 if upside_down else 1
    return {node: sign * level[root[node]] for column in columns for node in column}


def _topological(
    blocks: set[int],
    apart: Mapping[int, Mapping[int, float]],
    entering: Mapping[int, Mapping[int, float]],
) -> list[int]:
    missing = {block: len(entering.get(block, {})) for block in blocks}
    ordered = sorted(block for block, count in missing.items() if not count)
    for block in ordered:
        for after in apart.get(block, {}):
            missing[after] -= 1
            if not missing[after]:
                ordered.append(after)
    return ordered


def _balanced(layouts: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return the mean of each node's two middle heights, all layouts moved onto the smallest."""
    if not layouts[0]:
        return {}
    tops = [min(layout.values()) for layout in layouts]
    bottoms = [max(layout.values()) for layout in layouts]
    smallest = min(range(len(layouts)), key=lambda n: bottoms[n] - tops[n])
    moved = []
    for n, layout in enumerate(layouts):
        favours_upper = n % 2 == 0
        shift = tops[smallest] - tops[n] if favours_upper else bottoms[smallest] - bottoms[n]
        moved.append({node: level + shift for node, level in layout.items()})
    result = {}
    for node in layouts[0]:
        _, second, third, _ = sorted(layout[node] for layout in moved)
        result[node] = (second + third) / 2
    return result
