"""What Goflow refuses to start with."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg import IsolationLevel

from goflow_site import serving
from workflows import checks

Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let the checks see a database with these options."""

    def see(engine: str, **options: Any) -> None:
        database = {"ENGINE": f"django.db.backends.{engine}", "OPTIONS": options}
        settings = SimpleNamespace(DATABASES={"default": database})
        monkeypatch.setattr(checks, "settings", settings)

    return see


@pytest.mark.parametrize(
    "options",
    [
        {"isolation_level": IsolationLevel.SERIALIZABLE},
        {"isolation_level": IsolationLevel.REPEATABLE_READ},
        {"isolation_level": 4},
        {"options": "-c lock_timeout=1 -c default_transaction_isolation=serializable"},
        {"options": r"-c default_transaction_isolation=repeatable\ read"},
    ],
)
def test_postgresql_at_another_level_is_refused(use: Use, options: dict[str, Any]) -> None:
    use("postgresql", **options)

    assert [error.id for error in checks.postgresql_reads_committed()] == ["workflows.E003"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"isolation_level": IsolationLevel.READ_COMMITTED},
        {"options": r"-c default_transaction_isolation=read\ committed -c lock_timeout=1"},
    ],
)
def test_postgresql_that_reads_committed_is_fine(use: Use, options: dict[str, Any]) -> None:
    use("postgresql", **options)

    assert checks.postgresql_reads_committed() == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable", "read uncommitted", None])
def test_mariadb_at_another_level_is_refused(use: Use, level: str | None) -> None:
    use("mysql", isolation_level=level)

    assert [error.id for error in checks.mysql_reads_committed()] == ["workflows.E001"]


def test_sqlite_that_takes_its_lock_too_late_is_refused(use: Use) -> None:
    use("sqlite3", transaction_mode="DEFERRED")

    assert [error.id for error in checks.sqlite_begins_immediate()] == ["workflows.E002"]


def test_times_of_earlier_processes_are_forgotten(tmp_path: Any) -> None:
    directory = tmp_path / "metrics"
    directory.mkdir()
    (directory / "histogram_1.db").write_bytes(b"old")
    serving.forget_times(str(directory))

    assert list(directory.iterdir()) == []
