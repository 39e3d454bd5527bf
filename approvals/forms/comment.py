"""The small forms of a request's page: a comment, a file, another person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from approvals.filetypes import ACCEPT, ACCEPTED_NAMES
from approvals.forms.base import PortalForm


class CommentForm(PortalForm):
    text = forms.CharField(
        label=_("Comment"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write something first.")},
    )


class UploadForm(PortalForm):
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        help_text=ACCEPTED_NAMES,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": _("Choose a file first.")},
    )


if TYPE_CHECKING:
    _PersonChoice = forms.ModelChoiceField[User]
else:
    _PersonChoice = forms.ModelChoiceField


class PersonField(_PersonChoice):
    def label_from_instance(self, obj: User) -> str:
        return obj.get_full_name() or obj.get_username()


class TransferForm(PortalForm):
    """To whom a work item goes. `but` are people who cannot have it, e.g. its requester."""

    to = PersonField(
        queryset=User.objects.none(),
        label=_("Transfer to"),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose a person first.")},
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)

    def __init__(self, *args: Any, but: Any = (), **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.filter(is_active=True, employee__isnull=False).exclude(
            pk__in=list(but)
        )
        field = cast("forms.ModelChoiceField[User]", self.fields["to"])
        field.queryset = people.order_by("first_name", "last_name", "username")
