"""The environment of a test run: settings, real services, test databases under names of its own.

Loaded before Django's settings (`-p` in pyproject.toml), so that neither a `.env` nor a variable of
the developer decides what the tests see. `DATABASE_URL` alone is taken as given.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.plugins.detection import find_services, missing_but_required, report_lines

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

RUN_VARIABLE = "GOFLOW_TEST_RUN"
TALLY_VARIABLE = "GOFLOW_TEST_TALLY"
# Engine, portal and API promise the same on each database.
DATABASE_FOLDERS = ("workflows", "approvals", "api")
TESTS = Path(__file__).resolve().parent.parent


def _is_controller() -> bool:
    return "PYTEST_XDIST_WORKER" not in os.environ


def _prepare_environment() -> None:
    """Fix what the settings read. Workers inherit it from the process that starts them."""
    if not _is_controller():
        return
    os.environ[RUN_VARIABLE] = f"{os.getpid()}_{secrets.token_hex(3)}"
    data_dir = tempfile.mkdtemp(prefix="goflow-test-")
    # Not when pytest ends its configuration: it does not begin one where a conftest is broken.
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
    os.environ |= {
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "CELERY_BROKER_URL": "",
        # Only chooses plain static files and http; Django's own DEBUG is off in every test.
        "DEBUG": "1",
        "GOFLOW_DATA_DIR": data_dir,
        "HTTPS": "0",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
        "TIME_ZONE": "UTC",
    }
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{data_dir}/goflow.sqlite3")


_prepare_environment()

# A machine that runs two tests at once says nothing about the time that one example takes.
hypothesis.settings.register_profile("goflow", deadline=None, print_blob=True)
hypothesis.settings.load_profile("goflow")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Name the test databases; stop at once where a required service is missing."""
    if _is_controller():
        # CI cancels by SIGTERM, which would leave databases behind. An interrupt cleans up.
        signal.signal(signal.SIGTERM, _interrupt)
        missing = missing_but_required(find_services())
        if missing:
            lines = "\n".join(f"  {service.title}: {service.reason}" for service in missing)
            raise pytest.UsageError(f"GOFLOW_REQUIRE asks for what is not here:\n{lines}")
    _name_test_databases()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _name_test_databases() -> None:
    """Give this run databases that no other has; pytest-django adds a suffix for each worker."""
    from django.conf import settings

    for alias, database in settings.DATABASES.items():
        name = f"test_goflow_{os.environ[RUN_VARIABLE]}_{alias}"
        if database["ENGINE"].endswith("sqlite3"):
            # In a file, not in memory: threads that race get a connection each, as when it is used.
            name = str(Path(os.environ["GOFLOW_DATA_DIR"]) / f"{name}.sqlite3")
            # Nobody needs this file after a power cut: no commit waits for a slow disk.
            database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
        database.setdefault("TEST", {})["NAME"] = name


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _is_controller():
        _drop_leftover_databases()


def _drop_leftover_databases() -> None:
    """Remove what an interrupted worker could not; a normal run has dropped its own already."""
    from django.db import connections

    for connection in connections.all():
        if connection.vendor == "postgresql":
            _drop_like(
                connection, "SELECT datname FROM pg_database WHERE datname LIKE %s", " WITH (FORCE)"
            )
        elif connection.vendor == "mysql":
            _drop_like(
                connection,
                "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE %s",
            )


def _drop_like(connection: BaseDatabaseWrapper, query: str, how: str = "") -> None:
    # Private, but the only way to a server without a database; Django's own runner does the same.
    with connection._nodb_cursor() as cursor:
        cursor.execute(query, [f"test_goflow_{os.environ[RUN_VARIABLE]}%"])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}{how}")


def pytest_report_header() -> list[str]:
    # scripts/test.py has said it already, once for all its runs.
    return [] if TALLY_VARIABLE in os.environ else report_lines(find_services())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark what must hold on each database, before `-m` chooses; skip what needs a browser."""
    for item in items:
        if _must_hold_on_each_database(item):
            item.add_marker(pytest.mark.database)
        for marker, service in (("browser", "browser"), ("faults", "servers")):
            if item.get_closest_marker(marker) and not find_services()[service].address:
                item.add_marker(pytest.mark.skip(reason=f"no {service}"))


def _must_hold_on_each_database(item: pytest.Item) -> bool:
    relative = item.path.relative_to(TESTS) if item.path.is_relative_to(TESTS) else Path()
    if not relative.parts or relative.parts[0] not in DATABASE_FOLDERS:
        return False
    if item.get_closest_marker("same_everywhere"):
        return False
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return item.get_closest_marker("django_db") is not None or bool(
        {"db", "transactional_db"} & set(fixtures)
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Leave the counts for scripts/test.py, which adds up several runs."""
    if TALLY_VARIABLE not in os.environ:
        return
    counts = {
        outcome: len(reports) for outcome, reports in terminalreporter.stats.items() if outcome
    }
    Path(os.environ[TALLY_VARIABLE]).write_text(json.dumps(counts))


def _address(key: str) -> str:
    service = find_services()[key]
    if not service.address:
        pytest.skip(f"no {service.title}: {service.reason}")
    return service.address


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL where databases may be created, whatever database the run itself uses."""
    return _address("postgres")


@pytest.fixture(scope="session")
def mariadb_url() -> str:
    return _address("mariadb")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that others use too: prefix every key and queue with something of your own."""
    return _address("redis")


@pytest.fixture(scope="session")
def amqp_url() -> str:
    """A RabbitMQ that others use too: name every queue with something of your own."""
    return _address("rabbitmq")


@pytest.fixture(scope="session")
def mqtt_url() -> str:
    """An MQTT broker, `mqtt://host:port`, that others use too."""
    return _address("mqtt")


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The path of Chromium or Chrome, for Playwright's `executable_path`."""
    return _address("browser")
