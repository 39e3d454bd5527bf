"""Timers: never early, once, and a branch of the net like any other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from tests.factories import open_item, publish_flow
from workflows import engine, history, store
from workflows.clock import database_now
from workflows.jobs.worker import Worker
from workflows.models import Case, CaseState, Event, Job, JobKind, JobState, WorkItem, WorkItemState

ESCALATION = """
flow: ask
data: {type: object, properties: {until: {type: string, format: date-time}}}
places: [start, asked, raised, end]
tasks:
  answer: {kind: human, assign: manager(requester)}
  patience: {kind: timer, title: Patience, after: 2 hours}
  answer_above: {kind: human, assign: "manager(requester, 2)"}
transitions:
  submit: {from: start, to: asked}
  answered: {task: answer, outcome: answer, from: asked, to: end}
  escalate: {task: patience, outcome: due, from: asked, to: raised}
  answered_above: {task: answer_above, outcome: answer, from: raised, to: end}
"""

REPEAT = """
flow: nag
data: {type: object}
places: [start, ringing, watching, end]
tasks:
  bell: {kind: timer, every: 1 hour}
  stop: {kind: human, assign: requester}
transitions:
  submit: {from: start, to: [ringing, watching]}
  ring: {task: bell, outcome: due, from: ringing, to: ringing}
  stopped: {task: stop, outcome: stop, from: watching, to: end, resets: ringing}
"""


def start(flow: str, *, by: User, **data: object) -> Case:
    return engine.start(flow, by=by, data=data)


def timer() -> Job:
    return Job.objects.get(kind=JobKind.TIMER, state=JobState.DUE)


def let_pass(length: timedelta) -> datetime:
    """Move the timer and its item into the past, as if so much time had gone by."""
    job = timer()
    due_at = job.due_at - length
    Job.objects.filter(pk=job.pk).update(due_at=due_at)
    WorkItem.objects.filter(pk=job.work_item_id).update(due_at=due_at)
    return due_at


@pytest.fixture
def asked(company, ada) -> Case:
    publish_flow(ESCALATION)
    return start("ask", by=ada)


def test_a_timer_that_is_due_takes_its_branch(asked):
    let_pass(timedelta(hours=2))

    Worker().work_once()

    assert open_item(asked, "answer_above")
    assert Event.objects.get(case=asked, transition="escalate").actor is None
    assert history.verify_case(Case.objects.get(pk=asked.pk)) == []


def test_a_timer_does_not_ring_early(asked):
    let_pass(timedelta(hours=1, minutes=59))

    assert Worker().work_once() is False


def test_a_timer_taken_early_by_mistake_does_not_ring(asked):
    """The moment is looked at again behind the lock on the case."""
    job = timer()
    Job.objects.filter(pk=job.pk).update(due_at=database_now() - timedelta(seconds=1))
    taken = store.take_jobs(worker="w", lease=timedelta(seconds=60))[0]
    Job.objects.filter(pk=job.pk).update(due_at=job.due_at)

    Worker().run(taken)

    assert open_item(asked, "answer")


def test_who_answers_in_time_stops_the_timer(asked, ben):
    engine.complete(open_item(asked, "answer").pk, by=ben, outcome="answer")

    assert Job.objects.get(kind=JobKind.TIMER).state == JobState.CANCELLED
    assert Worker().work_once() is False


def test_the_timer_withdraws_what_it_takes_the_place_of(asked):
    let_pass(timedelta(hours=2))

    Worker().work_once()

    item = WorkItem.objects.get(case=asked, task__key="answer")
    assert item.state == WorkItemState.WITHDRAWN


def test_a_timer_of_a_suspended_case_rings_when_it_goes_on(asked, admin):
    engine.suspend(asked.pk, by=admin, reason="Audit")
    let_pass(timedelta(hours=2))
    assert Worker().work_once() is False

    engine.resume(asked.pk, by=admin, reason="Done")
    Worker().work_once()

    assert open_item(asked, "answer_above")


def test_a_timer_at_a_moment_of_the_data_rings_then(company, ada):
    publish_flow(ESCALATION.replace("after: 2 hours", "at: until"))
    until = database_now() + timedelta(days=3)

    start("ask", by=ada, until=until)

    assert timer().due_at == until


def test_a_moment_that_has_passed_rings_at_once(company, ada):
    publish_flow(ESCALATION.replace("after: 2 hours", "at: until"))
    case = start("ask", by=ada, until=database_now() - timedelta(days=3))

    Worker().work_once()

    assert open_item(case, "answer_above")


def test_a_repeat_goes_on_from_when_it_was_due(company, ada):
    publish_flow(REPEAT)
    start("nag", by=ada)
    due_at = let_pass(timedelta(hours=1, minutes=10))

    Worker().work_once()

    assert timer().due_at == due_at + timedelta(hours=1)


def test_f18_a_repeat_that_was_missed_for_days_rings_once_and_then_in_the_future(company, ada):
    publish_flow(REPEAT)
    case = start("nag", by=ada)
    due_at = let_pass(timedelta(days=2))

    while Worker().work_once():
        pass

    assert Event.objects.filter(case=case, transition="ring").count() == 1
    assert database_now() < timer().due_at <= database_now() + timedelta(hours=1)
    assert (timer().due_at - due_at) % timedelta(hours=1) == timedelta(0)


def test_a_repeat_ends_with_its_case(company, ada):
    publish_flow(REPEAT)
    case = start("nag", by=ada)
    let_pass(timedelta(hours=1))
    Worker().work_once()

    engine.complete(open_item(case, "stop").pk, by=ada, outcome="stop")

    assert not Job.objects.unfinished().filter(kind=JobKind.TIMER).exists()
    assert Case.objects.get(pk=case.pk).state == CaseState.COMPLETED


def test_many_timers_that_are_due_ring_once_each(company, ada):
    publish_flow(ESCALATION)
    cases = [start("ask", by=ada) for _ in range(60)]
    Job.objects.filter(kind=JobKind.TIMER).update(due_at=database_now())

    while Worker().work_once():
        pass

    assert Event.objects.filter(transition="escalate").count() == len(cases)
