"""F6: the database goes away and comes back; our processes stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.operations import servers
from tests.operations.servers import Cluster, ask, eventually

pytestmark = pytest.mark.slow

# Somebody of whom the portal must ask the database who he is.
COOKIE = "sessionid=0123456789abcdef0123456789abcdef"


def test_f6_without_its_database_the_portal_says_so_and_goes_on_when_it_is_back(
    cluster: Cluster, tmp_path: Path
) -> None:
    port = servers.free_port()
    environment = servers.environment(cluster.url, tmp_path, PORT=str(port))
    servers.manage(environment, "migrate", "--verbosity", "0")
    servers.manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
    with servers.running("web", environment, tmp_path / "web.log") as web:
        assert eventually(lambda: ask(port, "/readyz").status == 200)
        assert ask(port, "/", Cookie=COOKIE).status == 302

        cluster.stop()
        page = ask(port, "/", Cookie=COOKIE)
        problem = ask(port, "/api/v1/cases/", Authorization="Token 0123456789abcdef")
        ready = ask(port, "/readyz")
        alive = ask(port, "/healthz")
        metrics = ask(port, "/metrics")
        cluster.start()
        is_back = eventually(lambda: ask(port, "/", Cookie=COOKIE).status == 302, within=10)

        assert (page.status, page.headers["Retry-After"]) == (503, "5")
        assert "The database does not answer" in page.text
        assert (problem.status, problem.headers["Retry-After"]) == (503, "5")
        assert json.loads(problem.text)["code"] == "database_unavailable"
        assert (ready.status, ready.headers["Retry-After"]) == (503, "5")
        assert alive.status == 200
        assert "goflow_database_up 0.0" in metrics.text
        assert is_back
        assert ask(port, "/readyz").status == 200
        assert web.poll() is None
    log = (tmp_path / "web.log").read_text()
    assert log.count("Booting worker") == 1
