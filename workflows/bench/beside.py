"""The same process on Goflow and on its peers, in one process and in four, in turn."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from .peers.worker import READY, STEPS
from .processes import database_url

Figure = dict[str, Any]
PROCESSES = (1, 4)


@dataclass(frozen=True, slots=True)
class Contender:
    """`needs` is the package without which it cannot run; `wanted` Goflow's rate, at least, in
    units of its own."""

    name: str
    arguments: tuple[str, ...]
    needs: str = ""
    is_on_goflows_tables: bool = False
    wanted: float | None = None


CONTENDERS = (
    Contender("goflow", ("goflow",), is_on_goflows_tables=True),
    Contender("psycopg, five statements", ("plain",), is_on_goflows_tables=True, wanted=0.75),
    Contender("Viewflow", ("viewflow",), "viewflow", wanted=8),
    Contender("SpiffWorkflow, saved after each step", ("spiff",), "SpiffWorkflow", wanted=2),
    Contender("SpiffWorkflow, saved, never read", ("spiff", "--in-memory"), "SpiffWorkflow"),
    Contender("django-fsm, tasks and log on the ORM", ("orm",), wanted=3),
)


def engines(*, rounds: int, steps: int) -> Iterator[Figure]:
    """Yield the rates of whole processes, submit to end, three human steps each."""
    present = []
    for contender in CONTENDERS:
        if contender.needs and importlib.util.find_spec(contender.needs) is None:
            yield {"what": contender.name, "told": "not installed"}
        else:
            present.append(contender)
    rates: dict[tuple[str, int], list[float]] = {}
    cpu: dict[tuple[str, int], list[float]] = {}
    with _peers_database() as other, contextlib.ExitStack() as stack:
        workers = {
            contender.name: [
                stack.enter_context(
                    _worker(contender, database_url() if contender.is_on_goflows_tables else other)
                )
                for _ in range(max(PROCESSES))
            ]
            for contender in present
        }
        count = max(1, steps // STEPS)
        for name in workers:
            # Connections, caches and plans are there before anything counts.
            _rate(workers[name], 10)
        for _ in range(rounds):
            for processes in PROCESSES:
                for name, all_of_them in workers.items():
                    rate, cpu_ms = _rate(all_of_them[:processes], count)
                    rates.setdefault((name, processes), []).append(rate)
                    cpu.setdefault((name, processes), []).append(cpu_ms)
    medians = {key: statistics.median(found) for key, found in rates.items()}
    for (name, processes), rate in medians.items():
        cpu_ms = statistics.median(cpu[name, processes])
        told: Figure = {"steps_per_second": round(rate, 1), "client_cpu_ms": round(cpu_ms, 2)}
        yield {"what": name, "process": "whole", "processes": processes} | told
    for contender in present[1:]:
        for processes in PROCESSES:
            ratio = medians["goflow", processes] / medians[contender.name, processes]
            told = {"goflow_to_peer": round(ratio, 3), "wanted": contender.wanted}
            yield {"what": "ratio", "to": contender.name, "processes": processes} | told


def _rate(workers: Sequence[subprocess.Popen[str]], count: int) -> tuple[float, float]:
    """Have all of them do so many processes at once; return the steps a second of all, and the
    milliseconds of CPU that a step takes of the client."""
    for worker in workers:
        _write(worker, f"{count}\n")
    told = [json.loads(_line_of(worker)) for worker in workers]
    cpu_ms = [1_000 * float(each["cpu_seconds"]) / float(each["steps"]) for each in told]
    rate = sum(float(each["steps"]) / float(each["seconds"]) for each in told)
    return rate, statistics.mean(cpu_ms)


@contextlib.contextmanager
def _worker(contender: Contender, url: str) -> Iterator[subprocess.Popen[str]]:
    module, *arguments = contender.arguments
    process = subprocess.Popen(  # noqa: S603  fixed programs
        [sys.executable, "-m", f"workflows.bench.peers.{module}", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "WARNING"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        while _line_of(process).strip() != READY:
            pass
        yield process
    finally:
        process.kill()
        process.communicate()


def _write(worker: subprocess.Popen[str], text: str) -> None:
    assert worker.stdin is not None  # noqa: S101  a pipe
    worker.stdin.write(text)
    worker.stdin.flush()


def _line_of(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None  # noqa: S101  a pipe
    line = worker.stdout.readline()
    if not line:
        raise CommandError("A peer has ended; what it said stands above.")
    return line


@contextlib.contextmanager
def _peers_database() -> Iterator[str]:
    """Make a database beside Goflow's for the peers' tables; yield its address."""
    url = f"{database_url()}_peers"
    name = connection.ops.quote_name(f"{connection.settings_dict['NAME']}_peers")
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        subprocess.run(  # noqa: S603  a fixed program
            [sys.executable, "-m", "workflows.bench.peers.prepare"],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": url},
            check=True,
        )
        yield url
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
