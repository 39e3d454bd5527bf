"""Processes and servers that a test starts for itself, and ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
JSON = "application/json"
START_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


def ask(port: int, path: str, **headers: str) -> Answer:
    """Send a GET; `X_Request_ID` names a header `X-Request-ID`."""
    return _send("GET", port, path, "", headers)


def tell(port: int, path: str, facts: Mapping[str, Any], **headers: str) -> Answer:
    """Send a POST with JSON."""
    return _send("POST", port, path, json.dumps(facts), headers | {"Content-Type": JSON})


def _send(method: str, port: int, path: str, body: str, headers: Mapping[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


def eventually(is_so: Callable[[], bool], *, within: float = START_SECONDS) -> bool:
    """Say whether it becomes so in time; a server that does not listen yet is not it."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if is_so():
                return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """Return what an operator sets, for processes whose data is in `folder`."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "USER") if name in os.environ}
    return kept | {
        "ALLOWED_HOSTS": "portal.example.com,127.0.0.1",
        "DATABASE_URL": database_url,
        "GOFLOW_DATA_DIR": str(folder),
        "HTTPS": "0",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SECRET_KEY": "only-for-these-tests-" + "0123456789abcdef" * 4,
        **more,
    }


def manage(environment: Mapping[str, str], *arguments: str, text: str = "") -> str:
    """Run a command of `manage.py` and return what it prints."""
    answer = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(environment),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


@contextlib.contextmanager
def running(name: str, environment: Mapping[str, str], log: Path) -> Iterator[Any]:
    """Run a line of the Procfile; its process group ends with the block."""
    with log.open("a") as output:
        process = subprocess.Popen(
            ["sh", "-c", procfile()[name]],
            cwd=ROOT,
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def postgres_database(server_url: str) -> Iterator[str]:
    """Make a database on a server, and remove it afterwards."""
    import psycopg
    from psycopg import sql

    name = f"test_goflow_operations_{secrets.token_hex(4)}"
    with psycopg.connect(for_psycopg(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def for_psycopg(url: str) -> str:
    return urlsplit(url)._replace(scheme="postgresql").geturl()


def postgres_program(name: str) -> str | None:
    """Return a program of the PostgreSQL server, which Debian does not put into the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or next(
        (str(folder / name) for folder in folders if (folder / name).exists()), None
    )


class Cluster:
    """A PostgreSQL of one's own, to be stopped; as root it runs as the user `postgres`."""

    def __init__(self, folder: Path, pg_ctl: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._pg_ctl = pg_ctl
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-o", "--username=postgres --auth=trust --no-sync")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("start", "-w", "-l", str(self.folder / "log"), "-o", f"{options} -c fsync=off")

    def stop(self) -> None:
        self._run("stop", "-m", "immediate")

    def _run(self, *arguments: str) -> None:
        command = [self._pg_ctl, *arguments, "-D", str(self.folder)]
        answer = subprocess.run(
            [*self._as, *command] if os.geteuid() == 0 else command,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
