"""Each protection of the sabotage list is missed when it is gone; see `sabotage.py`.

In every run of the whole suite the quick entries; all with SABOTAGE_ALL=1, as `make sabotage` does.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.faults import saboteur
from tests.faults.sabotage import SABOTAGES, Cut, Sabotage

ROOT = Path(__file__).resolve().parents[2]
TAKES_ALL = os.environ.get("SABOTAGE_ALL", "") == "1"
CHOSEN = [each for each in SABOTAGES if TAKES_ALL or each.is_quick]
DATABASES = sorted({each.database for each in CHOSEN})
SERVICES = {"postgresql": "postgres_url", "mariadb": "mariadb_url"}
# A sabotage that is itself wrong breaks the code instead of taking something away.
BROKEN = ("NameError", "SyntaxError", "ImportError", "AttributeError", "TypeError")
TESTS_FAILED, OFFSPRING_SECONDS = 1, 200

Phases = dict[str, dict[str, str]]
Ready = Callable[[str], str]


def clean_environment(**added: str) -> dict[str, str]:
    """Return the environment without what this run itself has been told."""
    ours = ("PYTEST", "GOFLOW_", "SABOTAGE", "DATABASE_URL", "DJANGO_")
    return {name: v for name, v in os.environ.items() if not name.startswith(ours)} | added


@pytest.fixture(scope="session")
def ready(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ready]:
    """Returns a database with tables, on a kind of server: to make them takes longer than the
    tests do. On MariaDB "", for it copies no databases."""
    made: dict[str, str] = {}

    def ready(database: str) -> str:
        if database == "mariadb":
            return ""
        if database not in made:
            if database == "postgresql":
                server = request.getfixturevalue("postgres_url")
                name = f"test_goflow_ready_{secrets.token_hex(4)}"
                address = urlsplit(server)._replace(path=f"/{name}").geturl()
                _ask(server, f"CREATE DATABASE {name}")
                leave.callback(_ask, server, f"DROP DATABASE {name}")
            else:
                name = str(tmp_path_factory.mktemp("ready") / "ready.sqlite3")
                address = f"sqlite:///{name}"
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v", "0"],
                cwd=ROOT,
                env=clean_environment(DATABASE_URL=address, DEBUG="1"),
                check=True,
            )
            made[database] = name
        return made[database]

    with ExitStack() as leave:
        yield ready


def _ask(address: str, text: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(text)


def run(
    tests: Iterable[str],
    *,
    database: str,
    sabotage: str,
    request: pytest.FixtureRequest,
    folder: Path,
    ready: str = "",
) -> tuple[int, Phases, str]:
    """Run tests in a pytest of their own; return its exit code, how their phases ended, and what
    it printed."""
    report = folder / "phases.json"
    environment = clean_environment(**{saboteur.CHOSEN: sabotage, saboteur.REPORT: str(report)})
    if database in SERVICES:
        environment["DATABASE_URL"] = request.getfixturevalue(SERVICES[database])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    if ready:
        environment[saboteur.READY] = ready
        command.append("--reuse-db")
    done = subprocess.run(
        [*command, "-p", "tests.faults.saboteur", "-p", "no:xdist", *tests],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=OFFSPRING_SECONDS,
        check=False,
    )
    phases: Phases = json.loads(report.read_text()) if report.exists() else {}
    return done.returncode, phases, done.stdout + done.stderr


def of_test(phases: Phases, test: str) -> list[dict[str, str]]:
    """Return the phases of a test, with each of its parameters."""
    return [each for name, each in phases.items() if name == test or name.startswith(f"{test}[")]


@pytest.mark.parametrize("database", DATABASES)
def test_the_named_tests_pass_where_nothing_is_sabotaged(
    database: str, request: pytest.FixtureRequest, ready: Ready, tmp_path: Path
) -> None:
    tests = sorted({t for each in CHOSEN if each.database == database for t in each.tests})

    code, phases, told = run(
        tests,
        database=database,
        sabotage="",
        request=request,
        folder=tmp_path,
        ready=ready(database),
    )

    assert code == 0, told
    for test in tests:
        assert of_test(phases, test), f"{test} was not run"
        # Not skipped either: what is skipped notices nothing.
        assert {each.get("call") for each in of_test(phases, test)} == {"passed"}, test


@pytest.mark.parametrize("sabotage", CHOSEN, ids=[each.name for each in CHOSEN])
def test_the_named_tests_miss_what_was_taken_away(
    sabotage: Sabotage,
    request: pytest.FixtureRequest,
    ready: Ready,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    started = time.monotonic()

    code, phases, told = run(
        sabotage.tests,
        database=sabotage.database,
        sabotage=sabotage.name,
        request=request,
        folder=tmp_path,
        ready="" if sabotage.changes_tables else ready(sabotage.database),
    )

    assert code == TESTS_FAILED, told
    for test in sabotage.tests:
        calls = [each.get("call", "") for each in of_test(phases, test)]
        # Where a test has parameters, one that fails is enough.
        failures = [call for call in calls if call.startswith("failed: ")]
        assert failures, f"{test} did not fail\n{told}"
        assert not [f for f in failures if f.removeprefix("failed: ").startswith(BROKEN)], told
        seconds = f"{time.monotonic() - started:.0f} s"
        told_by = test.removeprefix("tests/")
        why = failures[0].removeprefix("failed: ").splitlines()[0][:90]
        row = " | ".join((sabotage.name, told_by, sabotage.database, seconds, why))
        record_property(saboteur.CHOSEN, row)


def test_no_two_entries_have_one_name() -> None:
    assert len({each.name for each in SABOTAGES}) == len(SABOTAGES)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=[each.name for each in SABOTAGES])
def test_what_is_taken_away_is_there(sabotage: Sabotage) -> None:
    """Of every entry, in every run: so none outlives the line that it is about."""
    cuts: dict[str, list[Cut]] = {}
    for cut in sabotage.cuts:
        cuts.setdefault(cut.module, []).append(cut)
    for module, some in cuts.items():
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text()

        changed = saboteur.sabotaged(source, some)

        assert changed != source
        compile(changed, module, "exec")
