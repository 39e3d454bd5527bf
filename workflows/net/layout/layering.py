"""Columns: which node stands in which, so that flow runs from left to right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from workflows.net.net import Net
from workflows.net.structure import sinks, sources

from .graph import Link, LinkKind


def columns_of(net: Net, links: Sequence[Link]) -> dict[str, int]:
    """Return the column of each node, as far left as can be; places and transitions alternate.

    Links that close a circle, seen from the net's source, do not count; nor do reset links.
    """
    keys = [place.key for place in net.places] + [t.key for t in net.transitions]
    flow = [link for link in links if link.kind is LinkKind.FLOW]
    looks = [link for link in links if link.kind in (LinkKind.READ, LinkKind.INHIBITOR)]
    closing = _closing_links(keys, flow, sources(net))
    follow: dict[str, list[str]] = {key: [] for key in keys}
    for link in flow:
        if link not in closing:
            follow[link.source].append(link.target)
    for link in looks:
        # A place that a transition looks at stands before it, unless the flow says otherwise.
        if not _leads_to(follow, link.target, link.source):
            follow[link.source].append(link.target)
    column = _columns(net, keys, follow)
    ends = sinks(net)
    if len(ends) == 1:
        # Where all is over is on the right of all, even if nothing leads there from so far.
        furthest = max(column.values())
        column[ends[0]] = furthest + furthest % 2
    used = {old: new for new, old in enumerate(sorted(set(column.values())))}
    return {key: used[old] for key, old in column.items()}


def _closing_links(
    keys: Iterable[str], links: Sequence[Link], starts: Iterable[str]
) -> frozenset[Link]:
    """Return the links that lead back to a node on the way to them, depth first from `starts`."""
    leaving: dict[str, list[Link]] = {}
    for link in links:
        leaving.setdefault(link.source, []).append(link)
    closing: set[Link] = set()
    done: set[str] = set()
    for root in (*starts, *keys):
        if root in done:
            continue
        on_the_way = {root: None}
        stack = [iter(leaving.get(root, ()))]
        while stack:
            for link in stack[-1]:
                if link.target in on_the_way:
                    closing.add(link)
                elif link.target not in done:
                    on_the_way[link.target] = None
                    stack.append(iter(leaving.get(link.target, ())))
                    break
            else:
                stack.pop()
                done.add(on_the_way.popitem()[0])
    return frozenset(closing)


def _leads_to(follow: Mapping[str, Iterable[str]], start: str, goal: str) -> bool:
    seen = {start}
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key == goal:
            return True
        for after in follow[key]:
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return False


def _columns(net: Net, keys: Sequence[str], follow: Mapping[str, Sequence[str]]) -> dict[str, int]:
    before = dict.fromkeys(keys, 0)
    for targets in follow.values():
        for target in targets:
            before[target] += 1
    roots = [key for key in keys if not before[key]]
    column = {key: int(net.has_transition(key)) for key in keys}
    waiting = list(roots)
    for key in waiting:
        for target in follow[key]:
            column[target] = max(column[target], column[key] + 1)
            before[target] -= 1
            if not before[target]:
                waiting.append(target)
    # A node that nothing leads to stands next to what it leads to; the net's source stays in front.
    for key in roots:
        if key not in sources(net)[:1] and follow[key]:
            column[key] = min(column[target] for target in follow[key]) - 1
    return column
