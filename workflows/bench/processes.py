"""Real workers for a benchmark: processes of their own on the benchmark's database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

READY_SECONDS = 60.0


def database_url() -> str:
    """Return the address of the database at hand, for other processes.

    Raises:
        CommandError: it is a SQLite database in memory, which no other process sees.
    """
    database = connection.settings_dict
    name = str(database["NAME"])
    if connection.vendor == "sqlite":
        raise CommandError(
            "This benchmark runs processes beside each other: give it a server, e.g. "
            "DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres"
        )
    scheme = {"postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    who = quote(str(database["USER"]), safe="")
    if database["PASSWORD"]:
        who += f":{quote(str(database['PASSWORD']), safe='')}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"{scheme}://{who}@{database['HOST']}{port}/{quote(name, safe='')}"


@contextlib.contextmanager
def running(arguments: Sequence[str], *, ready: str = "", **environment: str) -> Iterator[int]:
    """Run a Python program beside this one until the block ends; the value is its process.

    With `ready`, the block begins when the program has written that text.

    Raises:
        CommandError: it ends or stays silent; the message has what it wrote.
    """
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(  # noqa: S603  fixed programs
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": database_url(), "LOG_LEVEL": "WARNING"}
            | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, Path(f"/proc/self/fd/{output.fileno()}"), ready)
            yield process.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], output: Path, ready: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while ready not in output.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CommandError(f"A worker did not start:\n{output.read_text(errors='replace')}")
        time.sleep(0.1)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p99 and max, in milliseconds of values in seconds."""
    ordered = sorted(values)

    def at(part: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000, 1)

    return {"p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": at(1.0)}
