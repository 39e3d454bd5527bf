"""Of what a person wants mails."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from approvals.models import NoticeSettings
from approvals.models.notice import MAILED_KINDS, wants_mail


class MailChoicesForm(forms.Form):
    """One checkbox for each kind of notice that may come as mail."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, label_suffix="")
        self.user = user
        chosen = NoticeSettings.objects.filter(user=user).first()
        for kind in MAILED_KINDS:
            self.fields[kind.value] = forms.BooleanField(
                label=kind.label,
                required=False,
                initial=wants_mail(chosen.mail if chosen else None, kind),
            )

    def save(self) -> None:
        NoticeSettings.objects.update_or_create(
            user=self.user, defaults={"mail": dict(self.cleaned_data)}
        )
