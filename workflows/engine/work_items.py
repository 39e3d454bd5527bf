"""Who does a work item: take it from the pool, give it back, hand it on."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User

from workflows import store
from workflows.errors import InvalidData, NotAllowed
from workflows.history import NewEvent
from workflows.models import Case, EventKind, WorkItem, WorkItemState

from . import rights
from .commands import Command, once
from .writing import write_step


def claim(work_item_id: int, *, by: User, idempotency_key: str = "") -> Case:
    """Take an offered item, so that no other candidate can end it. Claiming one's own again does
    nothing.

    Raises:
        NotFound, WorkItemClosed, CaseNotRunning: as `complete`.
        WorkItemClaimed: somebody else has it; names whom.
        NotAllowed, OwnRequest: `by` may not do it.
    """

    def change(case: Case, item: WorkItem, command: Command) -> NewEvent | None:
        rights.require_may_act(case, rights.load_task(case, item), item, by)
        if item.state == WorkItemState.CLAIMED:
            return None
        item.claim(by_id=by.pk)
        return command.line(EventKind.CLAIMED, work_item_id=item.pk)

    return _change("claim", work_item_id, by, idempotency_key, {}, change)


def release(work_item_id: int, *, by: User, idempotency_key: str = "") -> Case:
    """Give a claimed item back to all its candidates. Releasing what is offered does nothing.

    Raises:
        NotFound, WorkItemClosed, CaseNotRunning: as `complete`.
        WorkItemClaimed: somebody else has it.
        NotAllowed: `by` is no candidate.
    """

    def change(case: Case, item: WorkItem, command: Command) -> NewEvent | None:
        if not may_intervene(by) or item.state == WorkItemState.OFFERED:
            rights.require_may_act(case, rights.load_task(case, item), item, by)
        if item.state == WorkItemState.OFFERED:
            return None
        if not item.candidates.filter(is_excluded=False).exists():
            raise NotAllowed(
                "This item has no other candidates to go back to. Transfer it instead."
            )
        item.release()
        return command.line(EventKind.RELEASED, work_item_id=item.pk)

    return _change("release", work_item_id, by, idempotency_key, {}, change)


def transfer(
    work_item_id: int, *, by: User, to: User, reason: str = "", idempotency_key: str = ""
) -> Case:
    """Hand an item to one person, who then holds it as claimed.

    Raises:
        NotFound, WorkItemClosed, CaseNotRunning: as `complete`.
        WorkItemClaimed, NotAllowed: `by` neither may do it nor may intervene.
        OwnRequest: `to` would decide on their own request.
        NotAllowed: the flow excludes `to` from this task, or no person does it.
        InvalidData: `to` is not active.
    """

    def change(case: Case, item: WorkItem, command: Command) -> NewEvent | None:
        task = rights.load_task(case, item)
        if not may_intervene(by):
            rights.require_may_act(case, task, item, by)
        if not to.is_active:
            raise InvalidData(
                [{"path": "to", "message": f"{rights.person_name(to)} is not active."}]
            )
        rights.require_may_receive(case, task, item, to)
        if item.claimed_by_id == to.pk:
            return None
        # Whoever holds an item is among its candidates: see `rights.may_act`.
        item.candidates.get_or_create(user=to)
        item.transfer(to_id=to.pk)
        return command.line(
            EventKind.TRANSFERRED, work_item_id=item.pk, to=to.get_username(), reason=reason.strip()
        )

    rights.require_sayable(reason, "reason")
    facts = {"to": to.pk, "reason": reason}
    return _change("transfer", work_item_id, by, idempotency_key, facts, change)


def may_intervene(by: User) -> bool:
    return by.has_perm("workflows.intervene_case")


def _change(
    name: str,
    work_item_id: int,
    by: User,
    idempotency_key: str,
    facts: dict[str, object],
    change: Callable[[Case, WorkItem, Command], NewEvent | None],
) -> Case:
    """Lock the case, apply `change` to the item, and write it with its line of history, if any."""
    command = Command(name, by, idempotency_key, {"work_item": work_item_id, **facts})

    def run() -> Case:
        case, items = store.lock_case_of(work_item_id, by=by)
        item = rights.find_open(case, work_item_id, items.whole, by=by)
        line = change(case, item, command)
        if line is not None:
            write_step(case, lines=[line], closed=[item], at=case.locked_at, is_last=True)
        return case

    return once(command, run)
