"""A published version never changes, whoever writes."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django_fsm import TransitionNotAllowed

from workflows import store
from workflows.models import Arc, FlowVersion, Place, Task, Transition


@pytest.mark.parametrize("model", [Place, Task, Transition, Arc])
def test_the_database_refuses_to_remove_a_row_of_a_published_net(leave_flow, model):
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.filter(version=leave_flow).first().delete()


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Place, {"title": "Elsewhere"}),
        (Task, {"assign": 'user("finn")'}),
        (Transition, {"guard": ""}),
        (Arc, {"weight": 2}),
    ],
)
def test_the_database_refuses_to_change_a_row_of_a_published_net(leave_flow, model, change):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        model.objects.filter(version=leave_flow).update(**change)


def test_the_database_refuses_a_new_row_in_a_published_net(leave_flow):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Place.objects.create(version=leave_flow, key="late")


def test_the_database_refuses_a_published_version_back_to_draft(leave_flow):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        FlowVersion.objects.filter(pk=leave_flow.pk).update(state="draft")


def test_the_database_refuses_another_schema_for_a_published_version(leave_flow):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        FlowVersion.objects.filter(pk=leave_flow.pk).update(data_schema={"type": "object"})


def test_a_draft_may_change(leave_flow):
    draft = store.save_draft(store.definition_of(leave_flow), by=None)

    Place.objects.filter(version=draft, key="end").update(title="Done")

    assert Place.objects.get(version=draft, key="end").title == "Done"


def test_a_versions_state_cannot_be_written_around_its_life_cycle(leave_flow):
    with pytest.raises(AttributeError):
        leave_flow.state = "draft"


def test_a_retired_version_is_not_published_again(leave_flow):
    leave_flow.retire()

    with pytest.raises(TransitionNotAllowed):
        leave_flow.publish(at=leave_flow.published_at)
