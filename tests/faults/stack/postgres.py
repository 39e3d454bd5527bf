"""A PostgreSQL cluster of our own, to be stopped, killed and disturbed."""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from .processes import Leash, Process, free_port

USER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "64MB",
    # The promise under test: what was acknowledged is on the disk.
    "fsync": "on",
    "synchronous_commit": "on",
    "log_min_messages": "fatal",
}


def find_binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    return (
        Path(max(versions, key=lambda path: int(path.split("/")[4]))).parent if versions else None
    )


class Postgres:
    """`prefix` is put before the server's command, e.g. faketime."""

    def __init__(self, leash: Leash) -> None:
        binaries = find_binaries()
        assert binaries is not None
        self.port = free_port()
        self.data = leash.directory / f"postgres-{self.port}"
        self.data.mkdir()
        self._user = USER if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            shutil.chown(self.data, USER)
        self._run_as_owner(
            str(binaries / "initdb"),
            *("-D", str(self.data), "-U", USER, "-A", "trust", "--no-sync"),
            *("--no-locale", "-E", "UTF8"),
        )
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        self._command = [
            str(binaries / "postgres"),
            *("-D", str(self.data), "-p", str(self.port), "-k", str(self.data), *options),
        ]
        self.process = Process(
            leash,
            f"postgres-{self.port}",
            self._command,
            os.environ,
            user=USER,
            directory=self.data,
        )

    def start(self, *prefix: str, environment: Mapping[str, str] | None = None) -> None:
        self.process.command = [*prefix, *self._command]
        self.process.environment = {**os.environ, **(environment or {})}
        self.process.start(self.answers)

    def stop(self, mode: str = "fast") -> None:
        """`smart` waits for clients, `fast` ends them, `immediate` ends without a checkpoint, and
        `kill` is kill -9 of all its processes."""
        if mode == "kill":
            # Each backend is the leader of a session of its own, so the group is the server alone.
            backends = self.process.children()
            self.process.kill()
            for pid in backends:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return
        numbers = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self.process.stop(numbers[mode])

    def restart(self, mode: str) -> float:
        """Stop and start again; return how long it was away."""
        started = time.monotonic()
        self.stop(mode)
        self.start()
        return time.monotonic() - started

    def answers(self) -> bool:
        try:
            self.ask("postgres", "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str, *, port: int = 0) -> str:
        return f"postgres://{USER}@127.0.0.1:{port or self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            dbname=database,
            autocommit=True,
            connect_timeout=3,
        )

    def ask(self, database: str, text: str, parameters: Any = None) -> list[Any]:
        with self.connect(database) as connection:
            found = connection.execute(text, parameters)
            return found.fetchall() if found.description else []

    def _run_as_owner(self, *command: str) -> None:
        who = {"user": USER} if os.getuid() == 0 else {}
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd=self.data,
            **who,  # type: ignore[call-overload]
        )
