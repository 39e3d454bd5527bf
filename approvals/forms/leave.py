"""Asking for leave."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals.calendars import calendar_of
from approvals.forms.base import PortalForm, date_field
from approvals.leave import overlap_problems
from approvals.models import LeaveType, Request
from approvals.policies import leave_problems


class LeaveForm(PortalForm):
    """The leave that `user` asks for; `request` is the one that is being changed."""

    leave_type = forms.ModelChoiceField(
        queryset=LeaveType.objects.none(),
        to_field_name="code",
        label=_("Kind of leave"),
        empty_label=_("Choose"),
        error_messages={
            "invalid_choice": _("There is no such kind of leave. Choose one of the list.")
        },
    )
    start = date_field(label=_("First day"))
    end = date_field(
        label=_("Last day"), help_text=_("Both days count. Weekends and holidays do not.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever decides reads it."),
    )

    def __init__(
        self,
        *args: Any,
        user: User,
        request: Request | None = None,
        is_submitting: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.user = user
        self.request = request
        self.is_submitting = is_submitting
        offered = LeaveType.objects.filter(is_active=True)
        if request is not None and hasattr(request, "leave"):
            # What a draft has chosen stays, even where it is no longer offered to others.
            offered |= LeaveType.objects.filter(pk=request.leave.leave_type_id)
        field = cast("forms.ModelChoiceField[LeaveType]", self.fields["leave_type"])
        field.queryset = offered

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start is None or end is None:
            return cleaned
        problems = leave_problems(
            start, end, today=timezone.localdate(), calendar=calendar_of(self.user.pk)
        )
        if self.is_submitting or end < start:
            self.add_problems(problems)
        if self.is_submitting and not problems:
            self.add_problems(overlap_problems(self.user, start, end, but=self.request))
        return cleaned
