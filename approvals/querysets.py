"""Whose requests a person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from workflows.models import Case
from workflows.querysets import Person

if TYPE_CHECKING:
    from approvals.models import Request


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: Person) -> RequestQuerySet:
        """Return my own requests with their drafts, and those whose case I may see."""
        if not user.is_authenticated:
            return self.none()
        visible_cases = Case.objects.visible_to(user).values("pk")
        return self.filter(Q(requester=user.pk) | Q(case__in=visible_cases))

    def editable_by(self, user: Person) -> RequestQuerySet:
        """Return my drafts."""
        return self.filter(requester=user.pk, state="draft")

    def of(self, user: Person) -> RequestQuerySet:
        return self.filter(requester=user.pk)

    def for_list(self) -> RequestQuerySet:
        return self.select_related("flow", "requester", "case__version")
