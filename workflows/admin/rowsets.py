"""The rows of a net as a whole: what they must be to each other before any of them is saved.

The four formsets of a version know each other (`siblings`) and are validated in the order places,
tasks, transitions, arcs: each looks at the keys that those before it have submitted.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from workflows.flowfile.problems import did_you_mean
from workflows.models import Place, Task, Transition

from .base import BaseInlineFormSet, ModelForm
from .rowforms import ARC_FIELDS, TransitionForm

Form = ModelForm[Any]
ArcKinds = tuple[str | None, str | None]
"""A transition's key and a kind: its arcs of that kind."""


class RowSet(BaseInlineFormSet[Any, Any, Form]):
    """The rows of one kind."""

    siblings: Mapping[type[models.Model], RowSet] = {}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the hidden primary key: looked up among the version's rows, not row by row."""
        super().add_fields(form, index)
        if "id" in form.fields:
            pk = form.instance.pk
            form.fields["id"] = forms.IntegerField(
                initial=pk, required=False, widget=forms.HiddenInput
            )

    def clean(self) -> None:
        """Refuse rows that were there when the page was made and are not now."""
        super().clean()
        for form in self.initial_forms:
            # Django takes such a row for a new one, which would bring back what was deleted.
            if form.instance.pk is None and not self.is_leaving(form):
                form.add_error(
                    None, _("Somebody has deleted this row meanwhile: load the page anew.")
                )

    def is_leaving(self, form: Form) -> bool:
        return bool(self.can_delete and getattr(form, "cleaned_data", {}).get("DELETE"))

    @property
    def kept(self) -> list[Form]:
        """The rows that the version will have: those there, those typed, less the deleted."""
        return [
            form
            for form in self.forms
            if not self.is_leaving(form) and (form.instance.pk or form.has_changed())
        ]

    def by_key(self) -> dict[str, Form]:
        """Return the kept rows by the key they will have; a row with a wrong key is left out."""
        found: dict[str, Form] = {}
        for form in self.kept:
            key = getattr(form, "cleaned_data", {}).get("key")
            if key:
                found.setdefault(key, form)
        return found

    def sibling(self, model: type[models.Model]) -> RowSet:
        return self.siblings[model]


class TransitionRowSet(RowSet):
    def clean(self) -> None:
        """Check what a row names: its task, its outcome, its places."""
        super().clean()
        places = self.sibling(Place).by_key()
        tasks = self.sibling(Task).by_key()
        outcomes: dict[tuple[str, str], Form] = {}
        for form in self.kept:
            cleaned = getattr(form, "cleaned_data", {})
            _check_node_key(form, cleaned.get("key"), places)
            _check_places(form, cleaned, places)
            task = self._check_task(form, cleaned, tasks)
            if task and "outcome" in cleaned:
                _check_outcome(form, (task, cleaned["outcome"]), outcomes)

    def task_row(self, form: Form) -> Form | None:
        """Return the row of the task that a transition belongs to, which may be new or renamed."""
        key = form.cleaned_data.get("task_key")
        if not key:
            return None
        tasks = self.sibling(Task)
        if "task_key" not in form.changed_data and form.instance.task_id:
            return next(
                (row for row in tasks.kept if row.instance.pk == form.instance.task_id), None
            )
        return tasks.by_key().get(key)

    def _check_task(
        self, form: Form, cleaned: Mapping[str, Any], tasks: Mapping[str, Form]
    ) -> str | None:
        """Return the key of the row's task, where there is one."""
        key: str | None = cleaned.get("task_key")
        if not key:
            return None
        row = self.task_row(form)
        if row is not None:
            return str(getattr(row, "cleaned_data", {}).get("key", key))
        if "task_key" in form.changed_data:
            message = _("There is no task “%(key)s” in this version.") % {"key": key}
            form.add_error("task_key", message + did_you_mean(key, tasks))
        else:
            form.add_error(
                "task_key",
                _("The task “%(key)s” is being deleted: name another, or delete this row too.")
                % {"key": key},
            )
        return None


class ArcRowSet(RowSet):
    def clean(self) -> None:
        """Check that every arc joins two nodes of the version, once, and is said in one place."""
        super().clean()
        transitions = self.sibling(Transition)
        places = self.sibling(Place)
        retyped = _retyped_arcs(transitions.kept)
        seen = self._untouched()
        for form in self.forms:
            if form.has_changed() or self.is_leaving(form):
                self._check_said_once(form, retyped)
        for form in self.kept:
            if form.has_changed() and not form.errors:
                self._check_end(form, "transition_key", transitions.by_key())
                self._check_end(form, "place_key", places.by_key())
            # A field with an error has left the cleaned data.
            if form.has_changed() and not form.errors:
                self._check_once(form, seen)

    def _untouched(self) -> set[tuple[str, str, str]]:
        """Return the arcs that stay as they are, by the keys that their ends will have."""
        transitions = _new_keys(self.sibling(Transition).kept)
        places = _new_keys(self.sibling(Place).kept)
        return {
            (
                transitions[form.instance.transition_id],
                places[form.instance.place_id],
                form.instance.kind,
            )
            for form in self.kept
            if not form.has_changed()
            and form.instance.transition_id in transitions
            and form.instance.place_id in places
        }

    def _check_end(self, form: Form, field: str, known: Mapping[str, Form]) -> None:
        key: str = form.cleaned_data.get(field) or ""
        if not key or key in known:
            return
        what = _("transition") if field == "transition_key" else _("place")
        message = _("There is no %(what)s “%(key)s” in this version.") % {"what": what, "key": key}
        form.add_error(field, message + did_you_mean(key, known))

    def _check_once(self, form: Form, seen: set[tuple[str, str, str]]) -> None:
        cleaned = form.cleaned_data
        arc = (cleaned["transition_key"], cleaned["place_key"], cleaned["kind"])
        if arc in seen:
            form.add_error(None, _("This arc stands twice: give the first one a weight."))
        seen.add(arc)

    def _check_said_once(self, form: Form, retyped: Container[ArcKinds]) -> None:
        """Refuse a change of a row whose transition says the same kind of arcs anew itself."""
        before = (form.initial.get("transition_key"), form.initial.get("kind"))
        cleaned = getattr(form, "cleaned_data", {})
        after = (cleaned.get("transition_key"), cleaned.get("kind"))
        for transition, kind in (before, after):
            if (transition, kind) in retyped:
                field = next(name for name, each in ARC_FIELDS.items() if each == kind)
                label = TransitionForm.base_fields[field].label
                form.add_error(
                    None,
                    _(
                        "The arcs of “%(transition)s” were also changed in the field “%(field)s” "
                        "of its own row: change them in one place."
                    )
                    % {"transition": transition, "field": label},
                )
                return


def _check_node_key(form: Form, key: str | None, places: Mapping[str, Form]) -> None:
    if key and key in places:
        form.add_error("key", _("“%(key)s” is a place already.") % {"key": key})


def _check_places(form: Form, cleaned: Mapping[str, Any], places: Mapping[str, Form]) -> None:
    """Refuse newly typed arcs to places that the version does not have."""
    for field in ARC_FIELDS:
        if field not in form.changed_data:
            continue
        for place in cleaned.get(field) or ():
            if place not in places:
                message = _("There is no place “%(key)s” in this version.") % {"key": place}
                form.add_error(field, message + did_you_mean(place, places))
                break


def _check_outcome(
    form: Form, outcome: tuple[str, str], outcomes: dict[tuple[str, str], Form]
) -> None:
    if outcome in outcomes:
        task, name = outcome
        form.add_error(
            "outcome",
            _("The task “%(task)s” has the outcome “%(outcome)s” already.")
            % {"task": task, "outcome": name},
        )
    outcomes.setdefault(outcome, form)


def _new_keys(forms: Iterable[Form]) -> dict[int, str]:
    """Return primary key -> the key that the row will have."""
    return {
        form.instance.pk: getattr(form, "cleaned_data", {}).get("key", "")
        for form in forms
        if form.instance.pk
    }


def _retyped_arcs(transitions: Iterable[Form]) -> set[ArcKinds]:
    """Return (transition, kind) for the arcs that were typed as text; by old and by new key."""
    found: set[ArcKinds] = set()
    for form in transitions:
        if isinstance(form, TransitionForm):
            names = {form.initial.get("key"), getattr(form, "cleaned_data", {}).get("key")}
            found |= {(name, kind) for name in names - {None} for kind in form.changed_arc_kinds}
    return found
