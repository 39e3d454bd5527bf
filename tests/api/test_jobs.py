"""Jobs by the API: fetched and ended by workers of a topic, mended by operators."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.db import connection

from tests import factories
from tests.api.conftest import problem
from tests.factories import grant, publish_flow
from tests.workflows.test_jobs import expire_lease
from tests.workflows.test_races import at_once
from tests.workflows.test_topics import FLOW
from workflows import engine
from workflows.jobs import topics
from workflows.models import Case, Event, EventKind, Job, JobState

FETCH = {"topic": "translate", "worker": "w-1"}


@pytest.fixture
def case(company) -> Case:
    publish_flow(FLOW)
    return engine.start(
        "translation", by=company.ada, data={"text": "hello"}, business_key="TR-2026-1"
    )


@pytest.fixture
def worker(as_, company):
    """Someone with the right to work on topics, and no other."""
    return as_(grant(company.finn, "work_jobs"))


@pytest.fixture
def oscar(as_, company):
    return as_(grant(company.gina, "view_all_cases", "intervene_case"))


@pytest.fixture
def job(case, worker):
    (job,) = worker.post("jobs/fetch/", FETCH).json()
    return job


@pytest.fixture
def incident(job, worker):
    body = {"lease": job["lease"], "error": "no dictionary", "final": True}
    worker.post(f"jobs/{job['id']}/fail/", body)
    return job["id"]


def end(worker, job, **changes):
    body = {"lease": job["lease"], "data": {"result": "bonjour"}} | changes
    return worker.post(f"jobs/{job['id']}/complete/", body)


def test_a_worker_is_told_all_that_the_work_needs(case, worker):
    (job,) = worker.post("jobs/fetch/", FETCH | {"max": 5}).json()

    row = Job.objects.get()
    assert job == {
        "id": row.pk,
        "key": row.key,
        "idempotency_key": f"goflow-{row.key}",
        "lease": 1,
        "leased_until": job["leased_until"],
        "topic": "translate",
        "case": case.pk,
        "business_key": "TR-2026-1",
        "work_item": row.work_item_id,
        "task": "translate",
        "attempt": 1,
        "max_attempts": 2,
        "inputs": {"source": "hello", "again": "hello"},
        "data": {"text": "hello"},
    }


def test_jobs_are_fetched_with_few_statements(company, worker, django_assert_max_num_queries):
    publish_flow(FLOW)
    for number in range(10):
        engine.start("translation", by=company.ada, data={"text": f"{number}"})

    # Session and rights: 4; what is due, what has expired, the taking, and what it is about: 8.
    with django_assert_max_num_queries(14):
        assert len(worker.post("jobs/fetch/", FETCH | {"max": 10}).json()) == 10


def test_where_nothing_is_due_the_list_is_empty(case, worker, job):
    assert worker.post("jobs/fetch/", FETCH).json() == []


def test_a_worker_ends_a_job_and_the_case_goes_on(case, worker, job):
    told = end(worker, job).json()

    assert (told["state"], told["outcome"], told["case"], told["case_state"]) == (
        "done",
        "done",
        case.pk,
        "completed",
    )
    assert Case.objects.get().data["translated"] == "bonjour"


def test_a_completion_that_is_sent_again_answers_the_same(worker, job):
    first, second = end(worker, job), end(worker, job)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert Event.objects.filter(transition="translated").count() == 1


def test_a_completion_with_a_key_is_replayed(worker, job):
    body = {"lease": job["lease"], "data": {"result": "bonjour"}}
    key = {"HTTP_IDEMPOTENCY_KEY": "done-1"}

    first = worker.post(f"jobs/{job['id']}/complete/", body, **key)
    second = worker.post(f"jobs/{job['id']}/complete/", body, **key)

    assert second["Idempotency-Replayed"] == "true"
    assert first.content == second.content


def test_a_fetch_with_a_key_gives_the_same_jobs_again(case, worker):
    key = {"HTTP_IDEMPOTENCY_KEY": "fetch-1"}

    first = worker.post("jobs/fetch/", FETCH, **key)
    second = worker.post("jobs/fetch/", FETCH, **key)

    assert len(first.json()) == 1
    assert first.content == second.content


def test_a_lost_lease_is_told_as_such(worker, job):
    expire_lease()
    worker.post("jobs/fetch/", FETCH | {"worker": "w-2"})

    told = problem(end(worker, job), 409, "lease_lost")
    assert told["state"] == "running"
    for call, body in (("fail", {"error": "x"}), ("extend", {"seconds": 60})):
        late = worker.post(f"jobs/{job['id']}/{call}/", body | {"lease": job["lease"]})
        problem(late, 409, "lease_lost")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"data": {"result": "x" * 41}}, 422, "invalid_data"),
        ({"data": {"translated": "bonjour"}}, 422, "bad_result"),
        ({"outcome": "never"}, 409, "outcome_not_enabled"),
        ({"lease": 0}, 422, "invalid_data"),
    ],
)
def test_a_refused_result_leaves_the_job_leased(worker, job, changes, status, code):
    problem(end(worker, job, **changes), status, code)

    assert Job.objects.get().state == JobState.RUNNING
    assert end(worker, job).status_code == 200


def test_a_worker_says_how_the_work_ended_in_the_flow_s_words(worker, job):
    end(worker, job, outcome="failed", data={})

    assert Event.objects.filter(transition="stuck").exists()


def test_a_failed_try_is_due_again_when_the_worker_says(worker, job):
    body = {"lease": job["lease"], "error": "no dictionary", "retry_in": 0}

    told = worker.post(f"jobs/{job['id']}/fail/", body).json()

    assert (told["state"], told["attempts"]) == ("due", 1)
    (again,) = worker.post("jobs/fetch/", FETCH).json()
    assert (again["attempt"], again["key"]) == (2, job["key"])


def test_a_lease_is_extended(worker, job):
    body = {"lease": job["lease"], "seconds": 3600}

    told = worker.post(f"jobs/{job['id']}/extend/", body).json()

    assert told["leased_until"] > job["leased_until"]


def test_who_may_not_work_on_topics_fetches_nothing(case, as_, oscar, company):
    for client in (oscar, as_(company.ada)):
        problem(client.post("jobs/fetch/", FETCH), 403, "not_allowed")


def test_the_number_of_a_job_tells_a_stranger_nothing(as_, company, job):
    stranger = as_(company.abe)

    there = stranger.post(f"jobs/{job['id']}/complete/", {"lease": job["lease"]})
    missing = stranger.post("jobs/987654321/complete/", {"lease": job["lease"]})

    problem(there, 404, "not_found")
    assert there.content == missing.content


def test_the_jobs_of_handlers_are_not_a_worker_s(case, worker):
    Job.objects.update(topic="", handler="tests.translate")
    number = Job.objects.get().pk

    problem(worker.get(f"jobs/{number}/"), 404, "not_found")
    problem(worker.post(f"jobs/{number}/complete/", {"lease": 1}), 404, "not_found")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("headers", [{}, {"HTTP_IDEMPOTENCY_KEY": "k"}])
def test_who_waits_for_a_job_holds_no_transaction(as_, monkeypatch, headers):
    worker = as_(grant(factories.make_company().finn, "work_jobs"))
    seen: list[bool] = []
    monkeypatch.setattr(topics, "sleep", lambda _: seen.append(connection.in_atomic_block))
    monkeypatch.setattr(topics, "monotonic", iter(range(100)).__next__)

    assert worker.post("jobs/fetch/", FETCH | {"wait_seconds": 5}, **headers).json() == []

    assert seen
    assert not any(seen)


@pytest.mark.parametrize(("hangs_up", "count"), [(False, 1), (True, 0)])
def test_who_has_hung_up_while_waiting_is_leased_nothing(case, worker, hangs_up, count):
    theirs, ours = socket.socketpair()
    with theirs, ours:
        if hangs_up:
            theirs.close()
        line = {"gunicorn.socket": ours}
        answer = worker.post("jobs/fetch/", FETCH | {"wait_seconds": 5}, **line)

    assert len(answer.json()) == count
    assert Job.objects.filter(state=JobState.RUNNING).count() == count


def test_where_too_many_wait_the_worker_is_told_to_come_again(db, worker, monkeypatch):
    for _ in range(topics.MOST_WAITING):
        topics._waiting_places.acquire()
    try:
        answer = worker.post("jobs/fetch/", FETCH | {"wait_seconds": 20})
    finally:
        topics._waiting_places.release(topics.MOST_WAITING)

    assert (answer.json(), answer["Retry-After"]) == ([], "1")


def test_an_operator_finds_the_jobs_that_were_given_up(oscar, incident, company):
    engine.start("translation", by=company.abe, data={"text": "bye"})

    (found,) = oscar.get("jobs/?state=incident").json()["results"]

    assert (found["id"], found["last_error"], found["topic"]) == (
        incident,
        "no dictionary",
        "translate",
    )
    assert len(oscar.get("jobs/").json()["results"]) == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("topic=translate", 1),
        ("topic=print", 0),
        ("queue=default", 1),
        ("case=987654321", 0),
        ("state=done", 0),
    ],
)
def test_jobs_are_listed_by_what_one_asks_for(oscar, incident, query, count):
    assert len(oscar.get(f"jobs/?{query}").json()["results"]) == count


def test_a_job_shows_what_it_was_given(oscar, incident):
    told = oscar.get(f"jobs/{incident}/").json()

    assert told["inputs"] == {"source": "hello", "again": "hello"}
    assert "lease" not in told


def test_what_may_hide_a_field_is_not_shown_to_who_may_not_see_it(as_, incident, company):
    # Involved in the case by having ended an item in it, but not one who sees every case.
    Case.objects.get().work_items.filter(task__key="stop").update(completed_by=company.abe)
    abe = as_(grant(company.abe, "intervene_case"))

    told = abe.get(f"jobs/{incident}/").json()

    assert (told["id"], told["inputs"]) == (incident, None)


def test_the_requester_does_not_see_the_jobs_of_their_case(as_, company, incident):
    ada = as_(company.ada)

    assert ada.get("jobs/").json()["results"] == []
    problem(ada.get(f"jobs/{incident}/"), 404, "not_found")


def test_a_given_up_job_is_tried_again(oscar, worker, incident):
    told = oscar.post(f"jobs/{incident}/retry/", {"reason": "The dictionary is back"}).json()

    assert (told["state"], told["attempts"]) == ("due", 0)
    assert Event.objects.get(kind=EventKind.RETRIED).payload["reason"] == "The dictionary is back"
    assert len(worker.post("jobs/fetch/", FETCH).json()) == 1


def test_the_task_of_a_given_up_job_is_ended_with_an_outcome(oscar, incident):
    body = {"outcome": "failed", "reason": "Nobody speaks it"}

    assert oscar.post(f"jobs/{incident}/end/", body).json()["state"] == "cancelled"
    assert Case.objects.get().state == "completed"


def test_a_given_up_job_whose_branch_the_case_needs_is_not_dropped(oscar, incident):
    refused = oscar.post(f"jobs/{incident}/cancel/", {"reason": "Not wanted"})

    problem(refused, 409, "case_would_strand")
    assert Job.objects.get().state == JobState.INCIDENT


def test_mending_a_job_that_was_not_given_up_is_refused(oscar, job):
    for call, body in (("retry", {}), ("end", {"outcome": "done"}), ("cancel", {})):
        refused = oscar.post(f"jobs/{job['id']}/{call}/", body | {"reason": "x"})
        problem(refused, 409, "conflict")


def test_mending_a_job_needs_a_reason_and_the_right_to(oscar, worker, incident):
    problem(oscar.post(f"jobs/{incident}/retry/", {}), 422, "invalid_data")
    problem(worker.post(f"jobs/{incident}/retry/", {"reason": "x"}), 403, "not_allowed")


def test_a_key_keeps_a_job_from_being_retried_twice(oscar, incident):
    key = {"HTTP_IDEMPOTENCY_KEY": "retry-1"}
    body = {"reason": "Again"}

    first = oscar.post(f"jobs/{incident}/retry/", body, **key)
    second = oscar.post(f"jobs/{incident}/retry/", body, **key)

    assert first.content == second.content
    assert Event.objects.filter(kind=EventKind.RETRIED).count() == 1


def test_a_list_of_jobs_costs_the_same_however_many(
    oscar, company, incident, django_assert_max_num_queries
):
    for _ in range(10):
        engine.start("translation", by=company.abe, data={"text": "bye"})

    # Session and person, rights, the page.
    with django_assert_max_num_queries(6):
        assert len(oscar.get("jobs/").json()["results"]) == 11


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_failure_and_a_step_of_the_case_at_once_do_not_block_each_other():
    people = factories.make_company()
    publish_flow(FLOW)
    for _ in range(20):
        case = engine.start("translation", by=people.ada, data={"text": "hello"})
        item = case.work_items.get(task__key="stop")
        (job,) = topics.fetch("translate", worker="w", limit=1, lease=timedelta(minutes=1))

        failed, stopped = at_once(
            lambda job=job: topics.fail(job.pk, lease=1, error="x", retry_in=None, is_final=True),
            lambda item=item: engine.complete(item.pk, by=people.ada, outcome="stop"),
        )

        assert isinstance(failed, Job | topics.LeaseLost), failed
        assert isinstance(stopped, Case), stopped
