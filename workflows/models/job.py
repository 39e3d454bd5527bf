"""What must still happen outside: written in the transaction of the step that wants it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from workflows.querysets import JobQuerySet

from .case import WorkItem
from .fields import OrderedJSONField
from .lifecycle import LifecycleModel, state_field

DEFAULT_QUEUE = "default"


class JobState(models.TextChoices):
    DUE = "due", _("Due")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    INCIDENT = "incident", _("Incident")
    CANCELLED = "cancelled", _("Cancelled")


class Job(LifecycleModel):
    """One run of a service task's handler.

    `attempts` counts takings, not failures; `lease` grows with each taking, so that a worker that
    slept past its lease cannot end what another has taken.
    """

    work_item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="jobs")
    state = state_field(JobState.DUE, JobState.choices)
    handler = models.CharField(_("handler"), max_length=200)
    queue = models.CharField(_("queue"), max_length=80, default=DEFAULT_QUEUE)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    lease = models.PositiveIntegerField(_("lease"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"))
    last_error = models.TextField(_("last error"), blank=True)
    result = OrderedJSONField(_("result"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["state", "due_at"], name="job_state_due")]

    def __str__(self) -> str:
        return f"{self.handler} #{self.pk}"

    @transition(field="state", source=[JobState.DUE, JobState.RUNNING], target=JobState.RUNNING)
    def take(self) -> None:
        self.attempts += 1
        self.lease += 1

    @transition(field="state", source=JobState.RUNNING, target=JobState.DONE)
    def finish(self) -> None:
        self.last_error = ""

    @transition(field="state", source=JobState.RUNNING, target=JobState.DUE)
    def try_again(self, *, error: str) -> None:
        self.last_error = error

    @transition(field="state", source=JobState.RUNNING, target=JobState.INCIDENT)
    def give_up(self, *, error: str) -> None:
        self.last_error = error

    @transition(
        field="state",
        source=[JobState.DUE, JobState.RUNNING, JobState.INCIDENT],
        target=JobState.CANCELLED,
    )
    def cancel(self) -> None:
        """The work item is gone: there is nothing left to run."""
