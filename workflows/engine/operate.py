"""Interventions in a case, each one step: with the right, a reason, and foresight.

Each is refused after which the case could not end properly, unless it is forced by somebody with
the right to. Nobody intervenes in their own case, and no force lets a case fail or stand with
nothing open.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from workflows import data as case_data
from workflows import store
from workflows.errors import (
    CannotEndProperly,
    InvalidData,
    NotAllowed,
    NotFound,
    OwnRequest,
    StalePage,
)
from workflows.listeners import case_listeners
from workflows.models import Case, CaseState, WorkItem
from workflows.visibility import hidden_fields

from . import rights
from .advance import Advance
from .commands import Command, once
from .foresight import Foresight, rehearse, scene_of
from .moves import CancelBranch, Intervention, Move, Scene, SetData
from .outcome import raise_if_failed
from .redoing import Repeat, Skip
from .work_items import may_intervene


class How(TypedDict, total=False):
    """What every intervention may be told besides: see `intervene`."""

    force: bool
    expected_version: int | None
    idempotency_key: str


def move(
    case_id: int,
    *,
    by: User,
    reason: str,
    take: Mapping[str, int] | None = None,
    put: Mapping[str, int] | None = None,
    **how: Unpack[How],
) -> Case:
    """Take tokens from places and put tokens into places, then run on; as `intervene`."""
    wanted = Move(dict(take or {}), dict(put or {}))
    return intervene(case_id, wanted, by=by, reason=reason, **how)


def cancel_branch(
    case_id: int, *, by: User, reason: str, places: Collection[str], **how: Unpack[How]
) -> Case:
    """Take all tokens of some places away, then run on; as `intervene`."""
    wanted = CancelBranch(tuple(dict.fromkeys(places)))
    return intervene(case_id, wanted, by=by, reason=reason, **how)


def set_data(
    case_id: int, *, by: User, reason: str, data: Mapping[str, Any], **how: Unpack[How]
) -> Case:
    """Set fields of the case's data, then run on: a decision may now find its branch; as
    `intervene`."""
    wanted = SetData(case_data.to_json(data))
    return intervene(case_id, wanted, by=by, reason=reason, **how)


def skip(
    work_item_id: int, *, by: User, reason: str, outcome: str = "", **how: Unpack[How]
) -> Case:
    """End an open item with an outcome on behalf of nobody, then run on; as `intervene`."""
    wanted = Skip(work_item_id, outcome)
    return intervene(_case_of(work_item_id), wanted, by=by, reason=reason, **how)


def repeat(work_item_id: int, *, by: User, reason: str, **how: Unpack[How]) -> Case:
    """Have a completed item done again, then run on: its task opens; as `intervene`."""
    return intervene(_case_of(work_item_id), Repeat(work_item_id), by=by, reason=reason, **how)


def intervene(
    case_id: int,
    intervention: Intervention,
    *,
    by: User,
    reason: str,
    force: bool = False,
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Case:
    """Do what an operator wants to a running case, run on to quiescence, and return the case.

    Raises:
        NotFound: `by` may not know of the case.
        NotAllowed: `by` lacks the right to intervene, or to force.
        OwnRequest: it is the case of `by`.
        InvalidData: there is no reason, or what is wanted names what does not exist.
        CaseNotRunning: the case is closed or suspended, or has failed and this does not mend it.
        StalePage: the case has moved on from `expected_version`.
        TokensGone, WorkItemClosed, OutcomeNotEnabled, Conflict: it cannot be done here.
        CannotEndProperly: the case could not end properly from there, and it was not forced.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the case could not go on from there.
    """
    facts = {"case": case_id, "reason": reason, "force": force, **intervention.facts}
    command = Command(intervention.name, by, idempotency_key, facts)

    def run() -> Case:
        case = store.lock_case(case_id)
        _require_may(case, intervention, by=by, force=force)
        told = rights.require_reason(reason)
        _require_workable(case, intervention)
        if expected_version is not None and expected_version != case.step_count:
            raise StalePage(
                "The case has changed since you looked. Look at it again, then decide.",
                expected_version=expected_version,
                version=case.step_count,
            )
        items = store.open_work_items(case, by=None)
        _require_proper_end(rehearse(case, items, intervention), force=force)
        scene = scene_of(case, items, at=case.locked_at)
        done = intervention.apply(scene)
        _tell_of_data(intervention, scene)
        line = command.line(
            intervention.kind,
            work_item_id=done.work_item_id,
            transition=done.transition,
            reason=told,
            forced=force or None,
            **done.payload,
        )
        advance = Advance(case, scene.flow, scene.step, scene.items, scene.at, [line])
        advance.run()
        return case

    return raise_if_failed(once(command, run))


def foresee(case_id: int, intervention: Intervention, *, by: User) -> Foresight:
    """Return what an intervention would do, and whether the case can still end properly after it.

    Raises:
        As `intervene`, but for the reason and for what may be forced.
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None:
        raise NotFound(f"There is no case {case_id}.")
    _require_may(case, intervention, by=by, force=False)
    _require_workable(case, intervention)
    if isinstance(intervention, SetData):
        _hear_refusals(case, intervention)
    return rehearse(case, store.open_work_items(case, by=None), intervention)


def _tell_of_data(intervention: Intervention, scene: Scene) -> None:
    """Tell the listeners of fields that were set; one that refuses takes the step back."""
    if isinstance(intervention, SetData):
        for listener in case_listeners():
            listener.data_given(scene.case, scene.step.values)


def _hear_refusals(case: Case, intervention: SetData) -> None:
    """Raise what the listeners would raise, and take back what they do."""
    scene = scene_of(copy.copy(case), [], at=timezone.now())
    intervention.apply(scene)
    with transaction.atomic():
        _tell_of_data(intervention, scene)
        transaction.set_rollback(True)


def may_force(by: User) -> bool:
    return by.has_perm("workflows.force_intervention")


def _case_of(work_item_id: int) -> int:
    found = WorkItem.objects.filter(pk=work_item_id).values_list("case_id", flat=True).first()
    if found is None:
        raise NotFound(f"There is no work item {work_item_id}.")
    return found


def _require_may(case: Case, intervention: Intervention, *, by: User, force: bool) -> None:
    rights.require_visible(case, by)
    if not may_intervene(by):
        raise NotAllowed("You need the right to intervene in cases to do this.")
    if by.pk == case.requester_id:
        raise OwnRequest("This case is your own: another operator has to intervene in it.")
    if force and not may_force(by):
        raise NotAllowed("You need the right to force an intervention to do this.")
    if isinstance(intervention, SetData):
        hidden = hidden_fields(case, by) & set(intervention.data)
        if hidden:
            message = "It is hidden from you, so you cannot set it."
            raise InvalidData([{"path": name, "message": message} for name in sorted(hidden)])


def _require_workable(case: Case, intervention: Intervention) -> None:
    """Raise CaseNotRunning, unless the case runs or the intervention may mend its failure."""
    if not (intervention.mends and case.state == CaseState.FAILED):
        rights.require_running(case)


def _require_proper_end(foresight: Foresight, *, force: bool) -> None:
    if foresight.answer != "no" or (force and not foresight.fails):
        return
    way_out = (
        "Choose something else." if foresight.fails else "Whoever has the right to may force it."
    )
    raise CannotEndProperly(
        f"After this the case could not end properly. {foresight.message} {way_out}",
        foresight=foresight.as_dict(),
    )
