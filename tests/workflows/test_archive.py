"""The archive: what moves there, and that nothing of it is lost, doubled or changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import grant, leave_data, open_item
from workflows import archiving, drawings, engine, history
from workflows.models import ArchivedEvent, Case, Event, Job, JobKind

YEAR = timedelta(days=366)


def told(case: Case) -> list[tuple[object, ...]]:
    """Return the whole history, wherever it lies."""
    names = ("sequence", "kind", "at", "actor", "work_item", "transition", "payload", "hash")
    return list(Case.objects.get(pk=case.pk).history.order_by("sequence").values_list(*names))


def let_years_pass(*cases: Case) -> None:
    old = [case.started_at - YEAR for case in cases]
    for case, at in zip(cases, old, strict=True):
        Case.objects.filter(pk=case.pk).exclude(ended_at=None).update(ended_at=at)


@pytest.fixture
def make_ended(leave_flow, ada, ben) -> Callable[[], Case]:
    """Start a request that is rejected, and ended more than a year ago."""

    def make() -> Case:
        case = engine.start("leave", by=ada, data=leave_data())
        engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="reject")
        Job.objects.filter(case=case).delete()
        let_years_pass(case)
        return Case.objects.get(pk=case.pk)

    return make


def test_an_old_case_has_the_same_history_in_the_archive(make_ended):
    case = make_ended()
    before, drawing = told(case), drawings.describe_case(case)

    call_command("archive", stdout=StringIO())

    case.refresh_from_db()
    assert told(case) == before
    assert drawings.describe_case(case) == drawing
    assert not Event.objects.filter(case=case).exists()
    assert ArchivedEvent.objects.filter(case=case).count() == case.history_length


def test_the_chain_of_an_archived_case_is_verified(make_ended):
    make_ended()
    call_command("archive", stdout=StringIO())
    said = StringIO()

    call_command("verify_history", stdout=said)
    assert "1 cases with" in said.getvalue()


def test_a_line_that_somebody_has_put_into_the_archive_is_found(make_ended):
    case = make_ended()
    call_command("archive", stdout=StringIO())
    last = ArchivedEvent.objects.filter(case=case).order_by("sequence").last()
    assert last is not None
    last.pk, last.sequence, last.previous_hash = 9_000_000_000, last.sequence + 1, last.hash
    last.save(force_insert=True)

    assert history.verify_case(Case.objects.get(pk=case.pk)) == [
        f"case {case.pk}, event {last.sequence}: it was changed after it was written."
    ]


def test_the_database_refuses_to_change_or_remove_an_archived_line(make_ended):
    case = make_ended()
    call_command("archive", stdout=StringIO())

    lines = ArchivedEvent.objects.filter(case=case)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        lines.update(transition="other")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        lines.delete()


def test_the_database_refuses_to_remove_a_line_that_the_archive_has_not(make_ended):
    case = make_ended()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(case=case).delete()


def test_what_runs_stands_still_or_has_ended_lately_stays(make_ended, leave_flow, ada, ben, gina):
    gina = grant(gina, "view_all_cases", "intervene_case")
    running, suspended, lately = (
        engine.start("leave", by=ada, data=leave_data()) for _ in range(3)
    )
    engine.suspend(suspended.pk, by=gina, reason="Wait")
    engine.complete(open_item(lately, "manager_review").pk, by=ben, outcome="reject")
    Job.objects.filter(case=lately).delete()
    call_command("archive", stdout=StringIO())

    assert not Case.objects.exclude(archived_at=None).exists()
    assert running.history.exists()


def test_a_case_stays_for_which_a_job_still_has_something_to_do(make_ended):
    case = make_ended()
    Job.objects.create(
        case=case,
        kind=JobKind.EFFECT,
        key="mail",
        due_at=case.started_at,
        created_at=case.started_at,
    )
    call_command("archive", stdout=StringIO())

    assert Event.objects.filter(case=case).exists()


def test_an_archive_that_is_broken_off_loses_and_doubles_nothing(make_ended, monkeypatch):
    cases = [make_ended() for _ in range(4)]
    before = [told(case) for case in cases]
    monkeypatch.setattr(archiving, "BATCH_SIZE", 2)
    database_now, calls = archiving.database_now, []

    def die_in_the_second_batch() -> object:
        """Between the lines' removal from one table and the end of the transaction."""
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return database_now()

    monkeypatch.setattr(archiving, "database_now", die_in_the_second_batch)
    with pytest.raises(KeyboardInterrupt):
        call_command("archive", stdout=StringIO())
    assert Case.objects.exclude(archived_at=None).count() == 2
    assert [told(case) for case in cases] == before

    call_command("archive", stdout=StringIO())
    assert Case.objects.exclude(archived_at=None).count() == 4
    assert [told(case) for case in cases] == before
    assert not Event.objects.filter(case__in=cases).exists()


def test_who_saw_a_case_sees_it_in_the_archive_and_others_do_not(make_ended, ada, ben, abe):
    case = make_ended()
    call_command("archive", stdout=StringIO())

    for person, sees in ((ada, True), (ben, True), (abe, False)):
        assert Case.objects.visible_to(person).filter(pk=case.pk).exists() is sees


def test_a_batch_costs_the_same_for_one_case_and_for_many(make_ended):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            call_command("archive", stdout=StringIO())
        return len(captured)

    make_ended()
    alone = statements()
    for _ in range(4):
        make_ended()

    assert statements() == alone


def test_a_dry_run_moves_nothing(make_ended):
    case, said = make_ended(), StringIO()
    call_command("archive", dry_run=True, stdout=said)

    assert "1 cases would be archived" in said.getvalue()
    assert Event.objects.filter(case=case).exists()


def test_days_that_are_too_few_for_idempotency_keys_are_refused(db):
    with pytest.raises(CommandError, match="at least 30"):
        call_command("archive", days=3)


def test_nothing_is_archived_where_the_setting_is_zero(make_ended, settings):
    settings.GOFLOW_ARCHIVE_DAYS = 0
    case = make_ended()
    call_command("archive", stdout=StringIO())

    assert Event.objects.filter(case=case).exists()
