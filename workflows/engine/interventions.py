"""What an operator may do to a whole case; each needs the right and a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django_fsm import can_proceed

from workflows import data as case_data
from workflows import store
from workflows.errors import CaseNotRunning, NotAllowed
from workflows.listeners import case_listeners
from workflows.models import Case, EventKind, WorkItem
from workflows.net import Marking

from . import rights
from .commands import Command, once
from .work_items import may_intervene
from .writing import write_step


def cancel(case_id: int, *, by: User, reason: str, idempotency_key: str = "") -> Case:
    """End the case without an outcome: its tokens are taken away and its work items withdrawn.

    Raises:
        NotFound: `by` may not know of the case.
        NotAllowed: `by` lacks the right to intervene.
        InvalidData: there is no reason.
        CaseNotRunning: it is closed already.
    """

    def change(case: Case, at: datetime) -> list[WorkItem]:
        _require(case, case.cancel)
        case.cancel(at=at)
        case.marking = Marking()
        items = store.open_work_items(case, by=None)
        for item in items:
            item.withdraw(at=at)
        return items

    return _intervene("cancel", EventKind.CANCELLED, case_id, by, reason, idempotency_key, change)


def suspend(case_id: int, *, by: User, reason: str, idempotency_key: str = "") -> Case:
    """Let the case stand still: nobody can act on it until it is resumed.

    Raises:
        NotFound, NotAllowed, InvalidData: as `cancel`.
        CaseNotRunning: it does not run.
    """

    def change(case: Case, at: datetime) -> list[WorkItem]:
        _require(case, case.suspend)
        case.suspend()
        return []

    return _intervene("suspend", EventKind.SUSPENDED, case_id, by, reason, idempotency_key, change)


def resume(case_id: int, *, by: User, reason: str, idempotency_key: str = "") -> Case:
    """Let a suspended case go on where it stood.

    Raises:
        NotFound, NotAllowed, InvalidData: as `cancel`.
        CaseNotRunning: it is not suspended.
    """

    def change(case: Case, at: datetime) -> list[WorkItem]:
        _require(case, case.resume)
        case.resume()
        return []

    return _intervene("resume", EventKind.RESUMED, case_id, by, reason, idempotency_key, change)


def _require(case: Case, change: Callable[..., None]) -> None:
    if not can_proceed(change):
        verb = change.__name__
        raise CaseNotRunning(
            f"{case} is {case.get_state_display().lower()}: it cannot be {_PAST[verb]}.",
            state=case.state,
        )


_PAST = {"cancel": "cancelled", "suspend": "suspended", "resume": "resumed"}


def _intervene(
    name: str,
    kind: EventKind,
    case_id: int,
    by: User,
    reason: str,
    idempotency_key: str,
    change: Callable[[Case, datetime], list[WorkItem]],
) -> Case:
    command = Command(name, by, idempotency_key, {"case": case_id, "reason": reason})

    def run() -> Case:
        case = store.lock_case(case_id)
        rights.require_visible(case, by)
        if not may_intervene(by):
            raise NotAllowed(f"You need the right to intervene in cases to {name} this one.")
        told = rights.require_reason(reason)
        at = case.locked_at
        closed = change(case, at)
        line = command.line(kind, reason=told)
        write_step(case, lines=[line], closed=closed, stopped=closed, at=at)
        if case.is_closed:
            flow = store.load_flow(case.version_id)
            for listener in case_listeners():
                listener.case_ended(case, case_data.read(flow.schema, case.data))
        return case

    return once(command, run)
