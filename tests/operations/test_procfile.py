"""The processes of one machine, started as the Procfile says."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest

from tests.operations import servers
from tests.operations.servers import ask, eventually

pytestmark = pytest.mark.slow


def test_a_portal_waits_for_its_worker_where_it_needs_one(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port, metrics_port = servers.free_port(), servers.free_port()
    environment |= {
        "LOG_FORMAT": "json",
        "PORT": str(port),
        "WORKER_METRICS_PORT": str(metrics_port),
        "WORKER_REQUIRED": "1",
    }
    log = tmp_path / "web.log"
    with servers.running("web", environment, log):
        assert eventually(lambda: ask(port, "/healthz").status == 200)
        alone = ask(port, "/readyz", X_Request_ID="probe-7")
        with servers.running("worker", environment, tmp_path / "worker.log"):
            together = eventually(lambda: ask(port, "/readyz").status == 200)
            told = ask(metrics_port, "/metrics")
            elsewhere = ask(metrics_port, "/")

    assert alone.status == 503
    assert json.loads(alone.text)["worker"] == "none seen"
    assert alone.headers["X-Request-ID"] == "probe-7"
    assert together
    assert "goflow_workers_seen 1.0" in told.text
    assert elsewhere.status == 404
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["path"] for line in lines if line.get("request") == "probe-7" and "path" in line]


def test_a_worker_with_a_broker_is_one_of_celery(
    environment: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    # One of the numbered databases of Redis that others hardly use.
    database = secrets.randbelow(8) + 8
    metrics_port = servers.free_port()
    environment |= {
        "CELERY_BROKER_URL": redis_url.rpartition("/")[0] + f"/{database}",
        "WORKER_METRICS_PORT": str(metrics_port),
    }
    with servers.running("worker", environment, tmp_path / "worker.log"):
        is_seen = eventually(
            lambda: "goflow_workers_seen 1.0" in ask(metrics_port, "/metrics").text
        )

    log = (tmp_path / "worker.log").read_text()
    assert is_seen, log
    assert "celery@" in log


def test_every_web_process_tells_the_requests_of_all(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port = servers.free_port()
    environment |= {"PORT": str(port), "WEB_CONCURRENCY": "3"}
    counted = 'goflow_http_request_seconds_count{method="GET",status="2xx",view="/healthz"} 30.0'
    with servers.running("web", environment, tmp_path / "web.log"):
        assert eventually(lambda: ask(port, "/readyz").status == 200)
        for _ in range(30):
            ask(port, "/healthz")
        told = [ask(port, "/metrics").text for _ in range(10)]

    assert all(counted in text for text in told)
