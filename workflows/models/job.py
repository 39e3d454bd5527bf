"""What must still happen outside: written in the transaction of the step that wants it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from workflows.querysets import JobQuerySet

from .case import Case, WorkItem
from .fields import OrderedJSONField
from .lifecycle import LifecycleModel, state_field

DEFAULT_QUEUE = "default"
DEFAULT_ATTEMPTS = 5


class JobState(models.TextChoices):
    DUE = "due", _("Due")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    INCIDENT = "incident", _("Incident")
    CANCELLED = "cancelled", _("Cancelled")


class JobKind(models.TextChoices):
    SERVICE = "service", _("Service")
    TIMER = "timer", _("Timer")
    EFFECT = "effect", _("Effect")


class Job(LifecycleModel):
    """One thing to do outside the step: run a service task, ring a timer, or cause an effect.

    An effect runs a handler and changes no case. `key` makes the job one: a second row with it is
    refused, and whoever is called for it is told the same key at every try.

    `attempts` counts takings, not failures; `lease` is the fencing token: it grows with each
    taking, so that a worker that slept past `leased_until` cannot end what another has taken.
    `outcome` and `result` are what came back, kept here where the case could not take it yet.
    `dispatched_at` is when a message last told the workers of this job.
    """

    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, blank=True, related_name="jobs"
    )
    work_item = models.ForeignKey(
        WorkItem, on_delete=models.CASCADE, null=True, blank=True, related_name="jobs"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=JobKind.choices)
    key = models.CharField(_("key"), max_length=160, unique=True)
    state = state_field(JobState.DUE, JobState.choices)
    handler = models.CharField(_("handler"), max_length=200, blank=True)
    topic = models.CharField(_("topic"), max_length=80, blank=True)
    queue = models.CharField(_("queue"), max_length=80, default=DEFAULT_QUEUE)
    payload = OrderedJSONField(_("inputs"), default=dict)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveIntegerField(_("most attempts"), default=DEFAULT_ATTEMPTS)
    timeout_seconds = models.PositiveIntegerField(_("time limit in seconds"), null=True, blank=True)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    leased_by = models.CharField(_("worker"), max_length=120, blank=True)
    due_at = models.DateTimeField(_("due"))
    dispatched_at = models.DateTimeField(_("dispatched"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    last_error = models.TextField(_("last error"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=80, blank=True)
    result = OrderedJSONField(_("result"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["state", "due_at"], name="job_state_due"),
            models.Index(fields=["topic", "state", "due_at"], name="job_topic_due"),
            models.Index(fields=["state", "leased_until"], name="job_state_leased"),
        ]
        permissions = [("work_jobs", _("Can fetch and end the jobs of a topic"))]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"

    @property
    def name(self) -> str:
        return self.handler or self.topic or str(self.get_kind_display())

    @property
    def idempotency_key(self) -> str:
        """What whoever is called for this job is told, the same at every try."""
        return f"goflow-{self.key}"

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= self.max_attempts

    @transition(field="state", source=[JobState.DUE, JobState.RUNNING], target=JobState.RUNNING)
    def take(self, *, by: str, until: datetime) -> None:
        self.attempts += 1
        self.lease += 1
        self.leased_by = by
        self.leased_until = until

    @transition(field="state", source=[JobState.RUNNING, JobState.DUE], target=JobState.DONE)
    def finish(self) -> None:
        """Also by the last worker of a job whose lease has run out and which nobody took since."""
        self.last_error = ""

    @transition(field="state", source=JobState.RUNNING, target=JobState.DUE)
    def try_again(self, *, error: str, at: datetime) -> None:
        self.last_error = error
        self.due_at = at
        self.dispatched_at = None

    @transition(field="state", source=JobState.RUNNING, target=JobState.DUE)
    def give_back(self, *, at: datetime) -> None:
        """Not a try: the worker stops, or the work is not to be done before `at`."""
        self.attempts -= 1
        self.due_at = at
        self.dispatched_at = None

    @transition(field="state", source=JobState.RUNNING, target=JobState.INCIDENT)
    def give_up(self, *, error: str) -> None:
        self.last_error = error

    @transition(field="state", source=JobState.INCIDENT, target=JobState.DUE)
    def retry(self, *, at: datetime) -> None:
        """Begin again, with all attempts: an operator has looked."""
        self.attempts = 0
        self.due_at = at
        self.dispatched_at = None

    @transition(field="state", source=JobState.INCIDENT, target=JobState.DONE)
    def settle(self, *, outcome: str) -> None:
        """An operator has said how it ended."""
        self.outcome = outcome

    @transition(
        field="state",
        source=[JobState.DUE, JobState.RUNNING, JobState.INCIDENT],
        target=JobState.CANCELLED,
    )
    def cancel(self) -> None:
        """The work item is gone: there is nothing left to run."""


class WorkerBeat(models.Model):
    """A worker that was seen lately; for readiness and for the operator's eye."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    queues = models.CharField(_("queues"), max_length=400, blank=True)
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("seen"), db_index=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name
