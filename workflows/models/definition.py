"""A flow and its versions as rows: what an administrator edits, frozen once published."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from workflows.definition import TaskKind
from workflows.net import ArcKind
from workflows.querysets import FlowQuerySet, FlowVersionQuerySet

from .fields import OrderedJSONField
from .lifecycle import LifecycleModel, state_field

flow_key_validator = RegexValidator(
    r"^[a-z][a-z0-9_]*\Z", _("Use lower-case letters, digits and _, beginning with a letter.")
)


def empty_schema() -> dict[str, object]:
    return {"type": "object", "properties": {}}


class Flow(models.Model):
    """A named process, e.g. `leave`. Its net lives in its versions."""

    key = models.CharField(_("key"), max_length=60, unique=True, validators=[flow_key_validator])
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = FlowQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("flow")
        verbose_name_plural = _("flows")

    def __str__(self) -> str:
        return self.title or self.key


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class FlowVersion(LifecycleModel):
    """One net of a flow with its tasks and data schema. Only a draft may change.

    `verdict` is the proof's answer for the net as it was at `verified_at`; null means not verified.
    """

    LARGE: ClassVar = ("scenarios", "verdict")
    """What is read with no case or item: it would come again with each row of a list."""

    flow = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"), editable=False)
    state = state_field(VersionState.DRAFT, VersionState.choices)
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    data_schema = OrderedJSONField(
        _("data schema"),
        default=empty_schema,
        help_text=_("JSON Schema (draft 2020-12) of an object: the fields of the case's data."),
    )
    scenarios = OrderedJSONField(
        _("scenarios"),
        default=list,
        blank=True,
        help_text=_("Sample cases with the way they should go, as in the flow file."),
    )
    verdict = OrderedJSONField(_("verdict"), null=True, blank=True, editable=False)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = FlowVersionQuerySet.as_manager()

    class Meta:
        ordering = ["flow", "-number"]
        verbose_name = _("flow version")
        verbose_name_plural = _("flow versions")
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="flow_version_number_once"),
        ]
        permissions = [("publish_flowversion", _("Can publish and retire versions"))]

    def __str__(self) -> str:
        return f"{self.title or self.flow.key} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return bool(self.state == VersionState.DRAFT)

    @transition(field="state", source=VersionState.DRAFT, target=VersionState.PUBLISHED)
    def publish(self, *, at: datetime) -> None:
        self.published_at = at

    @transition(field="state", source=VersionState.PUBLISHED, target=VersionState.RETIRED)
    def retire(self) -> None:
        """Take no new cases; running ones go on."""

    def get_admin_url(self) -> str:
        return reverse("admin:workflows_flowversion_change", args=[self.pk])


class Place(models.Model):
    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="places")
    key = models.CharField(_("key"), max_length=80)
    title = models.CharField(_("title"), max_length=120, blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="place_key_once")]

    def __str__(self) -> str:
        return self.key


class Task(models.Model):
    """A piece of work; its outcomes are the transitions that point at it."""

    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="tasks")
    key = models.CharField(_("key"), max_length=80)
    kind = models.CharField(
        _("kind"), max_length=20, choices=[(k.value, k.value) for k in TaskKind], default="human"
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    assign = models.CharField(
        _("assign"),
        max_length=2000,
        blank=True,
        help_text=_("Who may act, e.g. manager(requester)"),
    )
    otherwise = models.CharField(
        _("otherwise"),
        max_length=2000,
        blank=True,
        help_text=_("Who may act where assign finds nobody"),
    )
    due = models.CharField(
        _("due"), max_length=2000, blank=True, help_text=_("A duration, e.g. 2 working days")
    )
    is_optional = models.BooleanField(
        _("optional"), default=False, help_text=_("It may be done, but nobody waits for it.")
    )
    form = OrderedJSONField(_("form"), default=dict, blank=True)
    seats = OrderedJSONField(_("seats"), default=dict, blank=True)
    options = OrderedJSONField(_("options"), default=dict, blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="task_key_once")]

    def __str__(self) -> str:
        return self.title or self.key


class Transition(models.Model):
    """Automatic where `task` is empty; else one outcome of that task: a button."""

    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="transitions")
    key = models.CharField(_("key"), max_length=80)
    title = models.CharField(_("title"), max_length=120, blank=True)
    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, null=True, blank=True, related_name="transitions"
    )
    outcome = models.CharField(_("outcome"), max_length=80, blank=True)
    guard = models.CharField(_("guard"), max_length=2000, blank=True)
    priority = models.IntegerField(_("priority"), null=True, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    assignments = OrderedJSONField(
        _("set"), default=dict, blank=True, help_text=_("Data field -> expression, as JSON")
    )
    order = models.PositiveIntegerField(_("order"), default=0)
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="transition_key_once"),
            models.UniqueConstraint(fields=["task", "outcome"], name="outcome_once_per_task"),
        ]

    def __str__(self) -> str:
        return self.key


class Arc(models.Model):
    """An arc of the net; `order` keeps the order of the flow file."""

    version = models.ForeignKey(FlowVersion, on_delete=models.CASCADE, related_name="arcs")
    transition = models.ForeignKey(Transition, on_delete=models.CASCADE, related_name="arcs")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="arcs")
    kind = models.CharField(
        _("kind"), max_length=10, choices=[(k.value, k.value) for k in ArcKind], default="input"
    )
    weight = models.PositiveIntegerField(_("weight"), default=1, validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["pk"]
        verbose_name = _("arc")
        verbose_name_plural = _("arcs")
        constraints = [
            models.UniqueConstraint(fields=["transition", "place", "kind"], name="arc_once"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=1), name="arc_weight_at_least_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transition_id} {self.kind} {self.place_id}"
