"""Notices as the portal lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from approvals import formatting
from approvals.models import Notice, NoticeKind
from approvals.notifications.texts import NoticeText, text_of


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """`url` is "" where there is no page that the viewer could open."""

    text: NoticeText
    number: str
    comment: str
    url: str
    read_url: str
    at: datetime
    at_text: str
    is_unread: bool


def notice_rows(notices: Iterable[Notice], *, viewer: User) -> list[NoticeRow]:
    """Return rows for notices of `viewer`, whose `case__request` should be loaded."""
    now = timezone.now()
    return [
        NoticeRow(
            text=text_of(notice),
            number=notice.parts.get("number", ""),
            comment=notice.parts.get("comment", ""),
            url=_url_of(notice, viewer),
            read_url=reverse("notice_read", args=[notice.pk]),
            at=notice.created_at,
            at_text=formatting.when(notice.created_at, now=now),
            is_unread=notice.is_unread,
        )
        for notice in notices
    ]


def _url_of(notice: Notice, viewer: User) -> str:
    if notice.case_id is None:
        return ""
    if notice.kind == NoticeKind.FAILED and viewer.is_staff:
        return reverse("admin:workflows_case_change", args=[notice.case_id])
    request = getattr(notice.case, "request", None)
    return request.get_absolute_url() if request else ""
