"""Whose requests and notices a person may see, and which leave lies on the same days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from workflows.models import Case, WorkItem
from workflows.querysets import Person, sees_every_case

if TYPE_CHECKING:
    # Named in the text of a type below, where the linter does not look.
    from approvals.models.leave import LeaveRequest  # noqa: F401
    from approvals.models.notice import Notice  # noqa: F401
    from approvals.models.request import Request  # noqa: F401


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: Person) -> RequestQuerySet:
        """Return my own requests with their drafts, and those whose case I may see."""
        if not user.is_authenticated:
            return self.none()
        if sees_every_case(user):
            return self.filter(Q(requester=user.pk) | Q(case__isnull=False))
        visible_case = Case.objects.visible_to(user).filter(pk=OuterRef("case"))
        return self.filter(Q(requester=user.pk) | Exists(visible_case))

    def listed_for(self, user: Person) -> RequestQuerySet:
        """Return what `visible_to` does, for lists; see `CaseQuerySet.listed_for`."""
        if not user.is_authenticated or sees_every_case(user):
            return self.visible_to(user)
        own = self.model.objects.filter(requester=user.pk).order_by().values("pk")
        cases = Case.objects.listed_for(user).order_by().values("pk")
        seen = self.model.objects.filter(case__in=cases).order_by().values("pk")
        return self.filter(pk__in=own.union(seen))

    def editable_by(self, user: Person) -> RequestQuerySet:
        """Return my drafts."""
        return self.filter(requester=user.pk, state="draft")

    def of(self, user: Person) -> RequestQuerySet:
        return self.filter(requester=user.pk)

    def for_list(self) -> RequestQuerySet:
        loaded = self.select_related("flow", "requester__employee__department", "case__version")
        # Long, and no part of a request.
        return loaded.defer("case__version__scenarios", "case__version__verdict")


class LeaveRequestQuerySet(models.QuerySet["LeaveRequest"]):
    def overlapping(self, user: Person, *, start: date, end: date) -> LeaveRequestQuerySet:
        """Return the person's leave, asked for or granted, on any day from `start` to `end`."""
        return self.filter(
            request__requester=user.pk,
            request__state__in=("running", "approved"),
            start__lte=end,
            end__gte=start,
        )


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: Person) -> NoticeQuerySet:
        return self.filter(recipient=user.pk)

    def of_items(self, items: Iterable[WorkItem]) -> NoticeQuerySet:
        return self.filter(work_item__in=[item.pk for item in items])

    def about_closed_work(self) -> NoticeQuerySet:
        return self.exclude(work_item__in=WorkItem.objects.open())

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def unread_first(self) -> NoticeQuerySet:
        """Sort by whether they are read, then the newest first."""
        is_unread = ExpressionWrapper(Q(read_at=None), output_field=BooleanField())
        return self.order_by(is_unread.desc(), "-pk")

    def mark_read(self, *, at: datetime) -> int:
        """Mark those that are not read yet; return how many."""
        return self.unread().update(read_at=at)
