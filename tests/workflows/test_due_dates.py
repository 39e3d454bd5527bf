"""In whose working time something is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from approvals.models import Employee, Office
from tests.factories import leave_data, open_item, publish_flow
from workflows import engine
from workflows.calendars import first_moment, zone_of
from workflows.clock import database_now
from workflows.directory import PersonId, get_directory
from workflows.errors import EvaluationRefused
from workflows.expressions import Duration
from workflows.jobs.worker import Worker
from workflows.models import Case, Job, JobKind, JobState, WorkItem

FLOW = """
flow: ask
data: {{type: object, properties: {{}}}}
places: [start, asked, end]
tasks:
  answer: {{kind: human, assign: {assign}, {times}}}
transitions:
  submit: {{from: start, to: asked}}
  answered: {{task: answer, outcome: answer, from: asked, to: end}}
"""


def start(by: Any, *, assign: str, times: str) -> Case:
    publish_flow(FLOW.format(assign=assign, times=times))
    return engine.start("ask", by=by, data={})


def place(user: Any, zone: str) -> None:
    office = Office.objects.create(name=zone, time_zone=zone)
    Employee.objects.filter(user=user).update(office=office)


@pytest.fixture
def _far_apart(ada, ben):
    place(ada, "Pacific/Auckland")
    place(ben, "America/New_York")


def due_by(case: Case, person: Any, hours: int) -> datetime:
    """Return when so many working hours of a person have passed since the item opened."""
    calendar = get_directory().calendar(PersonId(person.pk))
    opened_at = open_item(case, "answer").opened_at
    return calendar.after(opened_at, Duration(working_time=timedelta(hours=hours)))


@pytest.mark.usefixtures("_far_apart")
def test_an_item_of_one_person_is_due_in_their_working_time(ada, ben):
    case = start(ada, assign="manager(requester)", times="due: 4 working hours")

    due_at = open_item(case, "answer").due_at
    assert due_at == due_by(case, ben, 4)
    assert 9 <= due_at.astimezone(zone_of("America/New_York")).hour <= 17


@pytest.mark.usefixtures("_far_apart")
def test_an_item_of_several_people_is_due_in_the_requesters_working_time(ada):
    case = start(ada, assign='"group(\\"finance\\")"', times="due: 4 working hours")

    assert open_item(case, "answer").due_at == due_by(case, ada, 4)


@pytest.mark.usefixtures("_far_apart")
def test_a_reminder_comes_in_the_working_time_of_who_is_asked(ada, ben):
    case = start(ada, assign="manager(requester)", times="remind: 2 working hours")

    assert Job.objects.get(case=case).due_at == due_by(case, ben, 2)


def test_two_working_days_never_end_at_a_weekend(leave_flow, ada):
    case = engine.start("leave", by=ada, data=leave_data())

    item = open_item(case, "manager_review")
    assert item.due_at - item.opened_at >= timedelta(days=2)
    assert item.due_at.astimezone(UTC).weekday() < 5


def test_a_due_date_that_no_calendar_holds_stops_the_step(company, ada):
    Office.objects.create(name="Closed", time_zone="UTC", weekdays="", is_default=True)

    with pytest.raises(EvaluationRefused, match="no office hours"):
        start(ada, assign="manager(requester)", times="due: 1 working hour")


REPEAT = """
flow: nag
data: {type: object}
places: [start, ringing, watching, end]
tasks:
  bell: {kind: timer, every: 1 day}
  stop: {kind: human, assign: requester}
transitions:
  submit: {from: start, to: [ringing, watching]}
  ring: {task: bell, outcome: due, from: ringing, to: ringing}
  stopped: {task: stop, outcome: stop, from: watching, to: end, resets: ringing}
"""


def test_f17_a_repeat_that_a_lost_hour_has_shifted_goes_on_at_its_own_hour(company, ada):
    """It rang at 03:00 on the day without 02:30; the next one is at 02:30 again."""
    publish_flow(REPEAT)
    place(ada, "Europe/Berlin")
    engine.start("nag", by=ada, data={})
    job = Job.objects.get(kind=JobKind.TIMER)
    due_at = datetime(2026, 3, 29, 1, tzinfo=UTC)
    Job.objects.filter(pk=job.pk).update(
        due_at=due_at, payload={"first_at": "2026-03-27T01:30:00+00:00"}
    )
    WorkItem.objects.filter(pk=job.work_item_id).update(due_at=due_at)

    Worker().work_once()

    again = Job.objects.get(kind=JobKind.TIMER, state=JobState.DUE)
    zone = zone_of("Europe/Berlin")
    day = again.due_at.astimezone(zone).date()
    assert again.due_at == first_moment(zone, day, time(2, 30))
    assert again.due_at > database_now()
    assert again.payload == {"first_at": "2026-03-27T01:30:00+00:00"}
