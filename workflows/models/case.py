"""A case, what it waits for, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from workflows.querysets import CaseQuerySet, EventQuerySet, WorkItemQuerySet

from .definition import FlowVersion, Task
from .fields import MarkingField, OrderedJSONField
from .lifecycle import LifecycleModel, state_field

USER = settings.AUTH_USER_MODEL

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for no due date where rows are sorted by it, so that an index has them last."""


class CaseState(models.TextChoices):
    RUNNING = "running", _("Running")
    SUSPENDED = "suspended", _("Suspended")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class Case(LifecycleModel):
    """A running instance of a flow version.

    `step_count` grows by one with every change (the optimistic version); `history_length` and
    `history_hash` are the head of the chain of its events.
    """

    version = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="cases")
    business_key = models.CharField(_("business key"), max_length=120, blank=True, db_index=True)
    requester = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="cases")
    state = state_field(CaseState.RUNNING, CaseState.choices)
    marking = MarkingField(_("marking"))
    data = OrderedJSONField(_("data"), default=dict)
    failure = models.TextField(_("failure"), blank=True)
    step_count = models.PositiveIntegerField(_("steps"), default=0)
    history_length = models.PositiveIntegerField(default=0)
    history_hash = models.CharField(max_length=64, default="", blank=True)
    started_at = models.DateTimeField(_("started"))
    changed_at = models.DateTimeField(_("changed"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Set by the store when it locks the row: the moment of the step, and what is stored.
    locked_at: datetime
    stored: Mapping[str, object] = MappingProxyType({})

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["requester", "state"], name="case_requester_state"),
            models.Index(fields=["state", "changed_at"], name="case_state_changed"),
            models.Index(
                fields=["archived_at", "ended_at"],
                condition=models.Q(archived_at__isnull=True, ended_at__isnull=False),
                name="case_to_archive",
            ),
        ]
        permissions = [
            ("view_all_cases", _("Can see every case")),
            ("intervene_case", _("Can suspend, resume, cancel and repair every case")),
            ("force_intervention", _("Can intervene although a case may then not end properly")),
        ]

    def __str__(self) -> str:
        return self.business_key or f"#{self.pk}"

    @property
    def history(self) -> EventQuerySet:
        """The case's events, wherever they lie: those of a case are archived all at once."""
        if self.archived_at is None:
            return self.events.all()
        return ArchivedEvent.objects.filter(case=self.pk)

    @property
    def is_running(self) -> bool:
        return bool(self.state == CaseState.RUNNING)

    @property
    def is_workable(self) -> bool:
        """Say whether an operator may change its tokens and data: it runs, or has failed."""
        return self.state in (CaseState.RUNNING, CaseState.FAILED)

    @property
    def is_closed(self) -> bool:
        return self.state in (CaseState.COMPLETED, CaseState.CANCELLED)

    @transition(field="state", source=CaseState.RUNNING, target=CaseState.COMPLETED)
    def complete(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(
        field="state",
        source=[CaseState.RUNNING, CaseState.SUSPENDED, CaseState.FAILED],
        target=CaseState.CANCELLED,
    )
    def cancel(self, *, at: datetime) -> None:
        self.ended_at = at

    @transition(field="state", source=CaseState.RUNNING, target=CaseState.SUSPENDED)
    def suspend(self) -> None:
        """Stand still: nobody may act until it is resumed."""

    @transition(field="state", source=CaseState.SUSPENDED, target=CaseState.RUNNING)
    def resume(self) -> None:
        """Go on where it stood."""

    @transition(field="state", source=CaseState.FAILED, target=CaseState.RUNNING)
    def mend(self) -> None:
        """Run again: an operator has removed the cause of the failure."""
        self.failure = ""

    @transition(field="state", source=CaseState.RUNNING, target=CaseState.FAILED)
    def fail(self, *, reason: str) -> None:
        self.failure = reason


class WorkItemState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    CLAIMED = "claimed", _("Claimed")
    COMPLETED = "completed", _("Completed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN_STATES = (WorkItemState.OFFERED, WorkItemState.CLAIMED)


class WorkItem(LifecycleModel):
    """An enabled task of one case, offered to its candidates."""

    # An index of its own would repeat the one by case and state, and grow with the history.
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="work_items", db_index=False
    )
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="work_items")
    state = state_field(WorkItemState.OFFERED, WorkItemState.choices)
    claimed_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    completed_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="completed_work_items"
    )
    outcome = models.CharField(_("outcome"), max_length=80, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        indexes = [
            models.Index(fields=["case", "state"], name="work_item_case_state"),
            models.Index(fields=["state", "opened_at"], name="work_item_state_opened"),
            models.Index(
                fields=["claimed_by", "state"],
                condition=models.Q(state="claimed"),
                name="work_item_claimed",
            ),
            models.Index(
                fields=["completed_by", "closed_at", "id"],
                condition=models.Q(completed_by__isnull=False),
                name="work_item_completed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.case}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @transition(field="state", source=WorkItemState.OFFERED, target=WorkItemState.CLAIMED)
    def claim(self, *, by_id: int) -> None:
        self.claimed_by_id = by_id

    @transition(field="state", source=WorkItemState.CLAIMED, target=WorkItemState.OFFERED)
    def release(self) -> None:
        self.claimed_by_id = None

    @transition(field="state", source=list(OPEN_STATES), target=WorkItemState.CLAIMED)
    def transfer(self, *, to_id: int) -> None:
        self.claimed_by_id = to_id

    @transition(field="state", source=list(OPEN_STATES), target=WorkItemState.COMPLETED)
    def complete(self, *, by_id: int | None, outcome: str, at: datetime) -> None:
        self.completed_by_id = by_id
        self.outcome = outcome
        self.closed_at = at

    @transition(field="state", source=list(OPEN_STATES), target=WorkItemState.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        self.closed_at = at


class Candidate(models.Model):
    """Who may act on a work item: a person, or a group less the people excluded from it.

    A group is kept as a group, so that a change of its members reaches the items that are already
    open.

    `is_offered` says that the item waits for this candidate, and `due_at` when it is due: both
    repeat the item, so that a work list finds its page by one index. The database keeps them as the
    item changes; see `workflows.guards`.
    """

    # The unique constraint on work item and user is an index by work item as well.
    work_item = models.ForeignKey(
        WorkItem, on_delete=models.CASCADE, related_name="candidates", db_index=False
    )
    user = models.ForeignKey(
        USER, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    group = models.CharField(_("group"), max_length=150, null=True, blank=True)  # noqa: DJ001  null: not part of the unique constraint
    is_excluded = models.BooleanField(_("excluded"), default=False)
    is_offered = models.BooleanField(default=False, editable=False)
    due_at = models.DateTimeField(default=NEVER, editable=False)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        indexes = [
            models.Index(fields=["group", "work_item"], name="candidate_group"),
            # Where a database leaves the condition out, the second column keeps what is offered
            # together.
            *(
                models.Index(
                    fields=[who, "is_offered", *order, "work_item"],
                    condition=models.Q(is_offered=True),
                    name=f"candidate_{who}_{name}",
                )
                for who in ("user", "group")
                for name, order in (("due", ["due_at"]), ("opened", []))
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["work_item", "user"], name="candidate_user_once"),
            models.UniqueConstraint(fields=["work_item", "group"], name="candidate_group_once"),
        ]

    def __str__(self) -> str:
        who = self.user or self.group or ""
        return f"not {who}" if self.is_excluded else str(who)


class EventKind(models.TextChoices):
    STARTED = "started", _("Started")
    FIRED = "fired", _("Fired")
    CLAIMED = "claimed", _("Claimed")
    RELEASED = "released", _("Released")
    TRANSFERRED = "transferred", _("Transferred")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    SUSPENDED = "suspended", _("Suspended")
    RESUMED = "resumed", _("Resumed")
    FAILED = "failed", _("Failed")
    MOVED = "moved", _("Tokens moved")
    SKIPPED = "skipped", _("Skipped")
    REPEATED = "repeated", _("Repeated")
    DATA_SET = "data_set", _("Data set")
    BRANCH_CANCELLED = "branch_cancelled", _("Branch cancelled")
    RETRIED = "retried", _("Tried again")


class Line(models.Model):
    """One line of a case's append-only history; see `workflows.history` for the chain.

    `payload` is what the actor said and what changed: `outcome`, `comment`, `data`, `reason`.
    `idempotency_key` belongs to the first event of a command and makes its repetition visible.
    """

    # The unique constraints are indexes by case and by actor as well.
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="%(class)ss", db_index=False
    )
    sequence = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20, choices=EventKind.choices)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    work_item = models.ForeignKey(
        WorkItem, on_delete=models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    transition = models.CharField(_("transition"), max_length=80, blank=True)
    payload = OrderedJSONField(_("payload"), default=dict)
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  null: not part of the unique constraint
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.case_id}/{self.sequence} {self.kind}"


class Event(Line):
    """A line of a case that runs, or has ended not long ago."""

    class Meta:
        ordering = ["case", "sequence"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="event_sequence_once"),
            models.UniqueConstraint(fields=["actor", "idempotency_key"], name="event_key_once"),
        ]


class ArchivedEvent(Line):
    """A line of an archived case, as it was written, with the key that it had; see
    `workflows.archiving`."""

    id = models.BigIntegerField(primary_key=True)

    class Meta:
        ordering = ["case", "sequence"]
        verbose_name = _("archived event")
        verbose_name_plural = _("archived events")
        indexes = [models.Index(fields=["actor"], name="archived_event_actor")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "sequence"], name="archived_event_sequence_once"
            ),
        ]
