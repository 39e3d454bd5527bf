"""Who may act on a work item. Asked in the transaction, behind the lock, never on the page."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.contrib.auth.models import User
from django.utils import timezone

from workflows import store
from workflows.compiled import CompiledTask
from workflows.definition import TaskKind
from workflows.errors import (
    CaseNotRunning,
    InvalidData,
    NotAllowed,
    NotFound,
    OwnRequest,
    WorkItemClaimed,
    WorkItemClosed,
)
from workflows.models import Case, CaseState, Event, EventKind, WorkItem, WorkItemState

MAX_TEXT_LENGTH = 4_000


def person_name(user: User | None) -> str:
    return "Goflow" if user is None else user.get_full_name() or user.get_username()


def require_visible(case: Case, by: User) -> None:
    """Raise NotFound where `by` may not know of the case."""
    if not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise NotFound(f"There is no case {case.pk}.")


def require_running(case: Case) -> None:
    """Raise CaseNotRunning, saying what the case is instead."""
    if case.state != CaseState.RUNNING:
        state = CaseState(case.state).label.lower()
        why = f" ({case.failure})" if case.state == CaseState.FAILED else ""
        raise CaseNotRunning(f"{case} is {state}{why}, so nobody can act on it.", state=case.state)


def find_open(case: Case, work_item_id: int, items: list[WorkItem], *, by: User) -> WorkItem:
    """Return the open item among the locked case's `items`.

    Raises:
        NotFound: `by` may not know of the item.
        WorkItemClosed: it has ended; the error names by whom, when and how.
        CaseNotRunning: the case stands still.
    """
    item = next((item for item in items if item.pk == work_item_id), None)
    if item is not None and may_act(item, by):
        require_running(case)
        return item
    require_visible(case, by)
    if item is None:
        raise closed_error(WorkItem.objects.for_list().get(pk=work_item_id))
    require_running(case)
    return item


def may_act(item: WorkItem, by: User) -> bool:
    """Say whether `by` is a candidate, and nobody else holds the item.

    Who holds it must be a candidate still: leaving a group takes effect at once.
    """
    if item.state == WorkItemState.CLAIMED and item.claimed_by_id != by.pk:
        return False
    return bool(item.is_candidate)  # type: ignore[attr-defined]  # annotated by with_eligibility


def require_may_act(case: Case, task: CompiledTask, item: WorkItem, by: User) -> None:
    """Raise why `by` may not do this item.

    Raises:
        OwnRequest: it is their own request, and the flow does not name the requester for this task.
        WorkItemClaimed: another candidate has claimed it.
        NotAllowed: they are no candidate.
    """
    require_not_own(case, task, by)
    if may_act(item, by):
        return
    if item.state == WorkItemState.CLAIMED and item.claimed_by_id != by.pk:
        holder = User.objects.get(pk=cast(int, item.claimed_by_id))
        raise WorkItemClaimed(
            f"{person_name(holder)} has claimed “{task.title}”.", claimed_by=holder.get_username()
        )
    raise NotAllowed(f"“{task.title}” is not offered to you.")


def require_may_complete(work_item_id: int, *, by: User) -> None:
    """Raise what `complete` would raise now because of who asks; for pages, which decide nothing.

    Raises:
        NotFound, WorkItemClosed, WorkItemClaimed, NotAllowed, OwnRequest, CaseNotRunning: as
        `complete`.
    """
    case = Case.objects.filter(work_items=work_item_id).first()
    if case is None:
        raise NotFound(f"There is no work item {work_item_id}.")
    item = find_open(case, work_item_id, store.open_work_items(case, by=by), by=by)
    require_may_act(case, load_task(case, item), item, by)


def require_not_own(case: Case, task: CompiledTask, person: User) -> None:
    """Raise OwnRequest where `person` would decide on what they asked for themselves."""
    if person.pk == case.requester_id and not task.admits_requester:
        raise OwnRequest(
            f"“{task.title}” is about the request of {person_name(person)}: "
            "nobody decides on their own request."
        )


def require_sayable(text: str, name: str) -> None:
    """Raise InvalidData where a text is too long for the history, or no text at all."""
    if len(text) > MAX_TEXT_LENGTH:
        message = f"At most {MAX_TEXT_LENGTH:,} characters; this has {len(text):,}."
        raise InvalidData([{"path": name, "message": message}])
    if "\x00" in text or not _is_encodable(text):
        raise InvalidData([{"path": name, "message": "It has characters that are no text."}])


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def require_may_receive(case: Case, task: CompiledTask, item: WorkItem, person: User) -> None:
    """Raise why the item cannot be handed to `person`, whoever hands it on.

    Raises:
        OwnRequest: it is their own request, and the flow does not name the requester for this task.
        NotAllowed: the flow excludes them (who has checked does not approve), or a worker does it.
    """
    require_not_own(case, task, person)
    if task.definition.kind is not TaskKind.HUMAN:
        raise NotAllowed(f"“{task.title}” is done by a worker: nobody can do it in person.")
    if item.candidates.filter(user=person, is_excluded=True).exists():
        raise NotAllowed(f"The flow excludes {person_name(person)} from “{task.title}”.")


def require_reason(reason: str) -> str:
    """Return the reason, trimmed; refuse an empty one."""
    require_sayable(reason, "reason")
    if not reason.strip():
        raise InvalidData(
            [{"path": "reason", "message": "Say why: the reason goes into the history."}]
        )
    return reason.strip()


def closed_error(item: WorkItem) -> WorkItemClosed:
    """Return the refusal for an item that has ended, naming who was faster and what they did."""
    at = cast(datetime, item.closed_at)
    when = f" on {timezone.localtime(at):%d %b %Y at %H:%M %Z}"
    if item.state == WorkItemState.COMPLETED:
        skipper = _skipper(item)
        by, verb = person_name(skipper or item.completed_by), "skipped to" if skipper else "chosen"
        return WorkItemClosed(
            f"{by} has already {verb} “{_title(item, item.outcome)}” in “{item.task}”{when}.",
            state=item.state,
            by=by,
            at=at,
            outcome=item.outcome,
        )
    cause = (
        Event.objects.filter(case=item.case_id, at=at, actor__isnull=False)
        .exclude(kind=EventKind.CLAIMED)
        .select_related("actor", "work_item")
        .order_by("sequence")
        .first()
    )
    by = person_name(cause.actor) if cause else ""
    how = cause.payload.get("outcome", cause.kind) if cause else ""
    told = f": {by} chose “{_cause_title(cause)}” first,{when}" if cause else when
    return WorkItemClosed(
        f"“{item.task}” is no longer open{told}.", state=item.state, by=by, at=at, outcome=how
    )


def _skipper(item: WorkItem) -> User | None:
    """Return the operator who has ended the item in nobody's name, if one has."""
    if item.completed_by is not None:
        return None
    lines = Event.objects.filter(work_item=item, kind=EventKind.SKIPPED).select_related("actor")
    line = lines.first()
    return line.actor if line else None


def _title(item: WorkItem, outcome: str) -> str:
    """Return the text of an outcome's button."""
    transition = item.task.transitions.filter(outcome=outcome).first()
    return (transition.title if transition else "") or outcome


def _cause_title(cause: Event) -> str:
    outcome = cause.payload.get("outcome")
    if cause.work_item is None or outcome is None:
        return str(cause.get_kind_display())
    return _title(cause.work_item, outcome)


def load_task(case: Case, item: WorkItem) -> CompiledTask:
    """Return the compiled task of an item."""
    flow = store.load_flow(case.version_id)
    return flow.tasks[store.task_keys(case.version_id)[item.task_id]]
