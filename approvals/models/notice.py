"""What a person was told, and of what they want a mail as well."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.querysets import NoticeQuerySet
from workflows.models import Case, WorkItem
from workflows.models.fields import OrderedJSONField


class NoticeKind(models.TextChoices):
    """What a notice is about. A mail about several begins with the kind that comes first here."""

    RETURNED = "returned", _("A request of yours is returned to you")
    TRANSFERRED = "transferred", _("Work is handed to you")
    OFFERED = "offered", _("New work waits for you")
    DECIDED = "decided", _("A request of yours is decided")
    ESCALATED = "escalated", _("A request of yours goes to somebody else because it took too long")
    FINISHED = "finished", _("A request of yours is done")
    PASSED_ON = "passed_on", _("Work of yours goes to somebody else because it took too long")
    REMINDED = "reminded", _("Work of yours is due")
    FAILED = "failed", _("A case needs an operator")


MAILED_KINDS = tuple(kind for kind in NoticeKind if kind is not NoticeKind.FAILED)
"""The kinds that may come as mail; the others stand in the portal only."""

MAILED_UNASKED = frozenset(MAILED_KINDS) - {NoticeKind.FINISHED}
"""The kinds that come as mail to whoever has not said otherwise."""

ABOUT_WORK = frozenset({NoticeKind.OFFERED, NoticeKind.TRANSFERRED, NoticeKind.REMINDED})
"""The kinds that ask for something: of no use once the work item is closed."""


class Notice(models.Model):
    """One thing that one person was told.

    `key` makes it one: the occasion, the kind, the work item and the person. `parts` are what its
    text is made of, so that it can be said in the reader's language.
    """

    key = models.CharField(max_length=255, unique=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="notices"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind.choices)
    case = models.ForeignKey(
        Case, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    work_item = models.ForeignKey(
        WorkItem, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    parts = OrderedJSONField(_("parts of the text"), default=dict)
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["recipient", "read_at"], name="notice_recipient_read"),
            models.Index(fields=["read_at", "created_at"], name="notice_read_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.parts.get('number', '')}"

    @property
    def is_unread(self) -> bool:
        return self.read_at is None


class NoticeSettings(models.Model):
    """What a person has chosen. `mail` says by kind whether they want a mail; a kind that is not
    named comes as it does to everybody."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="notice_settings",
    )
    mail = OrderedJSONField(_("mail by kind"), default=dict, blank=True)

    class Meta:
        verbose_name = _("notice settings")
        verbose_name_plural = _("notice settings")

    def __str__(self) -> str:
        return str(self.user)


def wants_mail(choices: dict[str, Any] | None, kind: str) -> bool:
    """Say whether somebody with these choices gets a mail of `kind`."""
    if kind not in MAILED_KINDS:
        return False
    return bool((choices or {}).get(kind, kind in MAILED_UNASKED))
