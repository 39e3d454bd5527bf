"""What `manage.py purge` forgets, and what it keeps."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.management import call_command

from approvals.models import Notice, NoticeKind
from workflows.clock import database_now
from workflows.models import Event, IdempotencyRecord, Job, JobState
from workflows.purging import BATCH_SIZE


def make_notice(user: User, *, days: int, is_read: bool, number: int = 0) -> Notice:
    at = database_now() - timedelta(days=days)
    return Notice.objects.create(
        key=f"{days}/{is_read}/{number}",
        recipient=user,
        kind=NoticeKind.OFFERED,
        created_at=at,
        read_at=at if is_read else None,
    )


def make_record(user: User, *, days: int) -> IdempotencyRecord:
    record = IdempotencyRecord.objects.create(identity=f"{days}", user=user, fingerprint="f")
    IdempotencyRecord.objects.update(created_at=database_now() - timedelta(days=days))
    return record


def make_job(state: JobState, *, days: int) -> Job:
    at = database_now() - timedelta(days=days)
    key = f"{state}-{days}"
    return Job.objects.create(kind="effect", key=key, state=state, due_at=at, created_at=at)


def test_ended_jobs_go_and_those_that_somebody_waits_for_stay(db: None) -> None:
    make_job(JobState.DONE, days=31)
    make_job(JobState.CANCELLED, days=31)
    kept = [
        make_job(JobState.DONE, days=29),
        make_job(JobState.DUE, days=31),
        make_job(JobState.INCIDENT, days=31),
    ]
    call_command("purge", verbosity=0)
    assert set(Job.objects.all()) == set(kept)


def test_old_notices_go_when_they_are_read(ada: User) -> None:
    make_notice(ada, days=91, is_read=True)
    kept = [
        make_notice(ada, days=89, is_read=True),
        make_notice(ada, days=91, is_read=False),
    ]
    call_command("purge", verbosity=0)
    assert set(Notice.objects.all()) == set(kept)


def test_more_than_one_batch_goes(ada: User) -> None:
    at = database_now() - timedelta(days=100)
    Notice.objects.bulk_create(
        Notice(key=f"{n}", recipient=ada, kind="offered", created_at=at, read_at=at)
        for n in range(BATCH_SIZE + 1)
    )
    call_command("purge", verbosity=0)
    assert not Notice.objects.exists()


def test_answers_to_old_requests_go(ada: User) -> None:
    make_record(ada, days=31)
    call_command("purge", verbosity=0)
    assert not IdempotencyRecord.objects.exists()


def test_answers_to_requests_of_this_month_stay(ada: User) -> None:
    make_record(ada, days=29)
    call_command("purge", verbosity=0)
    assert IdempotencyRecord.objects.count() == 1


def test_a_dry_run_counts_and_deletes_nothing(ada: User, capsys: object) -> None:
    make_notice(ada, days=91, is_read=True)
    call_command("purge", dry_run=True)
    told = capsys.readouterr().out  # type: ignore[attr-defined]
    assert "1 would go: notices that have been read" in told
    assert Notice.objects.count() == 1


def test_history_is_kept(submitted_leave: object) -> None:
    events = Event.objects.count()
    call_command("purge", verbosity=0)
    assert Event.objects.count() == events > 0
