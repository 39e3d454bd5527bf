"""The portal on a database: web server and workers as in production, only quicker to notice."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.faults.checker import check
from tests.faults.client import ClientLog, Person
from tests.faults.evidence import Evidence, collect
from tests.faults.figures import figures_of, keep, row_at_hand
from tests.faults.recorder import Recorder

from .processes import ROOT, Leash, Process, free_port, wait_for

WEB_PROCESSES = 2
LEASE_SECONDS = 3


class Site:
    """One portal. `connect` returns a DB-API connection to its database."""

    def __init__(
        self,
        leash: Leash,
        recorder: Recorder,
        *,
        name: str,
        database_url: str,
        connect: Callable[[], Any],
    ) -> None:
        self.name, self.recorder, self.connect = name, recorder, connect
        self.port = free_port()
        self._leash = leash
        self.kills = leash.directory / f"kills-{name}"
        self.effects = leash.directory / f"effects-{name}"
        data = leash.directory / f"data-{name}"
        data.mkdir()
        self.environment = {
            **{key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ},
            "ALLOWED_HOSTS": "127.0.0.1",
            "CONN_MAX_AGE": "60",
            "DATABASE_LOCK_TIMEOUT_SECONDS": "5",
            "DATABASE_URL": database_url,
            "DEBUG": "0",
            "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "FAULTPOINT_LOG": str(self.kills),
            "FAULTS_EFFECTS": str(self.effects),
            # A client's idle connection is closed by gunicorn otherwise, at a bad moment at times.
            "GUNICORN_CMD_ARGS": "--keep-alive 60",
            "GOFLOW_APPS": "tests.faults.world.apps.WorldConfig",
            "GOFLOW_DATA_DIR": str(data),
            "GOFLOW_LEASE_SECONDS": str(LEASE_SECONDS),
            "GOFLOW_OUTBOUND_ALLOW": "127.0.0.1",
            "GOFLOW_OUTBOUND_PORTS": str(recorder.port),
            "GOFLOW_STOP_SECONDS": "3",
            "HTTPS": "0",
            "LOG_LEVEL": "WARNING",
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
            "WEB_CONCURRENCY": str(WEB_PROCESSES),
        }
        self.web: Process | None = None
        self.workers: list[Process] = []
        self.tokens: dict[str, str] = {}
        self.after = 0
        self.struck = 0
        """Faults that a row has caused by itself since `begin`, kill points apart."""
        self._web_with: tuple[int, dict[str, str]] = (0, {})
        self._number = 0

    def seed(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.stack.seed", self.recorder.url],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-4000:])
        self.tokens = json.loads(done.stdout.splitlines()[-1])

    def start_web(self, *, processes: int = WEB_PROCESSES, **environment: str) -> Process:
        """Gunicorn, as on a server; its children are forked from a loaded parent, so that one that
        was killed is followed in a moment."""
        command = [sys.executable, "-m", "gunicorn", "-c", "python:goflow_site.web", "--preload"]
        command += ["goflow_site.wsgi"]
        self._web_with = (processes, dict(environment))
        environment = {"WEB_CONCURRENCY": str(processes), **environment}
        self.web = self._process("web", command, environment)
        self.web.start(self.answers)
        return self.web

    def start_worker(
        self, *arguments: str, broker: str = "", prefix: Sequence[str] = (), **environment: str
    ) -> Process:
        """A worker with two processes: of Goflow itself, or Celery's where there is a broker."""
        if broker:
            command = [sys.executable, "-m", "celery", "-A", "goflow_site", "worker"]
            command += ["-c", "2", "-n", f"w{self._number + 1}@%h", *arguments]
            environment = {"CELERY_BROKER_URL": broker, **environment}
        else:
            command = [sys.executable, "manage.py", "run_worker", *arguments]
        worker = self._process("worker", [*prefix, *command], environment)
        self.workers.append(worker)
        worker.start()
        return worker

    def begin(self) -> None:
        """Begin a row: what earlier rows have left open is not part of it."""
        self.kills.unlink(missing_ok=True)
        self.effects.unlink(missing_ok=True)
        self.struck = 0
        self.after = self.last_case()

    def serve(self, *, processes: int = WEB_PROCESSES, **environment: str) -> Process:
        """Start the web server, or leave the one that runs just so."""
        is_up = self.web is not None and self.web.is_running
        if not is_up or self._web_with != (processes, environment):
            if self.web is not None:
                self.web.kill()
            self.start_web(processes=processes, **environment)
        assert self.web is not None
        return self.web

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.workers.clear()

    def stop(self) -> None:
        self.stop_workers()
        if self.web is not None:
            self.web.kill()
            self.web = None

    def check(self, log: ClientLog, *, seconds: float = 40.0, given_up: int = 0) -> Evidence:
        """Wait for rest, then assert I1 to I7 on all cases since `begin`.

        `given_up`: so many jobs have to be incidents, and are not counted as stuck.
        """
        took = self.settle(seconds=seconds)
        evidence = self.collect()
        calls = self.recorder.seen()
        problems = check(evidence, log.operations, calls)
        if given_up:
            incidents = [problem for problem in problems if "was given up" in problem]
            assert len(incidents) == given_up, incidents
            problems = [problem for problem in problems if problem not in incidents]
        kills = self.killed().total() + self.struck
        keep(figures_of(row_at_hand(), log.operations, calls, problems, kills=kills))
        told = "\n".join(problems[:20])
        assert not problems, f"{len(problems)} problems after {took:.1f} s:\n{told}\n{self.words()}"
        return evidence

    def collect(self) -> Evidence:
        connection = self.connect()
        try:
            return collect(connection, after=self.after)
        finally:
            connection.close()

    def settle(self, *, seconds: float = 40.0) -> float:
        """Wait until no job of these cases that is due is left to workers."""
        return wait_for(lambda: not self._unfinished(), seconds=seconds, every=0.2)

    def _unfinished(self) -> int:
        # An incident is found by the checker: waiting does not mend it.
        return int(
            self.ask(
                "SELECT COUNT(*) FROM workflows_job j JOIN workflows_case c ON c.id = j.case_id "
                f"WHERE c.id > {self.after} AND (c.state = 'running' OR j.kind = 'effect') "
                "AND (j.state = 'running' OR (j.state = 'due' AND j.kind = 'service')"
                " OR (j.state = 'due' AND j.due_at <= NOW()))"
            )[0][0]
        )

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def person(self, name: str, log: ClientLog | None = None) -> Person:
        return Person(self.port, name, self.tokens[name], log)

    def ask(self, text: str) -> list[Any]:
        connection = self.connect()
        try:
            cursor = connection.cursor()
            cursor.execute(text)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def last_case(self) -> int:
        return int(self.ask("SELECT COALESCE(MAX(id), 0) FROM workflows_case")[0][0])

    def killed(self) -> Counter[str]:
        """How often which kill point has struck since the file was removed."""
        if not self.kills.exists():
            return Counter()
        return Counter(line.split()[0] for line in self.kills.read_text().splitlines())

    def began(self) -> list[str]:
        """The keys of the handlers of `tests.faults.world` that began."""
        if not self.effects.exists():
            return []
        return [line.split()[0] for line in self.effects.read_text().splitlines()]

    def words(self) -> str:
        processes = [*self.workers, *([self.web] if self.web else [])]
        return "\n".join(f"--- {p.name}\n{p.words()[-3000:]}" for p in processes)

    def _process(self, kind: str, command: list[str], environment: dict[str, str]) -> Process:
        self._number += 1
        name = f"{self.name}-{kind}-{self._number}"
        return Process(self._leash, name, command, {**self.environment, **environment})


def kill_children(process: Process) -> None:
    """Kill -9 of the children alone: their parent has to notice."""
    for child in process.children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def resident_megabytes(process: Process) -> float:
    """Return what the largest process of the group holds in memory."""
    sizes = []
    for pid in [process.pid, *process.children()]:
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        sizes += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")]
    return max(sizes, default=0.0)
