"""Marking notices as read."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone

from approvals.models import Notice


def mark_read(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).mark_read(at=timezone.now())


def mark_all_read(user: User) -> int:
    """Mark all notices of a person; return how many were unread."""
    return Notice.objects.of(user).mark_read(at=timezone.now())


def mark_case_read(user: User, case_id: int) -> int:
    """Mark what a person was told of a case whose page they look at; return how many."""
    told = Notice.objects.of(user).filter(case=case_id)
    # Mostly there is nothing: looking at a page should not wait for whoever writes.
    return told.mark_read(at=timezone.now()) if told.unread().exists() else 0
