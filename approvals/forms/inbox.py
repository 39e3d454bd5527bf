"""Searching, filtering and sorting the inbox. Whatever stands in the address, an answer comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.forms.base import PortalForm
from workflows.keyset import BY_DUE, Order, timestamp
from workflows.models import Flow
from workflows.querysets import WorkItemQuerySet

SORTINGS = {"due": _("Due"), "newest": _("Newest"), "oldest": _("Oldest"), "person": _("Person")}
_ORDERS = {
    "due": BY_DUE,
    "newest": Order("opened_at", is_descending=True, read=timestamp),
    "oldest": Order("opened_at", read=timestamp),
    "person": Order("person", read=str),
}
_LAST_CLOSED = Order("closed_at", is_descending=True, read=timestamp)


class InboxFilter(PortalForm):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Number or person")}),
    )
    flow = forms.ChoiceField(label=_("Kind"), required=False)
    due = forms.ChoiceField(
        label=_("Due"),
        required=False,
        choices=[
            ("", _("Any due date")),
            ("overdue", _("Overdue")),
            ("today", _("Due today")),
            ("week", _("Due within a week")),
        ],
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        flows = Flow.objects.visible_to(user)
        field = cast(forms.ChoiceField, self.fields["flow"])
        field.choices = [("", _("All kinds")), *flows.values_list("key", "title")]
        self.is_valid()
        # A value that is none of the choices filters nothing.
        self.chosen = {name: value for name, value in self.cleaned_data.items() if value}
        self.sort = data.get("sort", "due") if data.get("sort") in SORTINGS else "due"

    @property
    def is_active(self) -> bool:
        return bool(self.chosen)

    @property
    def due_before(self) -> datetime | None:
        """Return before when the items are due, apart: a list finds that by an index."""
        return _due_before(self.chosen["due"]) if "due" in self.chosen else None

    @property
    def has_sort_key(self) -> bool:
        """Say whether the items are sorted by what they do not have by themselves."""
        return self.sort == "person"

    def order(self, *, is_open: bool) -> Order:
        """Return the order that is asked for; what is closed comes newest first."""
        return _ORDERS[self.sort] if is_open else _LAST_CLOSED

    def apply(self, items: WorkItemQuerySet) -> WorkItemQuerySet:
        """Return the items that the filters leave, with what they are sorted by."""
        if "q" in self.chosen:
            items = _search(items, self.chosen["q"])
        if "flow" in self.chosen:
            items = items.filter(case__version__flow__key=self.chosen["flow"])
        return self.with_sort_key(items)

    def with_sort_key(self, items: WorkItemQuerySet) -> WorkItemQuerySet:
        if not self.has_sort_key:
            return items
        who = Concat("case__requester__first_name", Value(" "), "case__requester__username")
        return items.annotate(person=who)


def _search(items: WorkItemQuerySet, text: str) -> WorkItemQuerySet:
    """Match every word in the number, the requester's name or the task's title."""
    for word in text.split()[:5]:
        items = items.filter(
            Q(case__business_key__icontains=word)
            | Q(case__requester__first_name__icontains=word)
            | Q(case__requester__last_name__icontains=word)
            | Q(case__requester__username__icontains=word)
            | Q(task__title__icontains=word)
        )
    return items


def _due_before(due: str) -> datetime:
    now = timezone.now()
    if due == "overdue":
        return now
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1 if due == "today" else 7)
