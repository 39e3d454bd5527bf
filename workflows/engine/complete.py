"""End a work item with an outcome: fire the transition behind the button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from workflows import data as case_data
from workflows import store
from workflows.compiled import CompiledTask
from workflows.definition import FieldRight
from workflows.directory import PersonId
from workflows.errors import InvalidData, StalePage, WorkItemClosed
from workflows.listeners import case_listeners
from workflows.models import Case, EventKind, WorkItem

from . import rights
from .advance import Advance, refuse_bad_data, step_of
from .commands import Command, once
from .outcome import enabled_outcome, raise_if_failed


def complete(
    work_item_id: int,
    *,
    by: User,
    outcome: str,
    data: Mapping[str, Any] | None = None,
    comment: str = "",
    idempotency_key: str = "",
    expected_version: int | None = None,
) -> Case:
    """End the work item with `outcome`, run on to quiescence, and return the case.

    `data` may hold the fields that the task's form lets its candidates edit. Repeating what the
    same person has done already returns the case and changes nothing. `expected_version` is the
    `step_count` that the caller has seen.

    Raises:
        NotFound: `by` may not know of the work item.
        WorkItemClosed: it has ended; names by whom, when and how.
        WorkItemClaimed, NotAllowed, OwnRequest: `by` may not end it.
        CaseNotRunning: the case is suspended or has failed.
        OutcomeNotEnabled: the net or a guard does not allow it now; names what they allow.
        StalePage: the case has moved on from `expected_version`.
        InvalidData: fields that may not be edited here, or that the schema refuses.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the case could not go on from there.
        CaseFailed: the flow did not come to rest; this is kept, the outcome is not.
    """
    rights.require_sayable(comment, "comment")
    given = case_data.to_json(data or {})
    facts = {"work_item": work_item_id, "outcome": outcome, "data": given, "comment": comment}
    command = Command("complete", by, idempotency_key, facts)

    def run() -> Case:
        case, items = store.lock_case_of(work_item_id, by=by)
        try:
            item = rights.find_open(case, work_item_id, items.whole, by=by)
        except WorkItemClosed:
            if _is_repetition(work_item_id, by=by, outcome=outcome):
                return case
            raise
        if expected_version is not None and expected_version != case.step_count:
            raise StalePage(
                "The case has changed since this page was loaded. Look at it again, then decide.",
                expected_version=expected_version,
                version=case.step_count,
            )
        task = rights.load_task(case, item)
        rights.require_may_act(case, task, item, by)
        flow = store.load_flow(case.version_id)
        at = case.locked_at
        values = flow.read(with_given(case.data, task, given))
        step = step_of(case, flow, values, at=at)
        transition = enabled_outcome(step, task, outcome)
        if given:
            refuse_bad_data(flow, values)
            for listener in case_listeners():
                listener.data_given(case, values)
        step.complete(task.key, by=PersonId(by.pk))
        step.fire(transition)
        changes = {**given, **case_data.write(step.firings[0].changes)}
        item.complete(by_id=by.pk, outcome=outcome, at=at)
        line = command.line(
            EventKind.FIRED,
            work_item_id=item.pk,
            transition=transition.key,
            outcome=outcome,
            comment=comment.strip(),
            data=changes,
        )
        Advance(case, flow, step, items.whole, at, [line], others=items.others, given=given).run()
        return case

    return raise_if_failed(once(command, run))


def with_given(
    data: Mapping[str, Any], task: CompiledTask, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a case's data with what a person gave, refusing fields they have no right to."""
    form = task.definition.form
    refused = [name for name in given if form.get(name) is not FieldRight.EDIT]
    if refused:
        raise InvalidData(
            [
                {"path": name, "message": f"{name} cannot be changed in {task.title!r}."}
                for name in refused
            ]
        )
    return {**data, **given}


def _is_repetition(work_item_id: int, *, by: User, outcome: str) -> bool:
    done = WorkItem.objects.filter(pk=work_item_id, completed_by=by)
    return outcome in done.values_list("outcome", flat=True)
