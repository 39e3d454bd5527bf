"""What a Prometheus reads, and who may."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests import factories
from workflows import engine, store
from workflows.clock import database_now
from workflows.models import Job, JobState

# What is counted is counted by SQL.
pytestmark = pytest.mark.database

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(client: Client) -> Samples:
    """Return each sample of the page; Prometheus' own parser reads it."""
    response = client.get("/metrics")
    assert response.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"goflow_{name}", tuple(sorted(labels.items()))]


def add_job(key: str, *, late_seconds: float = 0.0, queue: str = "default") -> None:
    store.add_effect(
        handler="test",
        key=key,
        payload={},
        queue=queue,
        due_at=database_now() - timedelta(seconds=late_seconds),
    )


def test_jobs_are_counted_by_state_kind_and_queue(client: Client, db: Any) -> None:
    add_job("a", queue="payments")
    add_job("b", queue="payments")
    add_job("c", late_seconds=-3600)
    Job.objects.filter(key="b").update(state=JobState.INCIDENT)
    found = samples(client)

    payments = {"kind": "effect", "queue": "payments"}
    assert value(found, "jobs", state="due", **payments) == 1
    assert value(found, "jobs", state="incident", **payments) == 1
    assert value(found, "jobs", state="due", kind="effect", queue="default") == 1
    assert value(found, "jobs_due", **payments) == 1
    assert value(found, "incidents") == 1


def test_lateness_is_that_of_the_job_that_waits_longest(client: Client, db: Any) -> None:
    add_job("a", late_seconds=10)
    add_job("b", late_seconds=200, queue="payments")
    add_job("c", late_seconds=-3600, queue="payments")
    found = samples(client)

    late = value(found, "job_lateness_seconds", kind="effect", queue="payments")
    assert 200 <= late < 260
    assert value(found, "oldest_due_job_lateness_seconds") == pytest.approx(late, abs=1)


def test_nothing_to_do_is_told_as_zero(client: Client, db: Any) -> None:
    found = samples(client)

    assert value(found, "oldest_due_job_lateness_seconds") == 0
    assert value(found, "incidents") == 0
    assert value(found, "timers_due") == 0
    assert value(found, "workers_seen") == 0
    assert value(found, "database_up") == 1


def test_cases_and_open_work_items_are_counted(client: Client, leave_flow: Any, ada: Any) -> None:
    engine.start("leave", by=ada, data=factories.leave_data())
    found = samples(client)

    assert value(found, "cases", state="running") == 1
    assert value(found, "cases", state="failed") == 0
    assert value(found, "open_work_items") >= 1


def test_a_worker_that_was_seen_is_counted(client: Client, db: Any) -> None:
    store.beat("one", queues=())

    assert value(samples(client), "workers_seen") == 1


def test_steps_are_timed_by_their_name(client: Client, leave_flow: Any, ada: Any) -> None:
    labels = (("step", "start"),)
    before = samples(client).get(("goflow_step_seconds_count", labels), 0.0)
    engine.start("leave", by=ada, data=factories.leave_data())

    assert samples(client)["goflow_step_seconds_count", labels] == before + 1


def test_requests_are_timed_by_view_not_by_address(client: Client, db: Any) -> None:
    client.get("/api/v1/cases/4711/")
    client.generic("BREW", "/no/such/address")
    found = samples(client)

    views = {dict(labels).get("view") for name, labels in found if "http_request" in name}
    methods = {dict(labels).get("method") for name, labels in found if "http_request" in name}
    assert "api-case" in views
    assert not any("4711" in str(view) or "such" in str(view) for view in views)
    assert "BREW" not in methods


def test_the_statements_do_not_grow_with_what_there_is(
    client: Client, leave_flow: Any, ada: Any, django_assert_num_queries: Any
) -> None:
    for number in range(20):
        add_job(str(number), queue=f"queue-{number}")
    engine.start("leave", by=ada, data=factories.leave_data())

    with django_assert_num_queries(7):
        client.get("/metrics")


def test_without_a_database_the_process_still_tells_that(
    client: Client, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("host=secret")

    with monkeypatch.context() as patched:
        patched.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", fail)
        response = client.get("/metrics")

    assert response.status_code == 200
    assert b"goflow_database_up 0.0" in response.content


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "203.0.113.9", 404),
        ({}, "10.2.3.4", 200),
        ({}, "", 404),
        ({"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1", 404),
        ({"X-Forwarded-Proto": "https"}, "127.0.0.1", 404),
        ({"X-Forwarded-For": "127.0.0.1"}, "10.2.3.4", 404),
        ({"Authorization": "Bearer the-token"}, "203.0.113.9", 200),
        ({"Authorization": "Bearer the-token", "Via": "1.1 proxy"}, "203.0.113.9", 200),
        ({"Authorization": "Bearer the-other"}, "203.0.113.9", 404),
        ({"Authorization": "Bearer "}, "203.0.113.9", 404),
        ({"Authorization": "Bearer \xe9"}, "203.0.113.9", 404),
    ],
)
def test_metrics_are_not_public(
    client: Client, db: Any, settings: Any, headers: dict[str, str], address: str, status: int
) -> None:
    settings.METRICS_TOKEN = "the-token"
    settings.METRICS_ALLOW = [ip_network("10.2.0.0/16")]
    response = client.get("/metrics", headers=headers, REMOTE_ADDR=address)

    assert response.status_code == status


def test_without_a_token_in_the_settings_no_token_opens(client: Client, db: Any) -> None:
    response = client.get(
        "/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="203.0.113.9"
    )

    assert response.status_code == 404


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_probes_need_neither_the_name_of_the_portal_nor_tls(
    client: Client, db: Any, settings: Any, address: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(address, headers={"Host": "10.9.8.7:8000"}).status_code == 200
