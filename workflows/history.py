"""The history of a case: append-only lines, each sealed with a hash over itself and the line
before.

Changing, removing or inserting a line breaks the chain at that line; replaying the firings gives
the marking. The head of the chain is kept on the case, so a cut tail shows as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workflows.models import Case, CaseState, Event, EventKind
from workflows.models.fields import JSONText
from workflows.net import Marking, fire
from workflows.net.errors import NetError

_PAYLOAD: Any = Event._meta.get_field("payload")


@dataclass
class NewEvent:
    """A line that is still to be numbered and sealed."""

    kind: EventKind
    actor_id: int | None = None
    work_item_id: int | None = None
    transition: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None


@dataclass
class SealedEvent:
    """A line as it will be stored: what a row of `Event` has, its key apart."""

    case_id: int
    sequence: int
    kind: EventKind
    at: datetime
    actor_id: int | None
    work_item_id: int | None
    transition: str
    payload: JSONText
    idempotency_key: str | None
    previous_hash: str
    hash: str = ""


def seal(case: Case, lines: Sequence[NewEvent], *, at: datetime) -> list[SealedEvent]:
    """Return the lines to insert, and move the case's head of the chain behind them (not saved
    here)."""
    events = []
    for line in lines:
        event = SealedEvent(
            case_id=case.pk,
            sequence=case.history_length + 1,
            kind=line.kind,
            at=at,
            actor_id=line.actor_id,
            work_item_id=line.work_item_id,
            transition=line.transition,
            payload=JSONText(_PAYLOAD.get_prep_value(line.payload)),
            idempotency_key=line.idempotency_key,
            previous_hash=case.history_hash,
        )
        event.hash = hash_of(event)
        case.history_length = event.sequence
        case.history_hash = event.hash
        events.append(event)
    return events


def hash_of(event: Event | SealedEvent) -> str:
    """Return the SHA-256, in hex, over the line before and this line's facts."""
    facts = [
        event.previous_hash,
        event.case_id,
        event.sequence,
        str(event.kind),
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.work_item_id,
        event.transition,
        _PAYLOAD.get_prep_value(event.payload),
        event.idempotency_key,
    ]
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify_case(case: Case) -> list[str]:
    """Return what is wrong with the case's history, the first bad event first; empty if all is
    well."""
    problem = _chain_problem(case)
    return [problem] if problem else _replay_problems(case)


def _chain_problem(case: Case) -> str | None:
    previous = ""
    length = 0
    for event in case.history.order_by("sequence").iterator(chunk_size=500):
        length += 1
        where = f"case {case.pk}, event {event.sequence}"
        if event.sequence != length:
            return f"{where}: event {length} is missing."
        if event.previous_hash != previous:
            return f"{where}: it does not follow from the event before it."
        if event.hash != hash_of(event):
            return f"{where}: it was changed after it was written."
        previous = event.hash
    if length != case.history_length or previous != case.history_hash:
        return f"case {case.pk}, event {length + 1}: the history ends before the case's last event."
    return None


def _replay_problems(case: Case) -> list[str]:
    try:
        replayed = replay(case)
    except NetError as error:
        return [f"case {case.pk}: its history cannot be replayed: {error}"]
    if replayed != case.marking:
        return [
            f"case {case.pk}: replay gives {replayed.as_dict()}, "
            f"but the case holds {case.marking.as_dict()}."
        ]
    return []


def replay(case: Case) -> Marking:
    """Return the marking that the history leads to.

    Raises:
        NetError: a line fires what was not enabled, or takes tokens that were not there.
    """
    last = Marking()
    for _, marking in _markings(case):
        last = marking
    return Marking() if case.state == CaseState.CANCELLED else last


def effect_of(case: Case, work_item_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return what the step that ended a work item took and put, its automatic firings included.

    Raises:
        NetError: as `replay`.
        LookupError: the history does not tell of its end.
    """
    before = after = found = None
    previous = Marking()
    for event, marking in _markings(case):
        if event.kind in FIRING and event.work_item_id == work_item_id:
            before, after, found = previous, marking, event.sequence
        elif found == event.sequence - 1 and _is_automatic(event):
            after, found = marking, event.sequence
        previous = marking
    if before is None or after is None:
        raise LookupError(work_item_id)
    return _more(before, after), _more(after, before)


FIRING = (EventKind.FIRED, EventKind.SKIPPED)
"""The lines behind which a transition has fired."""

MOVING = (EventKind.MOVED, EventKind.REPEATED, EventKind.BRANCH_CANCELLED)
"""The lines that say themselves which tokens were taken and put."""


def _markings(case: Case) -> Iterator[tuple[Event, Marking]]:
    """Yield the lines that change the marking, each with the marking behind it."""
    from workflows.store import load_flow

    flow = load_flow(case.version_id)
    marking = flow.start
    told = case.history.filter(kind__in=(EventKind.STARTED, *FIRING, *MOVING)).order_by("sequence")
    for event in told.iterator(chunk_size=500):
        if event.kind in FIRING:
            marking = fire(flow.net, marking, event.transition)
        elif event.kind in MOVING:
            marking = marking.remove(event.payload.get("take", {}))
            marking = marking.add(event.payload.get("put", {}))
        yield event, marking


def _is_automatic(event: Event) -> bool:
    return event.kind == EventKind.FIRED and event.work_item_id is None


def _more(first: Marking, second: Marking) -> dict[str, int]:
    """Return the tokens that `first` has more than `second`."""
    return {place: n - second[place] for place, n in first.items() if n > second[place]}
