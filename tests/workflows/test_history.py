"""The history: sealed, append-only, and enough to find the marking again."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import expense_data, open_item
from workflows import engine, guards, history
from workflows.models import Case, Event


@pytest.fixture
def case(expense_flow, ada, ben, carl) -> Case:
    case = engine.start("expense", by=ada, data=expense_data(total=2000))
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve", comment="好")
    engine.claim(open_item(case, "finance_check").pk, by=carl)
    engine.complete(open_item(case, "finance_check").pk, by=carl, outcome="approve")
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def unguarded(transactional_db, case):
    """What somebody with the rights of the database's owner can do. Real commits: on MariaDB, DDL
    ends a transaction."""
    guards.remove(connection)
    yield
    guards.install(connection)


def test_the_history_of_a_case_verifies_and_replays_to_its_marking(case):
    assert history.verify_case(case) == []
    assert history.replay(case) == case.marking


def test_the_events_of_a_case_are_numbered_without_a_gap(case):
    numbers = list(case.events.values_list("sequence", flat=True))

    assert numbers == list(range(1, case.history_length + 1))


def test_the_database_refuses_to_change_an_event(case):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(case=case, sequence=2).update(kind="cancelled")


def test_the_database_refuses_to_remove_an_event(case):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(case=case, sequence=2).delete()


def test_a_changed_event_is_found(case, unguarded):
    Event.objects.filter(case=case, sequence=3).update(payload={"comment": "I never said that"})

    assert history.verify_case(case) == [
        f"case {case.pk}, event 3: it was changed after it was written."
    ]


def test_an_event_that_was_changed_and_sealed_anew_is_found(case, unguarded):
    event = Event.objects.get(case=case, sequence=3)
    event.payload = {"comment": "I never said that"}
    event.hash = history.hash_of(event)
    event.save()

    assert history.verify_case(case) == [
        f"case {case.pk}, event 4: it does not follow from the event before it."
    ]


def test_a_removed_event_is_found(case, unguarded):
    Event.objects.filter(case=case, sequence=2).delete()

    assert "event 2 is missing" in history.verify_case(case)[0]


def test_a_cut_tail_is_found(case, unguarded):
    Event.objects.filter(case=case, sequence=case.history_length).delete()

    assert "ends before" in history.verify_case(case)[0]


def test_a_marking_changed_by_hand_is_found(case):
    Case.objects.filter(pk=case.pk).update(marking={"end": 1})

    assert "replay gives" in history.verify_case(Case.objects.get(pk=case.pk))[0]
