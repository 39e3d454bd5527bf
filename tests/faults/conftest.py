"""One stack for all rows: the servers start when a row first needs them, and end with the run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.client import ClientLog
from tests.faults.figures import how_many
from tests.faults.recorder import Recorder, running_recorder
from tests.faults.stack.brokers import RABBITMQ, RabbitMQ, Redis
from tests.faults.stack.postgres import Postgres, find_binaries
from tests.faults.stack.processes import Leash
from tests.faults.stack.site import Site

HERE = Path(__file__).parent
WITHOUT_PROCESSES = ("test_checker.py", "test_faultpoints.py")
DATABASE = "goflow"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.name not in WITHOUT_PROCESSES:
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(how_many(150, 3600)))


def require(program: object, name: str) -> None:
    """Skip where the programs are not here; fail where everything has to be."""
    if program:
        return
    if os.environ.get("GOFLOW_REQUIRE", "") == "all":
        pytest.fail(f"GOFLOW_REQUIRE asks for {name}, and it is not installed")
    pytest.skip(f"no {name}")


@pytest.fixture(scope="session")
def leash() -> Iterator[Leash]:
    leash = Leash()
    yield leash
    leash.pull()


@pytest.fixture(scope="session")
def outside() -> Iterator[Recorder]:
    with running_recorder() as recorder:
        yield recorder


@pytest.fixture
def recorder(outside: Recorder) -> Iterator[Recorder]:
    """The outside world, well again and without a memory."""
    outside.mode = "ok"
    outside.forget()
    yield outside
    outside.mode = "ok"


@pytest.fixture(scope="session")
def cluster(leash: Leash) -> Iterator[Postgres]:
    require(find_binaries(), "PostgreSQL's initdb")
    cluster = Postgres(leash)
    cluster.start()
    cluster.ask("postgres", f"CREATE DATABASE {DATABASE}")
    yield cluster
    cluster.stop("immediate")


@pytest.fixture(scope="session")
def portal(leash: Leash, cluster: Postgres, outside: Recorder) -> Iterator[Site]:
    portal = Site(
        leash,
        outside,
        name="portal",
        database_url=cluster.url(DATABASE),
        connect=lambda: cluster.connect(DATABASE),
    )
    portal.seed()
    yield portal
    portal.stop()


@pytest.fixture
def site(portal: Site, cluster: Postgres, recorder: Recorder) -> Iterator[Site]:
    """The portal on PostgreSQL, without a process yet, and without open ends of other rows."""
    if not cluster.process.is_running:
        cluster.start()
    portal.begin()
    yield portal
    portal.stop_workers()


@pytest.fixture
def log() -> ClientLog:
    return ClientLog()


@pytest.fixture(scope="session")
def redis(leash: Leash) -> Redis:
    require(shutil.which("redis-server"), "redis-server")
    broker = Redis(leash)
    broker.start()
    return broker


@pytest.fixture(scope="session")
def rabbitmq(leash: Leash) -> RabbitMQ:
    require(RABBITMQ.exists(), "rabbitmq-server")
    broker = RabbitMQ(leash)
    broker.start()
    return broker


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Parametrised by the rows with `redis`, `rabbitmq` or "" for none."""
    if not request.param:
        yield None
        return
    broker = request.getfixturevalue(request.param)
    if not broker.answers():
        broker.start()
    yield broker
    broker.thaw()
