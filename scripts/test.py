"""Run the whole test suite: on SQLite, then what must hold on each database, in a browser, and when
processes are killed.

Usage: make test [ARGS="tests/net -k marking"], make test-fast. Arguments go to every pytest run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.plugins.detection import (  # noqa: E402 - found only after the line above
    Service,
    find_services,
    missing_but_required,
    report_lines,
)

NO_TESTS_COLLECTED = 5
INTERRUPTED = 2
# Each process has a stack of its own, servers and all. They mostly wait: for a lease to run out,
# for a server to come up. Who is done takes over from the others, since some rows last a minute.
FAULTS = ("-n", "3", "--dist", "worksteal")


@dataclass(frozen=True, slots=True)
class Run:
    """One call of pytest. `database` "" is SQLite in a temporary folder.

    `spread`: how pytest-xdist hands the tests to its processes. One after another as they stand, so
    that those with the same rows to begin with share them; who is done takes over from the others.
    """

    title: str
    markers: str
    database: str = ""
    spread: tuple[str, ...] = ("-n", "auto", "--maxprocesses", "8", "--dist", "worksteal")


def main(arguments: list[str]) -> int:
    fast = "--fast" in arguments
    arguments = [argument for argument in arguments if argument != "--fast"]
    services = find_services()
    print("\n".join(report_lines(services)), flush=True)
    missing = missing_but_required(services)
    if missing:
        print(
            f"GOFLOW_REQUIRE asks for {', '.join(service.title for service in missing)}; see above."
        )
        return 1
    started = time.monotonic()
    total: Counter[str] = Counter()
    codes = []
    for run in planned(services, fast=fast):
        print(f"\n--- {run.title}", flush=True)
        code, counts = execute(run, arguments)
        codes.append(code)
        total += counts
        if code == INTERRUPTED:
            break
    return conclude(total, codes, time.monotonic() - started)


def planned(services: Mapping[str, Service], *, fast: bool) -> list[Run]:
    if fast:
        return [Run("SQLite, fast tests", "not browser and not slow and not faults")]
    runs = [Run("SQLite, everything but browser and faults", "not browser and not faults")]
    for key in ("postgres", "mariadb"):
        if services[key].address:
            runs.append(
                Run(
                    f"{services[key].title}: tests of engine, portal and API",
                    "database and not browser",
                    services[key].address,
                )
            )
    if services["browser"].address:
        runs.append(Run("Browser", "browser"))
    if services["servers"].address:
        runs.append(Run("Faults: real processes, killed and stopped", "faults", spread=FAULTS))
    return runs


def execute(run: Run, arguments: list[str]) -> tuple[int, Counter[str]]:
    """Run pytest once. Returns its exit code and its counts by outcome."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if run.database:
        environment["DATABASE_URL"] = run.database
    with tempfile.NamedTemporaryFile(prefix="goflow-tally-") as tally:
        environment["GOFLOW_TEST_TALLY"] = tally.name
        command = [sys.executable, "-m", "pytest", "-q", "-m", run.markers]
        command += [*run.spread, *arguments]
        code = call(command, environment)
        counts = Counter(json.loads(Path(tally.name).read_text() or "{}"))
    return code, counts


def call(command: list[str], environment: dict[str, str]) -> int:
    """Run `command`; let it clean up where it is interrupted: it has databases to remove."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    signal.signal(signal.SIGTERM, lambda _number, _frame: process.terminate())
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has sent the interrupt to pytest as well. A second one comes through here.
        process.wait()
        return INTERRUPTED


def conclude(total: Counter[str], codes: list[int], seconds: float) -> int:
    """Print the one line that counts, and return the exit code of the whole."""
    passed = total["passed"] + total["xpassed"]
    failed = total["failed"] + total["error"]
    skipped = total["skipped"] + total["xfailed"]
    broken = [code for code in codes if code not in (0, NO_TESTS_COLLECTED)]
    # A run that broke before its first test (an error in a conftest) counts nothing by itself.
    failed = max(failed, len(broken))
    if INTERRUPTED in codes:
        print("\nInterrupted before the end.", file=sys.stderr)
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped in {seconds:.0f} s", flush=True)
    if not passed and not failed:
        print("No test was run: nothing matches the arguments.", file=sys.stderr)
        return NO_TESTS_COLLECTED
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
