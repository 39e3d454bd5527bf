"""People are told behind the step, by a worker: what that costs, and that nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from approvals import services
from approvals.models import Notice, NoticeKind, Request
from approvals.notifications import writing
from approvals.notifications.wanting import TELL_HANDLER
from tests import factories
from tests.approvals.conftest import decide, line, make_claim, tell
from workflows import engine, store
from workflows.jobs.worker import Worker
from workflows.listeners import case_listeners
from workflows.models import Case, FlowVersion, Job, JobState


def tellings() -> Any:
    return Job.objects.filter(handler=TELL_HANDLER)


def make_members(group: str, count: int) -> None:
    users = [User(username=f"member{n}", email=f"member{n}@example.com") for n in range(count)]
    User.objects.bulk_create(users, batch_size=500)
    pk = Group.objects.get(name=group).pk
    members = User.objects.filter(username__startswith="member").values_list("pk", flat=True)
    User.groups.through.objects.bulk_create(
        [User.groups.through(user_id=user, group_id=pk) for user in members], batch_size=500
    )


def statements_of(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    return [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"].upper()]


def statements_of_approval(claim: Request, ben: User) -> list[str]:
    item = factories.open_item(claim.case, "manager_review")
    return statements_of(lambda: engine.complete(item.pk, by=ben, outcome="approve"))


@pytest.fixture
def new_claim(expense_flow: FlowVersion, ada: User) -> Callable[[], Request]:
    """Return a claim of Ada's, which Ben approves before Finance checks it."""
    return lambda: services.submit(make_claim(ada, expense_flow, line("2000.00")), by=ada)


def test_a_step_is_told_when_a_worker_has_run(submitted_leave: Request, ben: User) -> None:
    assert not Notice.objects.exists()
    tell()
    assert Notice.objects.get().recipient == ben


def test_a_step_costs_the_same_for_a_group_of_five_and_of_five_thousand(
    new_claim: Callable[[], Request], ben: User
) -> None:
    first, second, third = new_claim(), new_claim(), new_claim()
    statements_of_approval(first, ben)
    make_members("finance", 3)
    few = statements_of_approval(second, ben)
    User.objects.filter(username__startswith="member").delete()
    make_members("finance", 4_998)

    assert len(statements_of_approval(third, ben)) == len(few)


def test_telling_adds_no_statement_to_a_step_that_writes_jobs_anyway(
    submitted_leave: Request, ada: User, ben: User, settings: Any
) -> None:
    def resubmit() -> list[str]:
        """The manager's work comes with reminders and a timer."""
        decide(submitted_leave, ben, "manager_review", "return", "Not yet.")
        item = factories.open_item(submitted_leave.case, "correct")
        return statements_of(lambda: engine.complete(item.pk, by=ada, outcome="resubmit"))

    heard = len(resubmit())
    settings.GOFLOW_CASE_LISTENERS = ["approvals.listeners.RequestListener"]
    case_listeners.cache_clear()
    try:
        silent = len(resubmit())
    finally:
        case_listeners.cache_clear()
    assert heard == silent


def test_a_step_that_concerns_nobody_leaves_no_job(
    new_claim: Callable[[], Request], ben: User, carl: User
) -> None:
    claim = new_claim()
    decide(claim, ben, "manager_review", "approve")
    before = tellings().count()
    item = factories.open_item(claim.case, "finance_check")
    engine.claim(item.pk, by=carl)
    engine.release(item.pk, by=carl)
    assert tellings().count() == before


def test_a_group_of_five_thousand_is_told_in_bulk(
    new_claim: Callable[[], Request], ben: User
) -> None:
    make_members("finance", 4_998)
    decide(new_claim(), ben, "manager_review", "approve")
    statements = statements_of(tell)

    assert Notice.objects.filter(kind=NoticeKind.OFFERED).count() == 5_000
    inserts = [sql for sql in statements if 'INTO "approvals_notice"' in sql.replace("`", '"')]
    # SQLite takes at most 999 parameters in one statement: 124 rows of eight columns.
    assert len(inserts) == (50 if connection.vendor == "sqlite" else 10)


def test_telling_again_tells_nobody_twice(submitted_leave: Request) -> None:
    tell()
    before = (Notice.objects.count(), Job.objects.count())
    tellings().update(state=JobState.DUE)
    tell()
    assert (Notice.objects.count(), Job.objects.count()) == before


def test_a_worker_that_dies_before_telling_loses_no_notice(
    submitted_leave: Request, ben: User
) -> None:
    over = timedelta(seconds=-1)
    [job] = store.take_jobs(worker="dead", lease=over, keys=[tellings().get().key])
    assert not Notice.objects.exists()
    store.free_expired()

    Worker().work([job.key])
    assert Notice.objects.get().recipient == ben


def test_a_worker_that_dies_between_two_batches_is_followed_by_one_that_tells_the_rest(
    new_claim: Callable[[], Request], ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(new_claim(), ben, "manager_review", "approve")
    monkeypatch.setattr(writing, "PEOPLE_AT_ONCE", 1)
    write, batches = writing._write, []

    def die_in_the_second(*batch: Any) -> None:
        batches.append(batch)
        if len(batches) > 1:
            raise SystemExit
        write(*batch)

    monkeypatch.setattr(writing, "_write", die_in_the_second)
    with pytest.raises(SystemExit):
        tell()
    assert Notice.objects.count() == 1
    monkeypatch.setattr(writing, "_write", write)
    Job.objects.filter(state=JobState.RUNNING).update(state=JobState.DUE)
    tell()
    assert {n.recipient.username for n in Notice.objects.all()} == {"carl", "cleo"}


def test_nobody_is_told_of_work_that_was_done_before_the_worker_ran(
    new_claim: Callable[[], Request], ben: User, carl: User, cleo: User
) -> None:
    claim = new_claim()
    decide(claim, ben, "manager_review", "approve")
    decide(claim, carl, "finance_check", "reject", "Not ours")
    tell()
    assert not Notice.objects.filter(recipient__in=[ben, carl, cleo]).exists()


def test_work_that_is_done_while_people_are_told_of_it_counts_as_read(
    new_claim: Callable[[], Request],
    ben: User,
    carl: User,
    cleo: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim = new_claim()
    decide(claim, ben, "manager_review", "approve")
    write = writing._write

    def write_late(*batch: Any) -> None:
        monkeypatch.setattr(writing, "_write", write)
        decide(claim, carl, "finance_check", "approve")
        tell()
        write(*batch)

    monkeypatch.setattr(writing, "_write", write_late)
    tell()
    unread = Notice.objects.of(cleo).unread()
    assert [notice.parts["task"] for notice in unread] == ["Pay the claim"]


def test_who_takes_work_before_the_worker_ran_is_not_told_of_it(
    new_claim: Callable[[], Request], ben: User, carl: User, cleo: User
) -> None:
    claim = new_claim()
    decide(claim, ben, "manager_review", "approve")
    engine.claim(factories.open_item(claim.case, "finance_check").pk, by=carl)
    tell()
    assert [notice.recipient for notice in Notice.objects.all()] == [cleo]


def test_work_handed_on_twice_is_told_to_who_has_it(
    submitted_leave: Request, ben: User, gina: User, eve: User
) -> None:
    item = factories.open_item(submitted_leave.case, "manager_review")
    engine.transfer(item.pk, by=ben, to=gina)
    engine.transfer(item.pk, by=gina, to=eve)
    tell()
    transferred = Notice.objects.filter(kind=NoticeKind.TRANSFERRED)
    assert [notice.recipient for notice in transferred] == [eve]


def test_steps_in_one_moment_of_the_clock_are_told_apart(
    submitted_leave: Request, ada: User, ben: User
) -> None:
    # As if the clock had been set back by an hour since: it does not tell the next steps apart.
    Case.objects.update(changed_at=F("changed_at") + timedelta(hours=1))
    for _ in range(2):
        decide(submitted_leave, ben, "manager_review", "return", "Not yet.")
        decide(submitted_leave, ada, "correct", "resubmit")
    tellings().update(due_at=submitted_leave.submitted_at)
    tell()
    reviews = submitted_leave.case.work_items.filter(task__key="manager_review").order_by("pk")
    assert [n.work_item for n in Notice.objects.of(ben)] == [reviews.last()]
    assert len(set(reviews.values_list("opened_at", flat=True))) == 3
