"""What a person may do with a request now: the work items that are theirs, and their buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise

from approvals.display.facts import values_of
from approvals.display.people import PersonView, person_view
from approvals.display.status import DueView, due_view
from approvals.forms import TaskForm, TransferForm
from approvals.kinds import kind_for
from approvals.outcomes import traits_of
from approvals.summary import properties
from workflows.definition import FieldRight
from workflows.engine.possible import possible_outcomes
from workflows.models import WorkItem, WorkItemState
from workflows.querysets import WorkItemQuerySet


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One button: an outcome that the net and the guards allow now."""

    key: str
    label: str
    style: str
    icon: str
    needs_confirmation: bool
    comment_required: bool
    url: str
    confirm_text: str | Promise = ""


@dataclass(slots=True)
class TaskAction:
    """A work item that the viewer may act on.

    `version` goes back as `expected_version`. `comment` and `comment_error` are what was typed and
    refused before. `edit_url` is the page on which a returned request is corrected, where that is
    this task. Nobody waits for what is optional, so the page folds it away.
    """

    id: int
    version: int
    task_title: str
    due: DueView | None
    is_claimed: bool
    claimed_by: PersonView | None
    claimed_by_me: bool
    claim_url: str
    release_url: str
    transfer_url: str
    transfer_form: TransferForm | None
    decision_form: TaskForm | None
    outcomes: list[OutcomeView] = field(default_factory=list)
    edit_url: str = ""
    is_optional: bool = False
    comment: str = ""
    comment_error: str = ""

    @property
    def work_item_id(self) -> int:
        return self.id

    def outcome(self, key: str) -> OutcomeView | None:
        """Return the button of an outcome, if it is possible now."""
        return next((outcome for outcome in self.outcomes if outcome.key == key), None)


def task_actions(
    items: WorkItemQuerySet,
    *,
    viewer: User,
    data: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> list[TaskAction]:
    """Return the actions for work items that `viewer` may act on, what is optional last.

    `data` is what was posted, where a form is shown again with its errors.
    """
    at = now or timezone.now()
    loaded = items.select_related(
        "task", "claimed_by__employee__department", "case__version__flow", "case__request"
    ).prefetch_related("candidates")
    ordered = sorted(loaded, key=lambda item: (item.task.is_optional, item.pk))
    return [task_action(item, viewer=viewer, data=data, now=at) for item in ordered]


def task_action(
    item: WorkItem,
    *,
    viewer: User,
    data: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    may_hand_on: bool = True,
) -> TaskAction:
    """Return what `viewer` may do with an open work item.

    Without `may_hand_on` it goes to nobody else, and no people are read to choose from.
    """
    is_claimed = item.state == WorkItemState.CLAIMED
    is_pool = any(candidate.group for candidate in item.candidates.all())
    is_mine = is_claimed and item.claimed_by_id == viewer.pk
    is_own_request = item.case.requester_id == viewer.pk
    can_hand_on = may_hand_on and not is_own_request
    return TaskAction(
        id=item.pk,
        version=item.case.step_count,
        task_title=str(item.task),
        due=due_view(item.due_at, now=now or timezone.now()),
        is_claimed=is_claimed,
        claimed_by=person_view(item.claimed_by) if item.claimed_by else None,
        claimed_by_me=is_mine,
        claim_url=_url("claim", item) if is_pool and not is_claimed else "",
        release_url=_url("release", item) if is_mine and item.candidates.all() else "",
        transfer_url=_url("transfer", item) if can_hand_on else "",
        transfer_form=transfer_form(item, viewer=viewer) if can_hand_on else None,
        decision_form=task_form(item, viewer=viewer, data=data),
        outcomes=[_outcome_view(item, o.key, o.title) for o in possible_outcomes(item)],
        edit_url=_edit_url(item) if _is_correction(item, viewer) else "",
        is_optional=item.task.is_optional,
    )


def transfer_form(item: WorkItem, *, viewer: User, data: Any = None) -> TransferForm:
    """Return the form that chooses a new holder: neither the requester nor whoever hands it on."""
    return TransferForm(
        data, but=[item.case.requester_id, viewer.pk], auto_id=f"id_transfer_{item.pk}_%s"
    )


def task_form(item: WorkItem, *, viewer: User, data: Any = None) -> TaskForm | None:
    """Return the form of the fields that the task lets people change; None where there are none.

    What the request's own form fills, its requester corrects there.
    """
    version = item.case.version
    names = _editable(item, version.data_schema)
    if _is_correction(item, viewer):
        names -= kind_for(version.flow.key, version.data_schema).own_fields
    if not names:
        return None
    return TaskForm(
        data,
        schema=version.data_schema,
        names=names,
        values=values_of(item.case),
        prefix=f"task-{item.pk}",
    )


def _editable(item: WorkItem, schema: Mapping[str, Any]) -> frozenset[str]:
    form = item.task.form
    return frozenset(
        name
        for name, right in form.items()
        if right == FieldRight.EDIT and name in properties(schema)
    )


def _is_correction(item: WorkItem, viewer: User) -> bool:
    version = item.case.version
    own_fields = kind_for(version.flow.key, version.data_schema).own_fields
    is_own = item.case.requester_id == viewer.pk
    return is_own and bool(own_fields & _editable(item, version.data_schema))


def _outcome_view(item: WorkItem, key: str, title: str) -> OutcomeView:
    traits = traits_of(key)
    return OutcomeView(
        key=key,
        label=title,
        style=traits.style,
        icon=traits.icon,
        needs_confirmation=traits.needs_confirmation,
        comment_required=traits.comment_required,
        url=reverse("work_item_outcome", args=[item.pk, key]),
        confirm_text=traits.confirm_text,
    )


def _url(name: str, item: WorkItem) -> str:
    return reverse(f"work_item_{name}", args=[item.pk])


def _edit_url(item: WorkItem) -> str:
    request = getattr(item.case, "request", None)
    return reverse("request_edit", args=[request.number]) if request else ""
