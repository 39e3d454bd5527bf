"""How long web server and worker need to start, and how much memory they then hold."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import override_settings

from workflows.bench.processes import running
from workflows.models import WorkerBeat

LONGEST_SECONDS = 60
WEB = ("-m", "gunicorn", "-c", "python:goflow_site.web", "goflow_site.wsgi")
WORKER = ("manage.py", "run_worker")


def start(*, rounds: int, steps: int) -> Iterator[dict[str, Any]]:
    """Cold start and memory of the web server and of a worker, one process each, in turn.

    A web server has started when it answers a page; a worker when others see it. Memory is the
    proportional set size of the parent and its children, then.
    """
    seconds: dict[str, list[float]] = {"web": [], "worker": []}
    megabytes: dict[str, list[float]] = {"web": [], "worker": []}
    with tempfile.TemporaryDirectory() as folder:
        with override_settings(STATIC_ROOT=folder):
            call_command("collectstatic", verbosity=0, interactive=False)
        for _ in range(rounds):
            for what, measured in (("web", _web(folder)), ("worker", _worker())):
                seconds[what].append(measured[0])
                megabytes[what].append(measured[1])
    for what in seconds:
        yield {
            "bench": "start",
            "database": connection.vendor,
            "what": what,
            "rounds": rounds,
            "seconds": round(statistics.median(seconds[what]), 2),
            "memory_mb": round(statistics.median(megabytes[what]), 1),
        }


def web_environment(port: int, **more: str) -> dict[str, str]:
    """Return what a web server needs beside the database to run as on a server, without TLS."""
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET_KEY": "bench" * 12,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "0",
        "HTTPS": "0",
    } | more


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answers(port: int, address: str) -> bool:
    """Say whether the page is there."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request("GET", address)
        return client.getresponse().status == 200
    except OSError:
        return False
    finally:
        client.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Ask again and again.

    Raises:
        CommandError: it takes too long.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise CommandError(f"Not started after {LONGEST_SECONDS} s.")
        time.sleep(0.02)


def _web(static_folder: str) -> tuple[float, float]:
    port = free_port()
    begun = time.perf_counter()
    with running(WEB, **web_environment(port, GOFLOW_STATIC_DIR=static_folder)) as pid:
        wait_until(lambda: answers(port, "/login/"))
        return time.perf_counter() - begun, _memory_mb(pid)


def _worker() -> tuple[float, float]:
    WorkerBeat.objects.all().delete()
    begun = time.perf_counter()
    with running(WORKER) as pid:
        wait_until(WorkerBeat.objects.exists)
        return time.perf_counter() - begun, _memory_mb(pid)


def _memory_mb(pid: int) -> float:
    """Return the proportional set size of a process and its children."""
    kilobytes = 0
    for own in [pid, *_children(pid)]:
        for line in Path(f"/proc/{own}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1000


def _children(pid: int) -> list[int]:
    found = []
    for entry in os.listdir(f"/proc/{pid}/task"):
        for child in Path(f"/proc/{pid}/task/{entry}/children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found
