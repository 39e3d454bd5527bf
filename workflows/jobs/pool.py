"""Worker processes that one parent keeps alive: one job at a time each.

Whatever a handler does to its process (ends it, fills its memory, hangs for good), it is done to
one job alone, and another process takes the place. The parent runs no handler, and sweeps.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connections

from workflows import store

from .limits import interrupt_within, limit_memory
from .loop import work_until_stopped
from .sweep import SWEEP_SECONDS, Sweeper
from .worker import Worker, worker_name

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 5.0
"""Between the end of a process and the start of the next, where they end again and again."""


@dataclass
class Pool:
    """`processes` workers of `queues` (none named: all)."""

    processes: int
    queues: Collection[str] = ()
    stopping: threading.Event = field(default_factory=threading.Event)
    _children: dict[int, str] = field(default_factory=dict)
    _pause_seconds: float = 0.0
    _next_start: float = 0.0

    def run(self) -> None:
        """Keep the processes alive until `stopping` is set; then end them, leases given back."""
        sweeper = Sweeper(worker_name(), self.queues, self.stopping)
        try:
            while not self.stopping.is_set():
                self._bury()
                if len(self._children) < self.processes and time.monotonic() >= self._next_start:
                    self._start()
                    continue
                sweeper.once()
                self.stopping.wait(SWEEP_SECONDS)
        finally:
            self._end()

    def _start(self) -> None:
        name = worker_name()
        # A connection must not be shared with the process that is forked next.
        connections.close_all()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._be_child(name)
        self._children[pid] = name

    def _be_child(self, name: str) -> None:
        code = 1
        try:
            worker = Worker(name=name, queues=self.queues, may_die=True)
            parent = os.getppid()

            def ask_to_stop(number: int, frame: FrameType | None) -> None:
                worker.stopping.set()
                interrupt_within(settings.GOFLOW_STOP_SECONDS)

            signal.signal(signal.SIGTERM, ask_to_stop)
            # Ctrl-C reaches the whole group: the parent decides.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            limit_memory(settings.GOFLOW_HANDLER_MEMORY_MB)
            work_until_stopped(worker, is_orphan=lambda: os.getppid() != parent)
            code = 0
        except BaseException:
            logger.exception("A worker process ends")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Nothing of the parent's is to be cleaned up here.
            os._exit(code)

    def _bury(self) -> None:
        """Let others have what a process held that has died."""
        for pid, name in list(self._children.items()):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found == 0:
                continue
            del self._children[pid]
            code = os.waitstatus_to_exitcode(status)
            logger.error("Worker process %s ended (%s); another takes its place.", name, code)
            self._pause_seconds = min(2 * self._pause_seconds + 0.1, LONGEST_PAUSE_SECONDS)
            self._next_start = time.monotonic() + self._pause_seconds
            self._free(name)
        if len(self._children) == self.processes:
            self._pause_seconds = max(0.0, self._pause_seconds - 0.05)

    def _free(self, name: str) -> None:
        try:
            store.free_leases(name)
        except DatabaseError as error:
            logger.warning("Its leases run out by themselves: %s", error)

    def _end(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        # Twice: once for the handler to end, once for what it holds to be given back.
        deadline = time.monotonic() + 2 * settings.GOFLOW_STOP_SECONDS
        while self._children and time.monotonic() < deadline:
            for pid in list(self._children):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del self._children[pid]
            time.sleep(0.05)
        for pid, name in self._children.items():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self._free(name)
