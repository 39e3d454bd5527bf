"""Who works here, for whom, and in which department."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .office import Office, validate_time_zone


class Department(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    head = models.ForeignKey(
        "Employee",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="heads",
        verbose_name=_("head"),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self) -> str:
        return self.name


class Employee(models.Model):
    """A person of the company. `role` is what `role("...")` in a flow finds, e.g. `head`,
    `director`."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="employee"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="employees"
    )
    manager = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("manager"),
    )
    office = models.ForeignKey(
        Office,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="employees",
        verbose_name=_("office"),
        help_text=_("Empty: the default office."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("Where somebody works far from their office, e.g. Asia/Shanghai."),
    )
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    role = models.CharField(
        _("role"),
        max_length=60,
        blank=True,
        db_index=True,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("Use lower-case letters, digits and _."))
        ],
    )

    class Meta:
        ordering = ["user__first_name", "user__username"]
        verbose_name = _("employee")
        verbose_name_plural = _("employees")

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()

    def clean(self) -> None:
        """Refuse a line of managers that comes back to this employee, and a zone without hours."""
        if self.time_zone and self.office is None:
            message = _("Choose an office as well: its hours are counted in this time zone.")
            raise ValidationError({"time_zone": message})
        seen = {self.pk} if self.pk else set()
        manager = self.manager
        while manager is not None:
            if manager.pk in seen:
                raise ValidationError(
                    {
                        "manager": _(
                            "%(manager)s already reports to %(employee)s, directly or not."
                        )
                        % {"manager": self.manager, "employee": self}
                    }
                )
            seen.add(manager.pk)
            manager = manager.manager
