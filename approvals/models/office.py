"""Where people work: the time zone, office hours and public holidays of a place."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable
from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.calendars import (
    OFFICE_HOURS,
    WorkingCalendar,
    known_countries,
    known_subdivisions,
    week_of,
    zone_of,
)
from workflows.calendars.holidays import public_days

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

logger = logging.getLogger(__name__)


def validate_time_zone(key: str) -> None:
    """Refuse what is no time zone, with the nearest that is one."""
    if key not in available_timezones():
        raise _unknown(_("There is no time zone “%(value)s”."), key, available_timezones())


def validate_country(code: str) -> None:
    """Refuse a country whose holidays are not known."""
    if code not in known_countries():
        raise _unknown(_("No holidays are known for “%(value)s”."), code, known_countries())


class Office(models.Model):
    """A place where people work. Employees without one belong to the default office."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("For everybody who has no office of their own.")
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        validators=[validate_time_zone],
        help_text=_("For example Europe/Berlin."),
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[validate_country],
        help_text=_("Whose public holidays are days off, e.g. DE. Empty: there are none."),
    )
    subdivision = models.CharField(
        _("state or canton"),
        max_length=40,
        blank=True,
        help_text=_("Where it has holidays of its own, e.g. BY for Bavaria."),
    )
    opens = models.TimeField(_("opens"), default=time(9))
    closes = models.TimeField(
        _("closes"), default=time(17), help_text=_("Midnight (00:00) is the end of the day.")
    )
    break_from = models.TimeField(_("break from"), null=True, blank=True)
    break_to = models.TimeField(_("break to"), null=True, blank=True)
    weekdays = models.CharField(
        _("working days"),
        max_length=7,
        default="12345",
        validators=[RegexValidator(r"^1?2?3?4?5?6?7?\Z", _("Name each day once, 1 is Monday."))],
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("office")
        verbose_name_plural = _("offices")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse hours that are none, a subdivision of another country, a second default."""
        if (self.break_from is None) != (self.break_to is None):
            raise ValidationError({"break_to": _("A break has a beginning and an end.")})
        try:
            self._week()
        except ValueError as error:
            field = "closes" if self.break_from is None else "break_from"
            raise ValidationError({field: str(error)}) from error
        known = known_subdivisions(self.country) if self.country else ()
        if self.subdivision and self.subdivision not in known:
            raise ValidationError({"subdivision": _subdivisions_told(self.country, known)})
        other = Office.objects.filter(is_default=True).exclude(pk=self.pk).first()
        if self.is_default and other is not None:
            message = _("%(office)s is the default office. Take it from there first.")
            raise ValidationError({"is_default": message % {"office": other}})

    def calendar(self, *, time_zone: str = "") -> WorkingCalendar:
        """Return when people of this office work, by the clock of `time_zone` where it is given.

        What the installed packages do not know, perhaps since their last update, is told in the log
        and left out, so that work goes on.
        """
        try:
            zone = zone_of(time_zone or self.time_zone)
        except ValueError:
            logger.exception("office.unknown_time_zone office=%s", self.pk)
            zone = zone_of(settings.TIME_ZONE)
        country, subdivision = self.country, self.subdivision
        try:
            # Any year tells whether the place is known.
            public_days(country, subdivision, 2026)
        except ValueError:
            logger.exception("office.unknown_country office=%s", self.pk)
            country = subdivision = ""
        try:
            week = self._week()
        except ValueError:
            logger.exception("office.unknown_hours office=%s", self.pk)
            week = OFFICE_HOURS
        return WorkingCalendar(zone, week, country, subdivision)

    def _week(self) -> tuple[tuple[tuple[time, time], ...], ...]:
        pause = None
        if self.break_from is not None and self.break_to is not None:
            pause = (self.break_from, self.break_to)
        weekdays = {int(digit) - 1 for digit in self.weekdays}
        return week_of(self.opens, self.closes, weekdays=weekdays, pause=pause)


def _unknown(message: _StrPromise, value: str, known: Iterable[str]) -> ValidationError:
    close = difflib.get_close_matches(value, known, 1)
    told = str(message % {"value": value})
    hint = str(_("Did you mean %(close)s?") % {"close": close[0]}) if close else ""
    return ValidationError(f"{told} {hint}".strip())


def _subdivisions_told(country: str, known: tuple[str, ...]) -> str:
    if not known:
        return str(_("Leave this empty: no holidays of parts of the country are known."))
    return str(_("%(country)s has: %(known)s.") % {"country": country, "known": ", ".join(known)})
