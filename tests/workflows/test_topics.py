"""Jobs of a topic: fetched, ended and failed by workers outside, by their lease."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests import factories
from tests.factories import grant, publish_flow
from tests.workflows.test_jobs import expire_lease, make_due
from tests.workflows.test_races import at_once
from workflows import engine, history
from workflows.engine import incidents
from workflows.errors import InvalidData, NotFound, OutcomeNotEnabled
from workflows.jobs import topics
from workflows.jobs.results import BadResult
from workflows.jobs.topics import LeaseLost
from workflows.jobs.worker import Worker
from workflows.models import Case, CaseState, Event, Job, JobState

FLOW = """
flow: translation
data:
  type: object
  properties: {text: {type: string}, translated: {type: string, maxLength: 40}}
  required: [text]
places: [start, translating, watching, end]
tasks:
  translate:
    kind: service
    title: Translate
    topic: translate
    inputs: {source: text, again: text}
    outputs: {translated: result}
    retry: {times: 1}
  stop:
    kind: human
    title: Stop
    assign: requester
    optional: true
    form: {fields: {text: hidden}}
transitions:
  submit: {from: start, to: [translating, watching]}
  translated: {task: translate, outcome: done, from: translating, to: end, resets: watching}
  stuck: {task: translate, outcome: failed, from: translating, to: end, resets: watching}
  stopped: {task: stop, outcome: stop, from: watching, to: end, resets: translating}
"""

MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(company, ada) -> Case:
    publish_flow(FLOW)
    return engine.start("translation", by=ada, data={"text": "hello"})


def fetch(worker: str = "w", *, limit: int = 1) -> list[Job]:
    return topics.fetch("translate", worker=worker, limit=limit, lease=MINUTE)


def complete(job: Job, **data: Any) -> Job:
    given = data or {"result": "bonjour"}
    return topics.complete(job.pk, lease=job.lease, outcome="done", data=given)


def fail(job: Job, *, retry_in: timedelta | None = None, is_final: bool = False) -> Job:
    return topics.fail(
        job.pk, lease=job.lease, error="no dictionary", retry_in=retry_in, is_final=is_final
    )


def test_a_fetched_job_tells_its_inputs_and_its_case(case):
    (job,) = fetch()

    assert (job.payload, job.case, job.attempts) == ({"source": "hello", "again": "hello"}, case, 1)


def test_what_a_worker_brings_goes_where_the_outputs_say(case):
    (job,) = fetch()

    complete(job)

    case = Case.objects.get()
    assert (case.state, case.data["translated"]) == (CaseState.COMPLETED, "bonjour")
    assert history.verify_case(case) == []


def test_a_job_is_fetched_by_one_worker_only(case):
    assert (len(fetch("one")), len(fetch("two"))) == (1, 0)


def test_the_jobs_of_another_topic_are_not_fetched(case):
    assert topics.fetch("print", worker="w", limit=5, lease=MINUTE) == []


def test_a_worker_of_goflow_leaves_the_jobs_of_topics_alone(case):
    assert Worker().work_once() is False


def test_ending_a_job_again_answers_the_same_and_changes_nothing(case):
    (job,) = fetch()

    first, second = complete(job), complete(job)

    assert (first.state, second.state) == (JobState.DONE, JobState.DONE)
    assert Event.objects.filter(transition="translated").count() == 1


def test_a_job_that_has_ended_cannot_end_otherwise(case):
    (job,) = fetch()
    complete(job)

    with pytest.raises(LeaseLost):
        topics.complete(job.pk, lease=job.lease, outcome="failed", data={})


def test_a_worker_that_slept_past_its_lease_cannot_end_what_another_has(case):
    (slow,) = fetch("slow")
    expire_lease()
    (quick,) = fetch("quick")

    for late in (lambda: complete(slow), lambda: fail(slow)):
        with pytest.raises(LeaseLost):
            late()
    assert complete(quick).state == JobState.DONE


def test_an_expired_job_is_fetched_again_without_any_sweep(case):
    fetch()
    Job.objects.update(leased_until="2026-01-01T00:00:00Z")

    (job,) = fetch("next")

    assert (job.attempts, job.leased_by) == (2, "next")


def test_a_late_worker_may_end_what_nobody_has_taken_since(case):
    (job,) = fetch()
    expire_lease()

    assert complete(job).state == JobState.DONE


def test_an_extended_lease_outlives_the_first(case):
    (job,) = fetch()
    before = Job.objects.get().leased_until

    after = topics.extend(job.pk, lease=job.lease, by=timedelta(hours=1)).leased_until

    assert after is not None
    assert before is not None
    assert after - before > timedelta(minutes=50)


def test_a_lease_that_has_run_out_is_not_extended(case):
    (job,) = fetch()
    expire_lease()

    with pytest.raises(LeaseLost, match="run out"):
        topics.extend(job.pk, lease=job.lease, by=MINUTE)


@pytest.mark.parametrize(
    ("outcome", "data", "refusal"),
    [
        ("done", {"result": "x" * 41}, InvalidData),
        ("done", {"result": 5}, InvalidData),
        ("done", {"text": "overwritten"}, BadResult),
        ("later", {}, OutcomeNotEnabled),
    ],
)
def test_a_result_that_is_refused_leaves_the_job_with_its_worker(case, outcome, data, refusal):
    (job,) = fetch()

    with pytest.raises(refusal):
        topics.complete(job.pk, lease=job.lease, outcome=outcome, data=data)

    assert Job.objects.get().state == JobState.RUNNING
    assert complete(job).state == JobState.DONE


def test_a_failed_job_waits_for_its_next_try(case):
    (job,) = fetch()

    assert fail(job).state == JobState.DUE
    assert fetch() == []


def test_a_worker_may_say_when_the_next_try_is_due(case):
    (job,) = fetch()
    fail(job, retry_in=timedelta(0))

    (again,) = fetch()

    assert (again.attempts, again.last_error) == (2, "no dictionary")


def test_the_last_failure_makes_an_incident(case):
    for _ in range(2):
        make_due()
        (job,) = fetch()
        fail(job)

    assert Job.objects.get().state == JobState.INCIDENT


def test_a_final_failure_makes_an_incident_at_once(case):
    (job,) = fetch()

    assert fail(job, is_final=True).state == JobState.INCIDENT


def test_a_job_that_kills_its_workers_makes_an_incident(case, django_capture_on_commit_callbacks):
    for _ in range(2):
        fetch()
        expire_lease()

    with django_capture_on_commit_callbacks(execute=True):
        assert fetch() == []

    assert "never ended" in Job.objects.get().last_error
    assert Job.objects.get().state == JobState.INCIDENT


def test_an_incident_that_an_operator_retries_is_fetched_again(case, admin):
    (job,) = fetch()
    fail(job, is_final=True)

    incidents.retry_job(job.pk, by=admin, reason="The dictionary is back")

    assert [again.pk for again in fetch()] == [job.pk]


def test_a_job_whose_task_was_withdrawn_is_no_longer_its_worker_s(case, ada):
    (job,) = fetch()
    item = case.work_items.get(task__key="stop")
    engine.complete(item.pk, by=ada, outcome="stop")

    with pytest.raises(LeaseLost, match="cancelled"):
        complete(job)


def test_the_result_for_a_case_that_stands_still_is_written_back_when_it_goes_on(case, gina):
    (job,) = fetch()
    oscar = grant(gina, "view_all_cases", "intervene_case")
    engine.suspend(case.pk, by=oscar, reason="Audit")
    complete(job)
    assert fetch() == []

    engine.resume(case.pk, by=oscar, reason="Audit is over")

    assert fetch() == []
    Worker().work_once()
    assert Case.objects.get().data["translated"] == "bonjour"


def test_the_jobs_of_handlers_are_none_of_a_topic_s(case):
    Job.objects.update(topic="", handler="tests.other")

    with pytest.raises(NotFound):
        topics.complete(Job.objects.get().pk, lease=1, outcome="done", data={})


def wait(seconds: float, *, is_over: bool = False) -> bool:
    return topics.wait("translate", seconds=seconds, is_over=lambda: is_over)


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(topics, "LOOK_EVERY_SECONDS", 0.01)


def test_waiting_ends_as_soon_as_a_job_is_due(case, monkeypatch):
    (job,) = fetch()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            fail(job, retry_in=timedelta(0))

    monkeypatch.setattr(topics, "sleep", sleep)

    assert wait(20) is True
    assert len(pauses) == 3
    assert len(fetch()) == 1


def test_waiting_ends_when_nothing_comes(db, impatient):
    started = time.monotonic()

    assert wait(0.1) is True

    assert 0.1 <= time.monotonic() - started < 5


def test_waiting_ends_when_nobody_waits_for_the_answer(db, impatient):
    started = time.monotonic()

    wait(20, is_over=True)

    assert time.monotonic() - started < 5


def test_only_some_wait_at_once_and_the_others_are_told_to_come_again(impatient, monkeypatch):
    looks: Counter[int] = Counter()
    is_there = threading.Event()

    def look(topic: str) -> bool:
        looks[threading.get_ident()] += 1
        return is_there.is_set()

    monkeypatch.setattr(topics, "is_topic_waiting", look)
    waiting = [threading.Thread(target=wait, args=(20,)) for _ in range(topics.MOST_WAITING)]
    for thread in waiting:
        thread.start()
    # Who looks a second time has been let in.
    while len([ident for ident, count in looks.items() if count > 1]) < topics.MOST_WAITING:
        time.sleep(0.01)

    assert wait(20) is False

    is_there.set()
    for thread in waiting:
        thread.join(10)
    is_there.clear()
    assert wait(0.1) is True


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_fetch_at_once_get_different_jobs():
    people = factories.make_company()
    publish_flow(FLOW)
    for number in range(10):
        engine.start("translation", by=people.ada, data={"text": f"{number}"})

    results = at_once(*(lambda: fetch(limit=5) for _ in range(4)))

    fetched = [job.pk for jobs in results for job in jobs]
    fetched += [job.pk for job in fetch(limit=10)]
    assert sorted(fetched) == sorted(
        Job.objects.filter(topic="translate").values_list("pk", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_ended_twice_at_once_ends_once_and_both_hear_so():
    publish_flow(FLOW)
    engine.start("translation", by=factories.make_company().ada, data={"text": "hello"})
    (job,) = fetch()

    results = at_once(*(lambda: complete(job) for _ in range(4)))

    assert [ended.state for ended in results] == [JobState.DONE] * 4
    assert Event.objects.filter(transition="translated").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_an_end_and_a_failure_at_once_one_holds():
    publish_flow(FLOW)
    engine.start("translation", by=factories.make_company().ada, data={"text": "hello"})
    (job,) = fetch()

    at_once(lambda: complete(job), lambda: fail(job, is_final=True))

    case, job = Case.objects.get(), Job.objects.get(topic="translate")
    assert (case.state, job.state) in [
        (CaseState.COMPLETED, JobState.DONE),
        (CaseState.RUNNING, JobState.INCIDENT),
    ]
    assert history.verify_case(case) == []
