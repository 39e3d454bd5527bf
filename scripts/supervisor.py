"""Child processes that start, live and end together. Standard library only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10.0
POLL_SECONDS = 0.2
# A program that ends this often, each time this soon after its start, will not stay up.
MAX_QUICK_ENDS = 3
QUICK_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: list[str]


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    quick_ends: int = 0


@dataclass(frozen=True, slots=True)
class _Make:
    """The `make` above us. It passes SIGTERM on, but not a SIGINT that was sent to it alone."""

    pid: int
    catches_interrupts: bool

    @classmethod
    def above(cls) -> _Make | None:
        if "MAKELEVEL" not in os.environ:
            return None
        return cls(os.getppid(), _catches_interrupts(os.getppid()))

    def is_ending(self) -> bool:
        """Tell whether it was killed, or interrupted: it then waits for us, catching no more."""
        if os.getppid() != self.pid:
            return True
        return self.catches_interrupts and not _catches_interrupts(self.pid)


@dataclass(slots=True)
class Supervisor:
    """Keeps programs running; `stop` ends them with all their own children.

    Each gets a process group of its own: a Ctrl-C in the terminal then reaches only the supervisor,
    and ends the programs once and in order instead of twice and at random.
    """

    environment: dict[str, str]
    directory: Path
    _children: list[_Child] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _make: _Make | None = field(default_factory=lambda: _Make.above())

    @property
    def asked_to_stop(self) -> bool:
        return self._stop.is_set()

    def ask_to_stop(self) -> None:
        """End `watch` soon. Safe to call from a signal handler."""
        self._stop.set()

    def start(self, program: Program) -> None:
        self._children.append(_Child(program, self._spawn(program), time.monotonic()))

    def is_alive(self) -> bool:
        return all(child.process.poll() is None for child in self._children)

    def watch(self) -> int:
        """Revive programs that end, until asked to stop (0) or one will not stay up (1)."""
        while not self._stop.wait(POLL_SECONDS):
            if self._make is not None and self._make.is_ending():
                return 0
            for child in self._children:
                if child.process.poll() is not None and not self._revive(child):
                    return 1
        return 0

    def stop(self) -> None:
        """End every program: politely first, for certain after `STOP_SECONDS`."""
        for child in self._children:
            _signal_group(child, signal.SIGTERM, leader_only=True)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            # Also after a polite end: what the program has left behind in its group goes too.
            _signal_group(child, signal.SIGKILL, leader_only=False)
            child.process.wait()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            program.command,
            env=self.environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def _revive(self, child: _Child) -> bool:
        lived = time.monotonic() - child.started_at
        child.quick_ends = child.quick_ends + 1 if lived < QUICK_SECONDS else 0
        ended = f"The {child.program.name} ended (exit code {child.process.returncode})"
        if child.quick_ends >= MAX_QUICK_ENDS:
            print(
                f"{ended} {MAX_QUICK_ENDS} times within seconds; the reason stands above.",
                file=sys.stderr,
            )
            return False
        print(f"{ended}; starting it again.", file=sys.stderr, flush=True)
        _signal_group(child, signal.SIGKILL, leader_only=False)
        child.process = self._spawn(child.program)
        child.started_at = time.monotonic()
        return True


def _signal_group(child: _Child, number: signal.Signals, *, leader_only: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if leader_only:
            child.process.send_signal(number)
        else:
            os.killpg(child.process.pid, number)


def _catches_interrupts(pid: int) -> bool:
    """Read from Linux which signals a process handles; False where it cannot be read."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    masks = [int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")]
    return bool(masks and masks[0] >> (signal.SIGINT - 1) & 1)


def _die_with_parent() -> None:
    """Ask Linux to end this process when the supervisor dies, even by kill -9."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
