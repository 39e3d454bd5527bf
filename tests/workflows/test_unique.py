"""What the database itself holds to be one, whoever writes to it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests.factories import leave_data, open_item
from workflows import engine, store
from workflows.models import Candidate, Event, FlowVersion, Job


@pytest.fixture
def case(leave_flow, ada):
    return engine.start("leave", by=ada, data=leave_data())


def test_the_database_refuses_two_events_with_one_number(case):
    event = Event.objects.get(case=case, sequence=1)
    event.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


def test_the_database_refuses_one_candidate_twice(case, ben):
    item = open_item(case, "manager_review")

    with pytest.raises(IntegrityError), transaction.atomic():
        Candidate.objects.create(work_item=item, user=ben, is_excluded=True)


def test_the_database_refuses_two_versions_with_one_number(leave_flow):
    with pytest.raises(IntegrityError), transaction.atomic():
        FlowVersion.objects.create(flow=leave_flow.flow, number=leave_flow.number, title="Again")


def test_an_effect_that_is_asked_for_twice_is_one(db):
    for text in ("first", "second"):
        store.add_effect(handler="tests.tell", key="tell:1", payload={"text": text})

    assert Job.objects.get().payload == {"text": "first"}
