"""The lists of work items that a person chooses from: one queryset a tab."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from approvals.display.waiting import awaited
from workflows.models import Candidate, WorkItem
from workflows.querysets import WorkItemQuerySet


def to_do(user: User) -> WorkItemQuerySet:
    """Return what waits for `user`: offered to them or claimed by them; not what they might withdraw."""
    return awaited(WorkItem.objects.actionable_by(user))


def group_pool(user: User) -> WorkItemQuerySet:
    """Return what waits for any member of their groups and is claimed by nobody."""
    to_group = Candidate.objects.filter(work_item=OuterRef("pk"), group__isnull=False)
    return to_do(user).filter(Exists(to_group), state="offered")


def done_by(user: User) -> WorkItemQuerySet:
    """Return what `user` has done for others' requests or their own, the latest first."""
    return WorkItem.objects.filter(completed_by=user.pk).order_by("-closed_at", "-pk")


def started_by(user: User) -> WorkItemQuerySet:
    """Return what the requests of `user` wait for."""
    return awaited(WorkItem.objects.open()).filter(case__requester=user.pk)
