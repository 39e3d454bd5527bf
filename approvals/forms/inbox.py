"""Searching, filtering and sorting the inbox. Whatever stands in the address, an answer comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.forms.base import PortalForm
from workflows.models import Flow
from workflows.querysets import WorkItemQuerySet

SORTINGS = {"due": _("Due"), "newest": _("Newest"), "oldest": _("Oldest"), "person": _("Person")}
_ORDERINGS: dict[str, tuple[Any, ...]] = {
    "due": (F("due_at").asc(nulls_last=True), "opened_at", "pk"),
    "newest": ("-opened_at", "-pk"),
    "oldest": ("opened_at", "pk"),
    "person": ("case__requester__first_name", "case__requester__username", "pk"),
}


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

    def apply(self, items: WorkItemQuerySet, *, is_open: bool) -> WorkItemQuerySet:
        """Return the items that the filters leave, sorted; what is closed comes newest first."""
        if "q" in self.chosen:
            items = _search(items, self.chosen["q"])
        if "flow" in self.chosen:
            items = items.filter(case__version__flow__key=self.chosen["flow"])
        if "due" in self.chosen:
            items = items.filter(due_at__lt=_due_before(self.chosen["due"]))
        if not is_open:
            return items.order_by(F("closed_at").desc(nulls_first=True), "-pk")
        return items.order_by(*_ORDERINGS[self.sort])


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


def _due_before(due: str) -> Any:
    now = timezone.now()
    if due == "overdue":
        return now
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1 if due == "today" else 7)
