"""A request: what a person asked for, from draft to decision. The case behind it holds the
process."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from approvals.querysets import RequestQuerySet
from workflows.models import Case, Flow
from workflows.models.fields import OrderedJSONField
from workflows.models.lifecycle import LifecycleModel, state_field


class NumberSeries(models.Model):
    """The last number given out, per prefix and year; its row is locked to take the next one."""

    prefix = models.CharField(max_length=20)
    year = models.PositiveIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}: {self.last_number}"


class RequestState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("In progress")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", _("Cancelled")
    CLOSED = "closed", _("Closed")


DECIDED_STATES = (
    RequestState.APPROVED,
    RequestState.REJECTED,
    RequestState.WITHDRAWN,
    RequestState.CANCELLED,
    RequestState.CLOSED,
)


class Request(LifecycleModel):
    """What a person asked for. `data` is the draft of a request whose form comes from the flow's
    schema.

    `form_key` is the page's own number: a form that is sent twice makes one request.
    `number` is given at creation, e.g. `LV-2026-0001`, and is the case's business key.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="requests")
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests"
    )
    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )
    state = state_field(RequestState.DRAFT, RequestState.choices)
    data = OrderedJSONField(_("data"), default=dict, blank=True)
    form_key = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001  null: not part of the unique constraint
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        indexes = [models.Index(fields=["requester", "state"], name="request_requester_state")]
        constraints = [
            models.UniqueConstraint(fields=["requester", "form_key"], name="request_form_once"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("request", args=[self.number])

    @property
    def is_draft(self) -> bool:
        return bool(self.state == RequestState.DRAFT)

    @transition(field="state", source=RequestState.DRAFT, target=RequestState.RUNNING)
    def submit(self, *, case: Case, at: datetime) -> None:
        self.case = case
        self.submitted_at = at

    @transition(field="state", source=RequestState.RUNNING, target=RequestState.APPROVED)
    def approve(self, *, at: datetime) -> None:
        self.decided_at = at

    @transition(field="state", source=RequestState.RUNNING, target=RequestState.REJECTED)
    def reject(self, *, at: datetime) -> None:
        self.decided_at = at

    @transition(field="state", source=RequestState.RUNNING, target=RequestState.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        self.decided_at = at

    @transition(field="state", source=RequestState.RUNNING, target=RequestState.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        self.decided_at = at

    @transition(field="state", source=RequestState.RUNNING, target=RequestState.CLOSED)
    def close(self, *, at: datetime) -> None:
        """End without a decision that the portal knows by name."""
        self.decided_at = at


class Comment(models.Model):
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=4000)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


def attachment_path(attachment: Any, filename: str) -> str:
    """Store under a random name: the user's file name is kept as text only."""
    return f"attachments/{uuid4().hex}"


class Attachment(models.Model):
    """A file of a request; `line` says which expense line it is the receipt of."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="attachments")
    line = models.ForeignKey(
        "approvals.ExpenseLine",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="receipts",
    )
    file = models.FileField(_("file"), upload_to=attachment_path)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size_bytes = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, db_index=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("attachment", args=[self.request.number, self.pk])
