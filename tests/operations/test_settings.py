"""Every setting is told where operators look for it, and the safe ones cannot be turned off."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.operations import servers

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = set(
    re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "goflow_site" / "settings.py").read_text())
)
EXAMPLE = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
ASK = """
import json
from django.conf import settings
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute({statement!r})
    print(json.dumps([str(cell) for cell in cursor.fetchone()]))
"""


def test_settings_are_found() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "LOG_FORMAT"} <= SETTINGS


def test_every_setting_is_in_the_example() -> None:
    assert set() == SETTINGS - EXAMPLE


def test_every_setting_is_in_the_papers() -> None:
    papers = (ROOT / "docs" / "operations.md").read_text()

    assert {name for name in EXAMPLE if f"`{name}`" not in papers} == set()


def test_what_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yml").read_text()))

    assert asked - EXAMPLE == {"GOFLOW_VERSION"}


def test_each_process_of_compose_waits_for_what_is_there() -> None:
    compose = yaml.safe_load((ROOT / "compose.yml").read_text())
    services = compose["services"]
    needed = {name for each in services.values() for name in each.get("depends_on", {})}
    mounted = [each for service in services.values() for each in service.get("volumes", [])]

    assert needed <= set(services)
    assert {each.split(":")[0] for each in mounted} == set(compose["volumes"])
    assert services["migrate"]["restart"] == "no"
    assert all(services[name]["read_only"] for name in ("web", "worker", "migrate"))


@pytest.mark.slow
def test_no_wait_for_postgresql_is_without_an_end(environment: dict[str, str]) -> None:
    told = ask_database(
        environment | {"DATABASE_STATEMENT_TIMEOUT_SECONDS": "120"},
        "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
        " current_setting('idle_in_transaction_session_timeout'),"
        " current_setting('transaction_isolation')",
    )

    assert told == ["20s", "2min", "1min", "read committed"]


@pytest.mark.slow
def test_postgresql_compiles_no_statement(environment: dict[str, str]) -> None:
    assert ask_database(environment, "SELECT current_setting('jit')") == ["off"]


@pytest.mark.slow
def test_no_wait_for_mariadb_is_without_an_end(mariadb_url: str, tmp_path: Path) -> None:
    environment = servers.environment(_without_database(mariadb_url), tmp_path)
    told = ask_database(
        environment,
        "SELECT @@innodb_lock_wait_timeout, @@max_statement_time, @@idle_transaction_timeout,"
        " @@tx_isolation",
    )

    assert [told[0], float(told[1]), told[2], told[3]] == ["20", 30.0, "60", "READ-COMMITTED"]


def ask_database(environment: dict[str, str], statement: str) -> Any:
    printed = servers.manage(environment, "shell", "-v", "0", text=ASK.format(statement=statement))
    return json.loads(printed.strip().splitlines()[-1])


def _without_database(url: str) -> str:
    """A database that every server has: nothing is written."""
    head, _, query = url.partition("?")
    return head.rpartition("/")[0] + "/information_schema" + (f"?{query}" if query else "")
