"""A portal on PostgreSQL, as an operator runs it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.servers import Cluster, manage, postgres_database, postgres_program
from tests.operations.servers import environment as environment_for


@pytest.fixture
def environment(postgres_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of processes on an empty, migrated database of their own."""
    with postgres_database(postgres_url) as url:
        found = environment_for(url, tmp_path)
        manage(found, "migrate", "--verbosity", "0")
        yield found


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that runs, and that a test may stop."""
    pg_ctl = postgres_program("pg_ctl")
    if pg_ctl is None:
        pytest.skip("no pg_ctl to make a PostgreSQL with")
    # Not pytest's folder: the server's user must be allowed to go there.
    with tempfile.TemporaryDirectory(prefix="goflow-cluster-") as folder:
        Path(folder).chmod(0o755)
        made = Cluster(Path(folder) / "data", os.path.realpath(pg_ctl))
        made.create()
        made.start()
        yield made
        made.stop()
