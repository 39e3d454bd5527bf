"""The tables of the plain application."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import models
from django_fsm import FSMField, transition


class Request(models.Model):
    state = FSMField(default="new", protected=True)
    requester = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Request]]

    class Meta:
        app_label = "ormapp"

    def __str__(self) -> str:
        return f"#{self.pk}"

    @transition(field=state, source="new", target="submitted")
    def submit(self) -> None:
        """Wait for the approver."""

    @transition(field=state, source="submitted", target="approved")
    def approve(self) -> None:
        """Wait for finance."""

    @transition(field=state, source="approved", target="paid")
    def pay(self) -> None:
        """Be recorded."""

    @transition(field=state, source="paid", target="recorded")
    def record(self) -> None:
        """End."""


class Task(models.Model):
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="tasks")
    name = models.CharField(max_length=40)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Task]]

    class Meta:
        app_label = "ormapp"

    def __str__(self) -> str:
        return self.name


class Log(models.Model):
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="log")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Log]]

    class Meta:
        app_label = "ormapp"

    def __str__(self) -> str:
        return self.what
