"""Cases that will not go on by themselves are found, with the reason; the others are left alone."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import leave_data, open_item, publish_flow
from workflows import engine
from workflows.models import Case, Job, WorkItem
from workflows.stuck import Stuck, find_stuck

LONG_AGO = timedelta(days=20)


@pytest.fixture
def leave(leave_flow, ada) -> Case:
    return engine.start("leave", by=ada, data=leave_data())


def found(**options) -> list[Stuck]:
    return find_stuck(Case.objects.all(), **options)


def troubles(**options) -> list[tuple[int, str]]:
    return [(stuck.case.pk, stuck.trouble) for stuck in found(**options)]


def age(case: Case, by: timedelta = LONG_AGO) -> None:
    then = timezone.now() - by
    case.work_items.update(opened_at=then)
    Case.objects.filter(pk=case.pk).update(changed_at=then)


def make_incident(case: Case, item: WorkItem) -> Job:
    return Job.objects.create(
        case=case,
        work_item=item,
        kind="service",
        key=f"test:{item.pk}",
        handler="tests.book",
        state="incident",
        attempts=5,
        last_error="The bank does not answer",
        due_at=timezone.now(),
        created_at=timezone.now(),
    )


def test_a_case_that_goes_on_is_not_stuck(leave):
    assert found() == []


def test_a_case_with_a_job_that_gave_up_is_stuck(leave):
    job = make_incident(leave, open_item(leave, "manager_review"))

    [stuck] = found()

    assert (stuck.trouble, stuck.job) == ("incident", job)
    assert "gave up after 5 tries: The bank does not answer" in stuck.reason


def test_a_failed_case_is_stuck_and_says_why(leave):
    Case.objects.filter(pk=leave.pk).update(state="failed", failure="It goes round.")

    [stuck] = found()

    assert (stuck.trouble, stuck.reason) == ("failed", "It goes round.")


def test_an_item_whose_only_candidate_has_left_is_for_nobody(leave, ben):
    ben.is_active = False
    ben.save()

    [stuck] = found()

    assert stuck.trouble == "nobody"
    assert stuck.reason == "“Decide on the leave”: nobody is left of Ben Baker."


def test_an_item_of_an_empty_group_is_for_nobody(leave, ben, eve):
    engine.complete(open_item(leave, "manager_review").pk, by=ben, outcome="approve")
    assert found() == []
    eve.groups.clear()

    [stuck] = found()

    assert stuck.reason == "“Record the leave”: nobody is left of group hr."


def test_an_item_of_a_group_of_which_all_others_are_excluded_is_for_nobody(leave, ben, eve):
    engine.complete(open_item(leave, "manager_review").pk, by=ben, outcome="approve")
    open_item(leave, "record").candidates.create(user=eve, is_excluded=True)

    assert troubles() == [(leave.pk, "nobody")]


def test_an_item_held_by_somebody_who_has_left_is_for_nobody(leave, ben, dana):
    item = open_item(leave, "manager_review")
    engine.transfer(item.pk, by=ben, to=dana)
    assert found() == []
    dana.is_active = False
    dana.save()

    [stuck] = found()

    assert stuck.reason == "“Decide on the leave”: Dana Diaz holds it and cannot act any more."


def test_that_nobody_is_left_to_withdraw_does_not_matter(leave, ada):
    ada.is_active = False
    ada.save()

    assert found() == []


def test_a_case_without_open_work_is_idle(leave):
    leave.work_items.filter(task__is_optional=False).update(state="withdrawn")

    assert troubles() == [(leave.pk, "idle")]


def test_an_item_that_has_been_open_for_long_is_no_progress(leave):
    age(leave)

    [stuck] = found()

    assert (stuck.trouble, stuck.item) == ("late", open_item(leave, "manager_review"))
    assert stuck.reason == "“Decide on the leave” has been open for more than 14 days."
    assert found(days=30) == []


def test_how_long_is_long_is_a_setting(leave, settings):
    age(leave, timedelta(days=3))
    assert found() == []
    settings.GOFLOW_STUCK_DAYS = 2

    assert troubles() == [(leave.pk, "late")]


def test_waiting_for_a_timer_is_no_standstill(company, ada):
    publish_flow(
        """
        flow: later
        data: {type: object, properties: {}}
        places: [start, end]
        tasks: {wait: {kind: timer, after: 90 days}}
        transitions: {due: {task: wait, outcome: due, from: start, to: end}}
        """
    )
    age(engine.start("later", by=ada, data={}))

    assert found() == []


def test_what_is_told_for_a_better_reason_is_not_told_as_late(leave, ben):
    age(leave)
    ben.is_active = False
    ben.save()

    assert troubles() == [(leave.pk, "nobody")]


def test_a_case_that_was_suspended_long_ago_is_stuck(leave, admin):
    engine.suspend(leave.pk, by=admin, reason="Audit")
    assert found() == []
    age(leave)

    assert troubles() == [(leave.pk, "suspended")]


def test_a_closed_case_is_not_stuck(leave, admin, ben):
    engine.cancel(leave.pk, by=admin, reason="Twice")
    age(leave)
    ben.is_active = False
    ben.save()

    assert found() == []


def test_only_the_given_cases_are_looked_at(leave, abe):
    other = engine.start("leave", by=abe, data=leave_data())
    age(leave)
    age(other)

    assert [s.case.pk for s in find_stuck(Case.objects.filter(pk=other.pk))] == [other.pk]


def test_the_oldest_trouble_comes_first(leave, abe):
    other = engine.start("leave", by=abe, data=leave_data())
    age(leave, timedelta(days=20))
    age(other, timedelta(days=40))

    assert [case for case, _ in troubles()] == [other.pk, leave.pk]


def test_no_more_of_each_trouble_are_told_than_asked_for_and_those_the_oldest(leave, abe, ada):
    younger, suspended = (engine.start("leave", by=who, data=leave_data()) for who in (abe, ada))
    age(leave, timedelta(days=40))
    age(younger, timedelta(days=20))
    Case.objects.filter(pk=suspended.pk).update(state="suspended")
    age(suspended, timedelta(days=30))

    assert troubles(most=1) == [(leave.pk, "late"), (suspended.pk, "suspended")]


def test_what_is_told_for_a_better_reason_takes_no_place_of_what_is_late(leave, abe):
    other = engine.start("leave", by=abe, data=leave_data())
    item = open_item(leave, "manager_review")
    make_incident(leave, item)
    age(leave, timedelta(days=40))
    age(other)

    assert troubles(most=1) == [(other.pk, "late"), (leave.pk, "incident")]


def test_finding_costs_the_same_for_one_case_and_for_twenty(leave, ada):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            found()
        return len(captured)

    age(leave)
    make_incident(leave, open_item(leave, "manager_review"))
    Case.objects.filter(pk=engine.start("leave", by=ada, data=leave_data()).pk).update(
        state="failed"
    )
    one = statements()
    for _ in range(20):
        case = engine.start("leave", by=ada, data=leave_data())
        age(case)
        make_incident(case, open_item(case, "manager_review"))
    for _ in range(5):
        age(engine.start("leave", by=ada, data=leave_data()))

    assert one <= statements() <= 10


def test_the_command_lists_what_is_stuck_and_exits_with_one(leave):
    out = StringIO()
    call_command("find_stuck", stdout=out)
    assert out.getvalue() == "No case is stuck.\n"
    age(leave)

    with pytest.raises(CommandError, match="1 cases are stuck"):
        call_command("find_stuck", stdout=out)

    assert f"(leave, case {leave.pk})  No progress: “Decide on the leave”" in out.getvalue()


def test_the_command_takes_the_days(leave):
    age(leave)

    call_command("find_stuck", "--days=30", stdout=StringIO())
