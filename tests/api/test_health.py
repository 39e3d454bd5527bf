"""Alive, and ready to work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from goflow_site import health
from workflows import store
from workflows.clock import DatabaseNow
from workflows.models import WorkerBeat


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(health._Migrated, "is_known", False)


def test_a_process_that_answers_is_alive(nobody):
    response = nobody.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


def test_a_migrated_database_is_all_that_is_needed(nobody, db):
    response = nobody.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "worker": "none seen",
    }


def test_a_worker_that_is_required_and_was_not_seen_is_not_ready(nobody, db, settings):
    settings.WORKER_REQUIRED = True
    response = nobody.get("/readyz")

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["worker"] == "none seen"


@pytest.mark.parametrize(("seconds", "state"), [(50, "ok"), (70, "none seen")])
def test_a_worker_counts_for_a_minute(nobody, db, settings, seconds, state):
    settings.WORKER_REQUIRED = True
    store.beat("one", queues=("default",))
    WorkerBeat.objects.update(seen_at=DatabaseNow() - timedelta(seconds=seconds))

    assert nobody.get("/readyz").json()["worker"] == state


def test_a_database_that_does_not_answer_is_not_ready(nobody, db, monkeypatch):
    def fail(*args: object) -> None:
        raise OperationalError("host=secret")

    with monkeypatch.context() as patched:
        patched.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", fail)
        response = nobody.get("/readyz")

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["database"] == "unreachable"
    assert "secret" not in response.content.decode()


def test_a_migration_that_is_pending_is_not_ready(nobody, db):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="knox", name__startswith="0009").delete()
    MigrationRecorder.Migration.objects.filter(app="workflows").order_by("-id").first().delete()
    response = nobody.get("/readyz")

    assert response.status_code == 503
    assert response.json()["migrations"].endswith("pending")


def test_a_broker_that_is_not_there_is_not_ready(nobody, db, settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr("goflow_site.celery.app.conf.broker_url", settings.CELERY_BROKER_URL)
    response = nobody.get("/readyz")

    assert response.status_code == 503
    assert response.json()["broker"] == "unreachable"


def test_a_broker_that_answers_is_ready(nobody, db, settings, monkeypatch, redis_url):
    settings.CELERY_BROKER_URL = redis_url
    monkeypatch.setattr("goflow_site.celery.app.conf.broker_url", redis_url)

    assert nobody.get("/readyz").json()["broker"] == "ok"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_only_read(nobody, db, address):
    assert nobody.post(address).status_code == 405
