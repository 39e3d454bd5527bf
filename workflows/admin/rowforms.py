"""One row of a net in the admin: a place, a task, a transition with its arcs, an arc.

Rows name each other by key, not by primary key: a transition may take from a place that is typed in
the same form and has no primary key yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from workflows.definition import FieldRight
from workflows.flowfile.keys import key_problem
from workflows.models import Arc, Place, Task, Transition
from workflows.net import ArcKind

from .arctext import MAX_WEIGHT, ArcsField, written
from .base import ModelForm

ARC_FIELDS: Mapping[str, ArcKind] = {
    "inputs": ArcKind.INPUT,
    "outputs": ArcKind.OUTPUT,
    "reads": ArcKind.READ,
    "inhibitors": ArcKind.INHIBITOR,
    "resets": ArcKind.RESET,
}
"""The text field of a transition's row for each kind of arc."""


def _short(placeholder: str = "", suggestions: str = "") -> forms.TextInput:
    """Return a text input for code: no autocorrection; `suggestions` is the id of a datalist."""
    attributes = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
    if placeholder:
        attributes["placeholder"] = placeholder
    if suggestions:
        attributes["list"] = suggestions
    return forms.TextInput(attributes)


def _code(rows: int = 2, placeholder: str = "") -> forms.Textarea:
    return forms.Textarea(
        {"rows": rows, "cols": 24, "spellcheck": "false", "placeholder": placeholder}
    )


class RowForm(ModelForm[Any]):
    """A row among all the rows of its version, which `RowSet` compares with each other.

    Asking the database about each of them would cost statements for every row, and refuse two rows
    that swap their keys.
    """

    def validate_unique(self) -> None:
        """Leave it to the formset."""


class KeyedForm(RowForm):
    """A row with a key of its own."""

    def clean_key(self) -> str:
        """Refuse a new key that a flow file could not hold; one that is there already may stay."""
        key: str = self.cleaned_data["key"]
        if "key" in self.changed_data and (problem := key_problem(key)):
            raise ValidationError(problem[0].upper() + problem[1:] + ".")
        return key


def _object(value: Any) -> dict[str, Any]:
    """Return the value of a JSON field that must be an object.

    Raises:
        ValidationError: it is a list, a text or a number.
    """
    if not isinstance(value, dict):
        raise ValidationError(_("This must be an object: {…}."))
    return value


class PlaceForm(KeyedForm):
    class Meta:
        model = Place
        fields = ("key", "title")
        widgets = {"key": _short("submitted"), "title": forms.TextInput}


class TaskForm(KeyedForm):
    class Meta:
        model = Task
        fields = ("key", "title", "kind", "due", "assign", "otherwise", "form", "seats", "options")
        widgets = {
            "key": _short("review"),
            "title": forms.TextInput,
            "due": _short("2 working days"),
            "assign": _code(2, "manager(requester)"),
            "otherwise": _code(1, 'group("hr")'),
            "form": _code(4, '{"amount": "read"}'),
            "seats": _code(2),
            "options": _code(2),
        }

    def clean_form(self) -> dict[str, str]:
        rights = _object(self.cleaned_data["form"])
        for name, right in rights.items():
            if right not in [known.value for known in FieldRight]:
                raise ValidationError(
                    _("What may be done with “%(name)s” is one of hidden, read, edit."),
                    params={"name": name},
                )
        return rights

    def clean_seats(self) -> dict[str, Any]:
        return _object(self.cleaned_data["seats"])

    def clean_options(self) -> dict[str, Any]:
        return _object(self.cleaned_data["options"])


class TransitionForm(KeyedForm):
    """A transition; its arcs may be written as text in its own row, or as rows below."""

    task_key = forms.CharField(
        label=_("task"),
        required=False,
        max_length=80,
        widget=_short(suggestions="net-tasks"),
        help_text=_("Empty: the transition fires by itself."),
    )
    inputs = ArcsField(label=_("from"), widget=_short("submitted", "net-places"))
    outputs = ArcsField(label=_("to"), widget=_short("approved", "net-places"))
    reads = ArcsField(label=_("reads"), widget=_short(suggestions="net-places"))
    inhibitors = ArcsField(label=_("inhibitors"), widget=_short(suggestions="net-places"))
    resets = ArcsField(
        label=_("resets"), widget=_short(suggestions="net-places"), has_weights=False
    )

    class Meta:
        model = Transition
        fields = ("key", "title", "outcome", "guard", "assignments", "priority", "is_default")
        widgets = {
            "key": _short("approve"),
            "title": forms.TextInput,
            "outcome": _short("approve"),
            "guard": _code(2, "amount > 1000"),
            "assignments": _code(2, '{"decision": "\'approved\'"}'),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance: Transition | None = kwargs.get("instance")
        if instance is not None and instance.pk:
            kwargs["initial"] = {**row_texts(instance), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean_assignments(self) -> dict[str, str]:
        assignments = _object(self.cleaned_data["assignments"])
        for name, source in assignments.items():
            if not isinstance(source, str):
                raise ValidationError(
                    _("What “%(name)s” is set to is an expression, written as text in quotes."),
                    params={"name": name},
                )
        return assignments

    @property
    def changed_arc_kinds(self) -> frozenset[ArcKind]:
        """The kinds of arcs that were typed anew in this row."""
        return frozenset(kind for name, kind in ARC_FIELDS.items() if name in self.changed_data)


def row_texts(transition: Transition) -> dict[str, str]:
    """Return what the row of a saved transition says; its arcs with their places are prefetched."""
    arcs: dict[str, dict[str, int]] = {kind: {} for kind in ArcKind}
    for arc in transition.arcs.all():
        arcs[arc.kind][arc.place.key] = arc.weight
    texts = {name: written(arcs[kind]) for name, kind in ARC_FIELDS.items()}
    return {**texts, "task_key": transition.task.key if transition.task else ""}


class ArcForm(RowForm):
    transition_key = forms.CharField(
        label=_("transition"), max_length=80, widget=_short(suggestions="net-transitions")
    )
    place_key = forms.CharField(
        label=_("place"), max_length=80, widget=_short(suggestions="net-places")
    )

    weight = forms.IntegerField(min_value=1, max_value=MAX_WEIGHT, initial=1)

    class Meta:
        model = Arc
        fields = ("kind", "weight")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance: Arc | None = kwargs.get("instance")
        if instance is not None and instance.pk:
            keys = {"transition_key": instance.transition.key, "place_key": instance.place.key}
            kwargs["initial"] = {**keys, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def _get_validation_exclusions(self) -> set[str]:
        # The field has checked the weight; the table's constraint would cost a statement a row.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"weight"}
