"""Leave: what may be asked for, and one request."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.querysets import LeaveRequestQuerySet

from .request import Request


class LeaveType(models.Model):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    is_paid = models.BooleanField(_("paid"), default=True)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("leave type")
        verbose_name_plural = _("leave types")

    def __str__(self) -> str:
        return self.title


class LeaveRequest(models.Model):
    """From `start` to `end`, both included. `days` are working days, counted when it is saved."""

    request = models.OneToOneField(
        Request, on_delete=models.CASCADE, primary_key=True, related_name="leave"
    )
    leave_type = models.ForeignKey(LeaveType, on_delete=models.PROTECT, related_name="+")
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    days = models.DecimalField(_("working days"), max_digits=5, decimal_places=1)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)

    objects = LeaveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("leave request")
        verbose_name_plural = _("leave requests")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end__gte=models.F("start")), name="leave_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leave_type} {self.start} - {self.end}"
