"""The outside world: an HTTP server that logs each call with its key, and misbehaves as told.

It is what a good receiver is: of several calls with one Idempotency-Key only the first has an
effect. So what the checker counts are attempts (calls) and effects (keys).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.faults.stack.processes import free_port

MODES = ("ok", "late", "500", "hang")


@dataclass(frozen=True, slots=True)
class Call:
    """`subject` is what the caller says it is about: here a case's business key."""

    at: float
    key: str
    subject: str
    status: int


@dataclass
class Recorder:
    port: int
    mode: str = "ok"
    late_seconds: float = 1.0
    calls: list[Call] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/effects"

    def note(self, key: str, subject: str) -> int:
        """Log a call and return the status to answer with."""
        mode = self.mode
        status = 500 if mode == "500" else 200
        with self._guard:
            self.calls.append(Call(time.time(), key, subject, status))
        if mode == "late":
            time.sleep(self.late_seconds)
        elif mode == "hang":
            # Until somebody lets it go on: the caller's own time limit has to end this.
            self.answering.wait(120)
        return status

    def seen(self) -> list[Call]:
        with self._guard:
            return list(self.calls)

    def forget(self) -> None:
        with self._guard:
            self.calls.clear()


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # noqa: N802  the library's name
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told = json.loads(body or b"{}")
            status = recorder.note(self.headers.get("Idempotency-Key", ""), told.get("subject", ""))
            answer = b'{"reference": "R-1"}'
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                # The caller was killed, or has given up.
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that is killed in the middle is what these tests are about."""


@contextmanager
def running_recorder() -> Iterator[Recorder]:
    recorder = Recorder(free_port())
    server = _Server(("127.0.0.1", recorder.port), _handler(recorder))
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield recorder
    finally:
        recorder.answering.set()
        server.shutdown()
        server.server_close()
