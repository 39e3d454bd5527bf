"""The definitions of soundness, spelled out with dictionaries: slow, and a check on the product.

Returns None where the reachable markings are more than `cap`.
"""

from workflows.net import ArcKind, Net

Frozen = frozenset[tuple[str, int]]
Arcs = list[tuple[str, list[list[tuple[str, int]]]]]


def arcs(net: Net) -> Arcs:
    """Return each transition with its arcs of the five kinds."""
    kinds = list(ArcKind)
    found: dict[str, list[list[tuple[str, int]]]] = {
        t.key: [[] for _ in kinds] for t in net.transitions
    }
    for arc in net.arcs:
        found[arc.transition][kinds.index(arc.kind)].append((arc.place, arc.weight))
    return list(found.items())


def successors(net: Net, frozen: Frozen, known: Arcs | None = None) -> dict[str, Frozen]:
    marking = dict(frozen)
    found = {}
    for transition, (inputs, outputs, reads, inhibitors, resets) in known or arcs(net):
        takes: dict[str, int] = {}
        for place, weight in inputs:
            takes[place] = takes.get(place, 0) + weight
        if any(marking.get(p, 0) < w for p, w in takes.items()):
            continue
        if any(marking.get(p, 0) < w for p, w in reads):
            continue
        if any(marking.get(p, 0) >= w for p, w in inhibitors):
            continue
        after = {p: n - takes.get(p, 0) for p, n in marking.items()}
        for place, _ in resets:
            after[place] = 0
        for place, weight in outputs:
            after[place] = after.get(place, 0) + weight
        found[transition] = frozenset((p, n) for p, n in after.items() if n)
    return found


def reachable(net: Net, initial: Frozen, cap: int) -> dict[Frozen, dict[str, Frozen]] | None:
    graph: dict[Frozen, dict[str, Frozen]] = {}
    known = arcs(net)
    stack = [initial]
    while stack:
        frozen = stack.pop()
        if frozen in graph:
            continue
        if len(graph) >= cap or any(n > 50 for _, n in frozen):
            return None
        graph[frozen] = successors(net, frozen, known)
        stack.extend(graph[frozen].values())
    return graph


def reaching(graph: dict[Frozen, dict[str, Frozen]], target: Frozen) -> set[Frozen]:
    before: dict[Frozen, list[Frozen]] = {marking: [] for marking in graph}
    for marking, after in graph.items():
        for reached in after.values():
            before[reached].append(marking)
    good = {target} & set(graph)
    waiting = list(good)
    while waiting:
        for marking in before[waiting.pop()]:
            if marking not in good:
                good.add(marking)
                waiting.append(marking)
    return good


def facts(net: Net, start: str, end: str, cap: int = 2_000) -> dict[str, object] | None:
    graph = reachable(net, frozenset({(start, 1)}), cap)
    if graph is None:
        return None
    final = frozenset({(end, 1)})
    fired = {transition for after in graph.values() for transition in after}
    dead = [t.key for t in net.transitions if t.key not in fired]
    option = len(reaching(graph, final)) == len(graph)
    proper = all(m == final or end not in dict(m) for m in graph)
    stuck = [m for m, after in graph.items() if not after and end not in dict(m)]
    return {
        "sound": option and proper and not dead,
        "option": option,
        "proper": proper,
        "dead": dead,
        "states": len(graph),
        "deadlock": bool(stuck),
    }
