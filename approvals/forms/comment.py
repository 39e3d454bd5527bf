"""The small forms of a request's page: a comment, a file, another person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Lower
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


MOST_CHOICES = 200
"""People in a list to choose from. Of more, the name is written: a page with thousands is slow to
make, to load and to scroll."""


class PersonByName(forms.CharField):
    """One of `people`, by user name, or by the full name where only one has it."""

    def __init__(self, people: QuerySet[User], **options: Any) -> None:
        super().__init__(max_length=150, **options)
        self.people = people

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if not name:
            return None
        # Not `iexact`: MariaDB minds capitals in the collation that Goflow asks for.
        full_name = Lower(Concat("first_name", Value(" "), "last_name"))
        named = self.people.annotate(full_name=full_name)
        found = list(
            named.filter(username=name)[:1] or named.filter(full_name=Lower(Value(name)))[:2]
        )
        if len(found) == 1:
            return found[0]
        if found:
            told = _("Several people are called %(name)s: write the user name.")
        else:
            told = _("Nobody here is called %(name)s: write the user name.")
        raise forms.ValidationError(told, code="invalid_choice", params={"name": name})


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
        shown = list(people.order_by("first_name", "last_name", "username")[: MOST_CHOICES + 1])
        if len(shown) > MOST_CHOICES:
            self.fields["to"] = PersonByName(
                people,
                label=field.label,
                help_text=_("The user name, or the full name."),
                error_messages={"required": _("Write a name first.")},
            )
            return
        field.queryset = people
        choices = [(person.pk, field.label_from_instance(person)) for person in shown]
        field.widget.choices = [("", field.empty_label), *choices]
