"""An office in the administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from approvals.models import Office

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Office]
else:
    _ModelForm = forms.ModelForm


class OfficeForm(_ModelForm):
    """The days of the week as boxes to tick."""

    weekdays = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=[(str(number), name) for number, name in enumerate(WEEKDAYS.values(), start=1)],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Office
        fields = (
            "name",
            "is_default",
            "time_zone",
            "weekdays",
            "opens",
            "closes",
            "break_from",
            "break_to",
            "country",
            "subdivision",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["weekdays"] = list(self.instance.weekdays)

    def clean_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["weekdays"]))
