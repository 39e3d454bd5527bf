"""Real processes, each with its own group and log, that never outlive the test run."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Below those that Linux gives to clients: one of them could sit on the port of a server that is
# down.
PORTS = range(15_000, 32_000)
STOP_SECONDS = 20.0


class CannotStart(RuntimeError):
    """A process ended, or stayed silent, before it was ready; the message has its last words."""


class Leash:
    """Holds every process group that was started; see `leash.py`."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="goflow-faults-"))
        # A server that runs as another user has to reach its own folder below.
        self.directory.chmod(0o755)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("leash.py"))],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def hold(self, group: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{group}\n".encode())
        self._process.stdin.flush()

    def pull(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Process:
    """One program. `start` may be called again after it has ended."""

    def __init__(
        self,
        leash: Leash,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        user: str = "",
        directory: Path = ROOT,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = leash.directory / f"{name}.log"
        self._leash = leash
        self._user = user if os.getuid() == 0 else ""
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, ready: Callable[[], bool] | None = None, *, seconds: float = 60.0) -> None:
        who = {"user": self._user, "group": _group_of(self._user)} if self._user else {}
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **who,  # type: ignore[call-overload]
            )
        self._leash.hold(self._process.pid)
        if ready is not None:
            self.wait_until(ready, seconds=seconds)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running or time.monotonic() > deadline:
                raise CannotStart(f"{self.name} is not ready:\n{self.words()[-4000:]}")
            time.sleep(0.05)

    def words(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def send(self, number: signal.Signals) -> None:
        """To the program alone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def send_to_all(self, number: signal.Signals) -> None:
        """To the program and all its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """End the program politely, and for certain after a while; return how long it took."""
        if self._process is None:
            return 0.0
        started = time.monotonic()
        if self.is_running:
            self.send(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        took = time.monotonic() - started
        self.kill()
        return took

    def kill(self) -> None:
        """End the whole group at once."""
        if self._process is None:
            return
        self.send_to_all(signal.SIGKILL)
        self._process.wait()


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def free_port() -> int:
    """Return a port that nobody listens on; the next call, and another run, return another."""
    while True:
        port = random.choice(PORTS)
        if port not in _given and not listens(port):
            _given.add(port)
            return port


_given: set[int] = set()


def listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_for(what: Callable[[], bool], *, seconds: float = 30.0, every: float = 0.05) -> float:
    """Wait until it holds; return how long it took.

    Raises:
        TimeoutError: it does not in time.
    """
    started = time.monotonic()
    while not what():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)
    return time.monotonic() - started
