"""How fast flows are proved, beside plain exploration and beside pm4py where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import math
import multiprocessing
import resource
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from workflows.net import ArcKind, Marking, Net, Verdict, verify
from workflows.net.reachability import Bounds, explore

from . import structured

NESTED_SIZES = (10, 30, 100, 300, 1_000, 3_000)
NETS_A_SIZE = 5
MUST_HOLD_MS = {1_000: 50, 3_000: 250}
FAMILIES: dict[str, tuple[Callable[[int], Net], Sequence[int]]] = {
    "parallel": (structured.parallel, (2, 3, 4, 5, 10, 20, 30)),
    "loops": (structured.loops, (1, 3, 10, 30, 100, 300)),
    "choice": (structured.choice, (2, 10, 30, 100, 300)),
    "cancelling": (structured.cancelling, (1, 2, 3, 5, 8, 12, 30, 60)),
}
PLAIN_STATES = 20_000
PLAIN_SECONDS = 5.0
PM4PY_SECONDS = 30
PM4PY_MOST_TRANSITIONS = 30

Figure = dict[str, Any]


def soundness(*, rounds: int, steps: int) -> Iterator[Figure]:
    """Proofs of nets with up to 30 x `steps` transitions: time, states, memory, growth.

    Each is timed `rounds` times, and the median counts. "plain" looks at every reachable marking,
    up to a bound; pm4py, if installed (requirements-bench.txt), gets 30 seconds a net.
    """
    most = 30 * steps
    nested = {
        size: [partial(structured.nested, size, seed) for seed in range(NETS_A_SIZE)]
        for size in NESTED_SIZES
    }
    yield from _family("nested", nested, rounds, most)
    for name, (make, sizes) in FAMILIES.items():
        yield from _family(name, {size: [partial(make, size)] for size in sizes}, rounds, most)


def _family(
    name: str, makers: Mapping[int, Sequence[Callable[[], Net]]], rounds: int, most: int
) -> Iterator[Figure]:
    points: list[tuple[int, float]] = []
    for size, makes in makers.items():
        measured = [_measured(make, rounds) for make in makes if len(make().transitions) <= most]
        if measured:
            points += [(figure["transitions"], figure["ms"]) for figure in measured]
            yield {"bench": "soundness", "what": f"{name}, {size:,}"} | _told(name, size, measured)
    yield {
        "bench": "soundness",
        "what": f"{name}, growth with the transitions",
        "exponent": _growth(points),
    }


def _told(name: str, size: int, measured: Sequence[Figure]) -> Figure:
    """Return one figure for nets of one size: the median, or the most."""
    told: Figure = {
        "nets": len(measured),
        "transitions": measured[0]["transitions"],
        "verdict": " ".join(sorted({figure["verdict"] for figure in measured})),
        "method": " ".join(sorted({figure["method"] for figure in measured})),
        "ms": round(statistics.median(figure["ms"] for figure in measured), 3),
        "states": max(figure["states"] for figure in measured),
        "peak_kib": max(figure["peak_kib"] for figure in measured),
        "plain": _plain_told(measured),
        "pm4py": _pm4py_told(measured),
    }
    limit = MUST_HOLD_MS.get(size) if name == "nested" else None
    return told | ({"must_hold_ms": limit} if limit else {})


def _plain_told(measured: Sequence[Figure]) -> str:
    ms = statistics.median(figure["plain_ms"] for figure in measured)
    if all(figure["plain_is_complete"] for figure in measured):
        return f"{ms:,.1f} ms"
    return f"given up at {max(figure['plain_states'] for figure in measured):,} markings"


def _pm4py_told(measured: Sequence[Figure]) -> str:
    """Return the median time, and how many times ours that is, at least."""
    if any("pm4py_ms" not in figure for figure in measured):
        return str(measured[0].get("pm4py", "not asked"))
    ms = statistics.median(figure["pm4py_ms"] for figure in measured)
    least = min(figure["pm4py_ms"] / figure["ms"] for figure in measured)
    over = "over " if any("over" in figure["pm4py"] for figure in measured) else ""
    return f"{over}{ms:,.0f} ms, {over}{least:,.0f} times ours"


def _measured(make: Callable[[], Net], rounds: int) -> Figure:
    verdict, ms = _timed(make, rounds)
    figure: Figure = {
        "transitions": len(make().transitions),
        "verdict": verdict.verdict,
        "method": verdict.method,
        "ms": ms,
        "states": verdict.states,
        "peak_kib": _peak_kib(make()),
    }
    figure |= _plain(make())
    if len(make().transitions) <= PM4PY_MOST_TRANSITIONS + 2:
        figure |= _pm4py(make())
    return figure


def _timed(make: Callable[[], Net], rounds: int) -> tuple[Verdict, float]:
    """Return the verdict and the median milliseconds; making the net is not counted."""
    taken = []
    for _ in range(rounds):
        net = make()
        began = time.perf_counter()
        verdict = verify(net)
        taken.append(time.perf_counter() - began)
    return verdict, round(1_000 * statistics.median(taken), 3)


def _peak_kib(net: Net) -> int:
    tracemalloc.start()
    verify(net)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak // 1_024


def _plain(net: Net) -> Figure:
    """Return what it takes to look at every reachable marking, and to ask each for the end."""
    began = time.perf_counter()
    bounds = Bounds(max_states=PLAIN_STATES, deadline=time.monotonic() + PLAIN_SECONDS)
    space = explore(net, Marking({"i": 1}), bounds)
    final = space.find(Marking({"o": 1}))
    if space.is_complete and final is not None:
        space.leading_to([final])
    return {
        "plain_ms": round(1_000 * (time.perf_counter() - began), 3),
        "plain_states": len(space.states),
        "plain_is_complete": space.is_complete,
    }


def _pm4py(net: Net) -> Figure:
    if net.has_kind(ArcKind.RESET):
        return {"pm4py": "knows no reset arcs"}
    if importlib.util.find_spec("pm4py") is None:
        return {"pm4py": "not installed"}
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_ask_pm4py, args=(net, theirs))
    process.start()
    # Its import is not counted: the process tells when it begins.
    told = ours.recv() if ours.poll(120) else None
    answer = ours.recv() if told == "ready" and ours.poll(PM4PY_SECONDS) else None
    process.kill()
    process.join()
    if answer is None:
        return {"pm4py": f"over {PM4PY_SECONDS} s", "pm4py_ms": 1_000 * PM4PY_SECONDS}
    is_sound, seconds, mib = answer
    return {
        "pm4py": "sound" if is_sound else "unsound",
        "pm4py_ms": round(1_000 * seconds, 3),
        "pm4py_resident_mib": mib,
    }


def _ask_pm4py(net: Net, pipe: Any) -> None:
    """Answer through the pipe. In a process of its own, since it cannot be told to stop."""
    # By name, since it is installed for this benchmark alone and most environments lack it.
    pm4py = importlib.import_module("pm4py")
    kinds = importlib.import_module("pm4py.objects.petri_net.obj")
    connect = importlib.import_module("pm4py.objects.petri_net.utils.petri_utils").add_arc_from_to

    theirs = kinds.PetriNet("net")
    places = {place.key: kinds.PetriNet.Place(place.key) for place in net.places}
    theirs.places.update(places.values())
    for transition in net.transitions:
        other = kinds.PetriNet.Transition(transition.key, transition.key)
        theirs.transitions.add(other)
        for place in net.inputs(transition.key):
            connect(places[place], other, theirs)
        for place in net.outputs(transition.key):
            connect(other, places[place], theirs)
    first, last = (kinds.Marking({places[key]: 1}) for key in ("i", "o"))
    pipe.send("ready")
    began = time.perf_counter()
    is_sound, _ = pm4py.check_soundness(theirs, first, last)
    seconds = time.perf_counter() - began
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    pipe.send((is_sound, seconds, resident))


def _growth(points: Sequence[tuple[int, float]]) -> float | None:
    """Return the slope of the least-squares line through the logarithms."""
    logs = [(math.log(size), math.log(ms)) for size, ms in points if ms > 0]
    if len({x for x, _ in logs}) < 2:
        return None
    slope, _ = statistics.linear_regression([x for x, _ in logs], [y for _, y in logs])
    return round(slope, 2)
