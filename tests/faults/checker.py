"""I1 to I7: what must hold after every run, as pure functions over its evidence.

Each returns what is wrong, a sentence for each case; nothing means that it holds. None of them
asks the engine: the token game, the incidence matrix and the chain are worked out here again, from
the rows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.faults.client import FAIL, INFO, OK, Operation
from tests.faults.evidence import Arcs, CaseRow, EventRow, Evidence
from tests.faults.recorder import Call

FIRING = ("fired", "skipped")
CLOSED = ("completed", "cancelled")
OPEN = ("offered", "claimed")
BOUND = timedelta(seconds=20)
"""How old what must happen by itself may become: the longest pause of a sweep and of a lease."""


def check(
    evidence: Evidence,
    operations: Sequence[Operation],
    calls: Sequence[Call],
    *,
    bound: timedelta = BOUND,
) -> list[str]:
    """Return everything that is wrong."""
    return [
        *i1_each_operation_has_its_event(evidence, operations),
        *i2_replay_gives_the_marking(evidence),
        *i3_tokens_are_conserved(evidence),
        *i4_nothing_happens_twice(evidence, calls),
        *i5_nothing_is_stuck(evidence, bound=bound),
        *i6_the_chain_holds(evidence),
        *i7_closed_is_closed(evidence),
    ]


def i1_each_operation_has_its_event(
    evidence: Evidence, operations: Iterable[Operation]
) -> list[str]:
    """`ok`: exactly one event; `fail`: none; `info`: none or one."""
    keys = {case.pk: case.business_key for case in evidence.cases.values()}
    found: Counter[str] = Counter()
    for event in evidence.lines():
        if event.kind == "started":
            found[keys[event.case]] += 1
        elif comment := event.payload.get("comment"):
            found[comment] += 1
    allowed = {OK: (1,), FAIL: (0,), INFO: (0, 1)}
    return [
        f"I1: {o.what} {o.mark} of {o.by} ended as {o.state} ({o.status}) "
        f"and has {found[o.mark]} events"
        for o in operations
        if found[o.mark] not in allowed[o.state]
    ]


def i2_replay_gives_the_marking(evidence: Evidence) -> list[str]:
    problems = []
    for case in evidence.cases.values():
        try:
            marking = replay(evidence.nets[case.version], evidence.events.get(case.pk, []))
        except ValueError as error:
            problems.append(f"I2: case {case.pk}: {error}")
            continue
        if case.state != "cancelled" and marking != case.marking:
            problems.append(f"I2: case {case.pk}: replay {marking}, stored {case.marking}")
    return problems


def replay(net: Arcs, events: Iterable[EventRow]) -> dict[str, int]:
    """Play the token game.

    Raises:
        ValueError: an event fires what was not enabled.
    """
    marking: Counter[str] = Counter({net.start: 1})
    for event in events:
        if event.kind in FIRING:
            if not _is_enabled(net, event.transition, marking):
                raise ValueError(
                    f"event {event.sequence}: {event.transition} was not enabled in {+marking}"
                )
            marking.subtract(net.inputs.get(event.transition, {}))
            for place in net.resets.get(event.transition, {}):
                marking[place] = 0
            marking.update(net.outputs.get(event.transition, {}))
        elif "take" in event.payload or "put" in event.payload:
            marking.subtract(event.payload.get("take", {}))
            marking.update(event.payload.get("put", {}))
            if min(marking.values()) < 0:
                raise ValueError(f"event {event.sequence}: took tokens that were not there")
    return dict(+marking)


def i3_tokens_are_conserved(evidence: Evidence) -> list[str]:
    """The stored marking solves the state equation, and keeps every invariant of the net.

    Where an operator has moved tokens, or the net empties places, those places are left out.
    """
    problems = []
    invariants = {version: p_invariants(net) for version, net in evidence.nets.items()}
    for case in evidence.cases.values():
        net, events = evidence.nets[case.version], evidence.events.get(case.pk, [])
        if case.state in ("cancelled", "failed") or any("take" in e.payload for e in events):
            continue
        fired = Counter(event.transition for event in events if event.kind in FIRING)
        emptied = {place for key in fired for place in net.resets.get(key, {})}
        expected: Counter[str] = Counter({net.start: 1})
        for key, times in fired.items():
            for place, weight in net.outputs.get(key, {}).items():
                expected[place] += times * weight
            for place, weight in net.inputs.get(key, {}).items():
                expected[place] -= times * weight
        for place in net.places:
            if place not in emptied and expected[place] != case.marking.get(place, 0):
                problems.append(
                    f"I3: case {case.pk}: {place} holds {case.marking.get(place, 0)}, "
                    f"its firings leave {expected[place]}"
                )
        for weights in invariants[case.version]:
            held = sum(weights.get(place, 0) * n for place, n in case.marking.items())
            if held != weights.get(net.start, 0):
                problems.append(f"I3: case {case.pk}: an invariant is broken: {weights}")
    return problems


def p_invariants(net: Arcs) -> list[dict[str, Fraction]]:
    """Return a basis of the weightings of places that no firing changes."""
    if any(net.resets.values()):
        return []
    places = net.places
    rows = [
        [
            Fraction(net.outputs.get(t, {}).get(p, 0) - net.inputs.get(t, {}).get(p, 0))
            for p in places
        ]
        for t in net.transitions
    ]
    pivots: list[int] = []
    for column in range(len(places)):
        lead = next((r for r in range(len(pivots), len(rows)) if rows[r][column]), None)
        if lead is None:
            continue
        top = len(pivots)
        rows[top], rows[lead] = rows[lead], rows[top]
        rows[top] = [value / rows[top][column] for value in rows[top]]
        for other in range(len(rows)):
            if other != top and rows[other][column]:
                factor = rows[other][column]
                pairs = zip(rows[other], rows[top], strict=True)
                rows[other] = [value - factor * leading for value, leading in pairs]
        pivots.append(column)
    basis = []
    for free in (column for column in range(len(places)) if column not in pivots):
        weights = {places[free]: Fraction(1)}
        weights |= {places[p]: -rows[r][free] for r, p in enumerate(pivots) if rows[r][free]}
        basis.append(weights)
    return basis


def i4_nothing_happens_twice(evidence: Evidence, calls: Iterable[Call]) -> list[str]:
    """One firing for each work item, one key for each thing that is told to the outside."""
    firings = Counter(
        (event.case, event.item)
        for event in evidence.lines()
        if event.kind in FIRING and event.item is not None
    )
    problems = [
        f"I4: work item {item} fired {n} times" for (_, item), n in firings.items() if n > 1
    ]
    told: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        told[call.subject].add(call.key)
        if not call.key:
            problems.append(f"I4: {call.subject} was told without a key")
    problems += [
        f"I4: {subject} had {len(keys)} effects: {sorted(keys)}"
        for subject, keys in told.items()
        if len(keys) > 1
    ]
    ended = {i.case for i in evidence.items if i.kind == "service" and i.outcome == "done"}
    if told:
        problems += [
            f"I4: the service of case {case.pk} ended as done, and nobody was told"
            for case in evidence.cases.values()
            if case.pk in ended and case.business_key not in told and _tells(evidence, case)
        ]
    return problems


def _tells(evidence: Evidence, case: CaseRow) -> bool:
    return any(i.case == case.pk and i.task == "tell" for i in evidence.items)


def i5_nothing_is_stuck(evidence: Evidence, *, bound: timedelta = BOUND) -> list[str]:
    problems = []
    running = {case.pk for case in evidence.cases.values() if case.state == "running"}
    for pk in running:
        case = evidence.cases[pk]
        net = evidence.nets[case.version]
        for key in net.automatic - net.guarded:
            if _is_enabled(net, key, Counter(case.marking)):
                problems.append(f"I5: case {pk}: {key} is enabled and was not fired")
    limit = evidence.now - bound
    for job in evidence.jobs:
        if job.case is not None and job.case not in running and job.kind != "effect":
            continue
        if job.state == "due" and job.due_at < limit:
            problems.append(f"I5: job {job.key} has been due since {job.due_at}")
        elif job.state == "running" and (job.leased_until is None or job.leased_until < limit):
            problems.append(f"I5: job {job.key} was leased until {job.leased_until}")
        elif job.state == "incident":
            problems.append(f"I5: job {job.key} was given up: {job.last_error}")
    problems += [f"I5: case {case.pk} has failed" for case in _in(evidence, "failed")]
    return problems


def i6_the_chain_holds(evidence: Evidence) -> list[str]:
    problems = []
    for case in evidence.cases.values():
        previous, length = "", 0
        for length, event in enumerate(evidence.events.get(case.pk, []), start=1):
            if event.sequence != length:
                problems.append(f"I6: case {case.pk}: event {length} is missing")
                break
            if event.previous_hash != previous or event.hash != hash_of(event):
                problems.append(f"I6: case {case.pk}: event {length} does not fit the chain")
                break
            previous = event.hash
        else:
            if (length, previous) != (case.history_length, case.history_hash):
                problems.append(f"I6: case {case.pk}: its head is not event {length}")
    return problems


def hash_of(event: EventRow) -> str:
    at: datetime = event.at
    facts: list[Any] = [
        event.previous_hash,
        event.case,
        event.sequence,
        event.kind,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor,
        event.item,
        event.transition,
        json.dumps(event.payload, ensure_ascii=False, default=float),
        event.key,
    ]
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def i7_closed_is_closed(evidence: Evidence) -> list[str]:
    closed = {case.pk for case in evidence.cases.values() if case.state in CLOSED}
    problems = [
        f"I7: case {item.case} is closed, its item {item.pk} ({item.task}) is {item.state}"
        for item in evidence.items
        if item.case in closed and item.state in OPEN
    ]
    problems += [
        f"I7: case {job.case} is closed, its {job.kind} {job.key} is {job.state}"
        for job in evidence.jobs
        if job.case in closed and job.kind != "effect" and job.state not in ("done", "cancelled")
    ]
    for case in _in(evidence, "completed"):
        end = evidence.nets[case.version].end
        if case.marking != {end: 1}:
            problems.append(f"I7: case {case.pk} is completed with {case.marking}")
    problems += [
        f"I7: case {case.pk} is cancelled with {case.marking}"
        for case in _in(evidence, "cancelled")
        if case.marking
    ]
    return problems


def _in(evidence: Evidence, state: str) -> list[CaseRow]:
    return [case for case in evidence.cases.values() if case.state == state]


def _is_enabled(net: Arcs, key: str, marking: Counter[str]) -> bool:
    needs = [*net.inputs.get(key, {}).items(), *net.reads.get(key, {}).items()]
    has_all = all(marking[place] >= weight for place, weight in needs)
    return has_all and all(
        marking[place] < weight for place, weight in net.inhibitors.get(key, {}).items()
    )
