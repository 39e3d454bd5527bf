"""Jobs are looked at; operators mend those that were given up, and say why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.admin.conftest import signed_in, staff
from tests.factories import grant, publish_flow
from tests.workflows.test_topics import FLOW
from workflows import engine, store
from workflows.jobs import topics
from workflows.models import Case, Event, EventKind, Job, JobState, WorkerBeat

JOBS = reverse("admin:workflows_job_changelist")
WORKERS = reverse("admin:workflows_workerbeat_changelist")


@pytest.fixture
def incidents(company: Any) -> list[Job]:
    """Two jobs that were given up."""
    publish_flow(FLOW)
    for text in ("hello", "bye"):
        engine.start("translation", by=company.ada, data={"text": text}, business_key=text)
    jobs = topics.fetch("translate", worker="w-1", limit=2, lease=timedelta(minutes=1))
    for job in jobs:
        topics.fail(job.pk, lease=1, error="no dictionary", retry_in=None, is_final=True)
    return jobs


def page_of(job: Job) -> str:
    return reverse("admin:workflows_job_change", args=[job.pk])


def mend(what: str, *jobs: Job) -> str:
    query = "&".join(f"ids={job.pk}" for job in jobs)
    return f"{reverse('admin:workflows_job_mend', args=[what])}?{query}"


def state_of(job: Job) -> str:
    return str(Job.objects.values_list("state", flat=True).get(pk=job.pk))


def listed(client: Client, **filters: str) -> list[int]:
    return [job.pk for job in client.get(JOBS, filters).context["cl"].result_list]


def test_the_list_tells_what_failed_how_often_and_why(
    operator: Client, incidents: list[Job]
) -> None:
    page = operator.get(JOBS, {"topic": "translate"}).content.decode()

    assert "no dictionary" in page
    assert "1 of 2" in page


def test_jobs_are_found_by_state_and_topic_and_the_case_s_key(
    operator: Client, incidents: list[Job]
) -> None:
    first, second = incidents

    assert listed(operator, state__exact="incident") == [second.pk, first.pk]
    assert listed(operator, topic="print") == []
    assert listed(operator, q="hello", topic="translate") == [first.pk]


def test_a_job_that_nobody_takes_tells_how_late_it_is(
    operator: Client, incidents: list[Job]
) -> None:
    operator.post(mend("retry", incidents[0]), {"reason": "Again"})
    Job.objects.filter(pk=incidents[0].pk).update(due_at=timezone.now() - timedelta(hours=3))

    assert "3\xa0hours" in operator.get(page_of(incidents[0])).content.decode()


def test_the_page_of_a_job_shows_what_it_was_given(operator: Client, incidents: list[Job]) -> None:
    page = operator.get(page_of(incidents[0])).content.decode()

    assert "&quot;source&quot;: &quot;hello&quot;" in page
    assert "w-1" in page


def test_what_a_job_was_given_is_hidden_from_who_may_not_see_the_data(
    company: Any, incidents: list[Job]
) -> None:
    abe = grant(company.abe, "intervene_case")
    abe.is_staff = True
    abe.save()
    # Involved by an item whose form hides the text.
    Case.objects.get(pk=incidents[0].case_id).work_items.filter(task__key="stop").update(
        completed_by=abe
    )

    page = signed_in(abe).get(page_of(incidents[0])).content.decode()

    assert "no dictionary" in page
    assert "&quot;source&quot;" not in page


def test_a_given_up_job_is_tried_again(operator: Client, incidents: list[Job]) -> None:
    operator.post(mend("retry", incidents[0]), {"reason": "The dictionary is back"})

    assert state_of(incidents[0]) == JobState.DUE
    assert Event.objects.get(kind=EventKind.RETRIED).payload["reason"] == "The dictionary is back"


def test_several_jobs_are_tried_again_from_the_list(operator: Client, incidents: list[Job]) -> None:
    action = {"action": "retry_selected", "_selected_action": [job.pk for job in incidents]}

    asked = operator.post(JOBS, action)
    operator.post(asked.headers["Location"], {"reason": "The dictionary is back"})

    assert {state_of(job) for job in incidents} == {JobState.DUE}


def test_the_task_of_a_given_up_job_is_ended_with_one_of_its_outcomes(
    operator: Client, incidents: list[Job]
) -> None:
    asked = operator.get(mend("end", incidents[0]))
    assert [key for key, _ in asked.context["form"]["outcome"].field.choices] == ["done", "failed"]

    operator.post(mend("end", incidents[0]), {"outcome": "failed", "reason": "Nobody speaks it"})

    assert Case.objects.get(pk=incidents[0].case_id).state == "completed"
    assert Event.objects.filter(transition="stuck").exists()


def test_an_outcome_that_the_task_has_not_is_refused(
    operator: Client, incidents: list[Job]
) -> None:
    page = operator.post(mend("end", incidents[0]), {"outcome": "never", "reason": "x"})

    assert (page.status_code, state_of(incidents[0])) == (422, JobState.INCIDENT)


def test_a_branch_that_the_case_needs_is_not_dropped_and_the_page_says_why(
    operator: Client, incidents: list[Job]
) -> None:
    page = operator.post(mend("cancel", incidents[0]), {"reason": "Not wanted"}, follow=True)

    assert state_of(incidents[0]) == JobState.INCIDENT
    told = [str(message) for message in page.context["messages"]]
    assert len(told) == 1
    assert "Nobody would have anything to do" in told[0]


def test_a_given_up_effect_is_dropped(operator: Client, company: Any) -> None:
    store.add_effect(handler="tests.tell", key="tell:1", payload={})
    (job,) = store.take_jobs(worker="w", lease=timedelta(minutes=1))
    job.give_up(error="no such address")
    store.end_try(job)

    assert "End with an outcome" not in operator.get(page_of(job)).content.decode()
    operator.post(mend("cancel", job), {"reason": "He has left"})

    assert state_of(job) == JobState.CANCELLED


def test_mending_without_a_reason_does_nothing(operator: Client, incidents: list[Job]) -> None:
    page = operator.post(mend("retry", incidents[0]), {"reason": " "})

    assert (page.status_code, state_of(incidents[0])) == (422, JobState.INCIDENT)


def test_a_job_that_was_not_given_up_offers_nothing_to_mend(
    operator: Client, incidents: list[Job]
) -> None:
    assert "Try again…" in operator.get(page_of(incidents[0])).content.decode()

    operator.post(mend("retry", incidents[0]), {"reason": "Again"})

    assert "Try again…" not in operator.get(page_of(incidents[0])).content.decode()


def test_only_who_may_force_is_asked_whether_to(
    operator: Client, company: Any, incidents: list[Job]
) -> None:
    rights = ("view_all_cases", "intervene_case", "force_intervention")
    forceful = signed_in(staff("fred", *rights))

    assert 'name="force"' not in operator.get(mend("end", incidents[0])).content.decode()
    assert 'name="force"' in forceful.get(mend("end", incidents[0])).content.decode()


def test_staff_without_the_right_see_jobs_and_mend_none(company: Any, incidents: list[Job]) -> None:
    viewer = signed_in(staff("vera", "view_all_cases"))

    assert "Try again…" not in viewer.get(page_of(incidents[0])).content.decode()
    assert viewer.post(mend("retry", incidents[0]), {"reason": "x"}).status_code == 403
    assert state_of(incidents[0]) == JobState.INCIDENT


def test_a_job_is_neither_added_nor_changed_nor_deleted(root: Client, incidents: list[Job]) -> None:
    posts = [
        reverse("admin:workflows_job_add"),
        page_of(incidents[0]),
        reverse("admin:workflows_job_delete", args=[incidents[0].pk]),
    ]

    assert {root.post(url, {"post": "yes", "state": "done"}).status_code for url in posts} == {403}
    assert state_of(incidents[0]) == JobState.INCIDENT


def test_who_works_and_who_is_silent_is_told(operator: Client, company: Any) -> None:
    store.beat("quick", queues=["mail"])
    store.beat("dead", queues=[])
    WorkerBeat.objects.filter(name="dead").update(seen_at=timezone.now() - timedelta(minutes=5))

    page = operator.get(WORKERS).content.decode()

    assert page.index("Silent") < page.index("Works")
    assert "all" in page


def test_workers_are_shown_to_operators_only(clerk: Client, company: Any) -> None:
    assert clerk.get(WORKERS).status_code == 403
