"""Links cut into steps from one column to the next, by dummies in the columns between.

Plain links to the same node share their dummies: ten ways to the end become one line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .graph import Link, LinkKind


@dataclass(slots=True)
class Chains:
    """The graph to order: nodes are numbers, the first `len(keys)` of them real ones."""

    keys: tuple[str, ...]
    column: list[int]
    ways: list[tuple[Link, tuple[int, ...]]] = field(default_factory=list)
    """Each forward link with the nodes it passes, both ends included."""

    @property
    def size(self) -> int:
        return len(self.column)

    def is_dummy(self) -> list[bool]:
        return [node >= len(self.keys) for node in range(self.size)]

    def neighbours(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return the nodes before and after each node, each once."""
        before: list[dict[int, None]] = [{} for _ in self.column]
        after: list[dict[int, None]] = [{} for _ in self.column]
        for _, way in self.ways:
            for left, right in zip(way, way[1:], strict=False):
                after[left][right] = None
                before[right][left] = None
        return [list(near) for near in before], [list(near) for near in after]

    def columns(self) -> list[list[int]]:
        """Return the nodes of each column in the order in which a walk from the left meets them."""
        _, after = self.neighbours()
        columns: list[list[int]] = [[] for _ in range(max(self.column, default=-1) + 1)]
        seen = [False] * self.size
        for root in sorted(range(self.size), key=self.column.__getitem__):
            stack = [root]
            while stack:
                node = stack.pop()
                if seen[node]:
                    continue
                seen[node] = True
                columns[self.column[node]].append(node)
                stack.extend(reversed(after[node]))
        return columns


@dataclass(frozen=True, slots=True)
class Groups:
    """Each node's group; the label and the members of those groups that have a frame."""

    number: list[int]
    label: Mapping[int, str]
    members: Mapping[int, tuple[int, ...]]


def chains(columns: Mapping[str, int], links: Sequence[Link]) -> Chains:
    """Return the graph of all nodes, with these links, each of which runs to the right."""
    keys = tuple(columns)
    number = {key: n for n, key in enumerate(keys)}
    graph = Chains(keys, [columns[key] for key in keys])
    shared: dict[tuple[str, int], int] = {}
    for link in links:
        way = [number[link.source]]
        for column in range(columns[link.source] + 1, columns[link.target]):
            way.append(_dummy(graph, link, column, shared))
        graph.ways.append((link, (*way, number[link.target])))
    return graph


def _dummy(graph: Chains, link: Link, column: int, shared: dict[tuple[str, int], int]) -> int:
    is_plain = link.kind is LinkKind.FLOW and link.weight == 1
    if is_plain and (link.target, column) in shared:
        return shared[link.target, column]
    graph.column.append(column)
    node = graph.size - 1
    if is_plain:
        shared[link.target, column] = node
    return node


def groups_of(graph: Chains, tasks: Mapping[str, str]) -> Groups:
    """Return which nodes must stand together: those of one task, as far as in one column."""
    numbers = list(range(graph.size))
    together: dict[tuple[str, int], list[int]] = {}
    for node, key in enumerate(graph.keys):
        if key in tasks:
            together.setdefault((tasks[key], graph.column[node]), []).append(node)
    labels, members = {}, {}
    for (label, _), nodes in together.items():
        for node in nodes:
            numbers[node] = nodes[0]
        labels[nodes[0]] = label
        members[nodes[0]] = tuple(nodes)
    return Groups(numbers, labels, members)
