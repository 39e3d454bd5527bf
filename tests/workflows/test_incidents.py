"""Jobs that were given up: what an operator may do to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories import publish_flow
from workflows import engine, history, store
from workflows.engine import incidents
from workflows.errors import Conflict, InvalidData, NotAllowed, NotFound
from workflows.jobs import handlers
from workflows.jobs.handlers import Failed, ServiceCall
from workflows.jobs.worker import Worker
from workflows.models import Case, CaseState, Event, EventKind, Job, JobState

FLOW = """
flow: payer
data: {type: object, properties: {amount: {type: number}}, required: [amount]}
places: [start, paying, watching, end]
tasks:
  pay: {kind: service, title: Pay, handler: tests.pay, retry: {times: 0}}
  stop: {kind: human, title: Stop, assign: requester, optional: true}
transitions:
  submit: {from: start, to: [paying, watching]}
  paid: {task: pay, outcome: done, from: paying, to: end, resets: watching}
  unpaid: {task: pay, outcome: failed, from: paying, to: end, resets: watching}
  stopped: {task: stop, outcome: stop, from: watching, to: end, resets: paying}
"""


@pytest.fixture
def broken() -> Iterator[list[str]]:
    """A handler that fails as long as this holds an error."""
    errors = ["the bank is closed"]

    def pay(call: ServiceCall) -> None:
        if errors:
            raise ConnectionError(errors[0])

    handlers.handler("tests.pay")(pay)
    yield errors
    del handlers._handlers["tests.pay"]


@pytest.fixture
def incident(company, broken, ada) -> Job:
    publish_flow(FLOW)
    engine.start("payer", by=ada, data={"amount": 10})
    Worker().work_once()
    return Job.objects.get(state=JobState.INCIDENT)


def test_a_job_that_is_tried_again_ends_its_task(incident, broken, admin):
    broken.clear()

    incidents.retry_job(incident.pk, by=admin, reason="The bank is open")
    Worker().work_once()

    case = Case.objects.get()
    assert case.state == CaseState.COMPLETED
    assert history.verify_case(case) == []


def test_trying_again_stands_in_the_history_with_its_reason(incident, admin):
    incidents.retry_job(incident.pk, by=admin, reason="The bank is open")

    line = Event.objects.get(kind=EventKind.RETRIED)
    assert (line.actor, line.payload["reason"]) == (admin, "The bank is open")


def test_a_job_that_is_tried_again_has_all_its_attempts(incident, admin):
    assert incidents.retry_job(incident.pk, by=admin, reason="Again").attempts == 0


def test_an_operator_says_how_the_task_ended(incident, admin):
    incidents.end_job(incident.pk, by=admin, outcome="failed", reason="Paid by hand")

    assert Case.objects.get().state == CaseState.COMPLETED
    assert Event.objects.filter(transition="unpaid", actor=admin).exists()
    assert Job.objects.get(pk=incident.pk).state == JobState.CANCELLED


def test_a_given_up_effect_can_be_dropped(company, admin):
    def refuse(call: ServiceCall) -> None:
        raise Failed("no such address")

    handlers.handler("tests.tell")(refuse)
    try:
        store.add_effect(handler="tests.tell", key="tell:1", payload={})
        Worker().work_once()
    finally:
        del handlers._handlers["tests.tell"]
    job = Job.objects.get(key="tell:1")

    assert incidents.cancel_job(job.pk, by=admin, reason="He has left").state == JobState.CANCELLED


def test_a_job_that_was_not_given_up_is_refused(incident, admin):
    incidents.retry_job(incident.pk, by=admin, reason="Again")

    with pytest.raises(Conflict, match="nothing to mend"):
        incidents.retry_job(incident.pk, by=admin, reason="And again")


def test_mending_a_job_needs_a_reason(incident, admin):
    with pytest.raises(InvalidData, match="reason"):
        incidents.retry_job(incident.pk, by=admin, reason=" ")


def test_the_requester_cannot_mend_a_job(incident, ada):
    with pytest.raises(NotAllowed):
        incidents.retry_job(incident.pk, by=ada, reason="Please")


def test_a_stranger_does_not_learn_of_the_job(incident, abe):
    with pytest.raises(NotFound):
        incidents.retry_job(incident.pk, by=abe, reason="Please")
