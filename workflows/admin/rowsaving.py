"""The rows of a net, saved in the one order in which each finds what it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Concat

from workflows.models import Arc, FlowVersion, Place, Task, Transition

from .rowforms import ARC_FIELDS, TransitionForm
from .rowsets import Form, RowSet

RowSets = Mapping[type[models.Model], RowSet]


def save_rows(version: FlowVersion, rows: RowSets) -> None:
    """Save the four validated formsets of `version`; to be called in a transaction."""
    # Writes nothing: fills the lists of new, changed and deleted objects for the admin's log.
    for formset in rows.values():
        formset.save(commit=False)
    for model in (Place, Task, Transition):
        _free_keys(model, rows[model])
    _save_nodes(rows[Place])
    _save_nodes(rows[Task])
    _save_transitions(rows)
    _save_arcs(version, rows)
    _save_typed_arcs(version, rows)
    # Last: deleting a task takes its transitions along, and by now they may belong to another.
    for model in (Transition, Task, Place):
        model.objects.filter(pk__in=[row.pk for row in rows[model].deleted_objects]).delete()


def _free_keys(model: type[Place | Task | Transition], formset: RowSet) -> None:
    """Take their keys from rows that go or are renamed: two that swap would collide else."""
    going = [row.pk for row in formset.deleted_objects]
    renamed = [form for form in formset.kept if form.instance.pk and "key" in form.changed_data]
    # No key that a form accepts begins with this sign.
    free = Concat(Value("~"), Cast("pk", models.CharField()))
    model.objects.filter(pk__in=going + _keys(renamed)).update(key=free)


def _save_nodes(formset: RowSet) -> None:
    """Save new and changed rows; new ones come after those that are there."""
    last = max((form.instance.order for form in formset.kept if form.instance.pk), default=-1)
    for form in formset.kept:
        if form.instance.pk is None:
            last += 1
            form.instance.order = last
        if form.has_changed():
            form.instance.save()


def _save_transitions(rows: RowSets) -> None:
    formset = rows[Transition]
    changed = [form for form in formset.kept if form.has_changed()]
    # Two rows that swap their outcomes would collide on the way: first they all let go of theirs.
    going = [row.pk for row in formset.deleted_objects]
    Transition.objects.filter(pk__in=going + _keys(changed)).update(task=None)
    for form in changed:
        task = formset.task_row(form)  # type: ignore[attr-defined]
        form.instance.task = task.instance if task else None
    _save_nodes(formset)


def _save_arcs(version: FlowVersion, rows: RowSets) -> None:
    """Write the arc rows that were touched: deleted and made anew, so that swaps do not collide."""
    places, transitions = rows[Place].by_key(), rows[Transition].by_key()
    formset = rows[Arc]
    changed = [form for form in formset.kept if form.has_changed()]
    gone = [row.pk for row in formset.deleted_objects] + _keys(changed)
    Arc.objects.filter(pk__in=gone).delete()
    Arc.objects.bulk_create(
        Arc(
            version=version,
            transition=transitions[form.cleaned_data["transition_key"]].instance,
            place=places[form.cleaned_data["place_key"]].instance,
            kind=form.cleaned_data["kind"],
            weight=form.cleaned_data["weight"],
        )
        for form in changed
    )


def _save_typed_arcs(version: FlowVersion, rows: RowSets) -> None:
    """Replace the arcs that were typed in the rows of their transitions."""
    places = rows[Place].by_key()
    arcs: list[Arc] = []
    replaced = models.Q(pk__in=[])
    for form in rows[Transition].kept:
        for field, kind in ARC_FIELDS.items():
            if not isinstance(form, TransitionForm) or field not in form.changed_data:
                continue
            replaced |= models.Q(transition=form.instance, kind=kind)
            arcs += [
                Arc(
                    version=version,
                    transition=form.instance,
                    place=places[place].instance,
                    kind=kind,
                    weight=weight,
                )
                for place, weight in form.cleaned_data[field].items()
            ]
    Arc.objects.filter(replaced, version=version).delete()
    Arc.objects.bulk_create(arcs)


def _keys(forms: list[Form]) -> list[Any]:
    return [form.instance.pk for form in forms if form.instance.pk]
