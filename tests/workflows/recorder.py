"""A real HTTP server on this machine that answers as it is told and records what reaches it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Hit:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Recorder:
    """`answer` is told for each hit: status, headers, body."""

    port: int = 0
    hits: list[Hit] = field(default_factory=list)
    connections: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    before_answer: Callable[[Any], None] = lambda handler: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.hits.append(Hit(self.command, self.path, headers, body))
            recorder.before_answer(self)
            if self.wfile.closed:
                return
            self.send_response(recorder.status)
            for name, value in recorder.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in recorder.headers:
                self.send_header("Content-Length", str(len(recorder.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(recorder.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    recorder: Recorder

    def verify_request(self, request: Any, client_address: Any) -> bool:
        self.recorder.connections += 1
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many of these tests are about."""


@contextmanager
def running_recorder(wrap: Callable[[Any], Any] | None = None) -> Iterator[Recorder]:
    """Serve until the end of the block. `wrap` puts TLS around the listening socket."""
    recorder = Recorder()
    server = _Server(("127.0.0.1", 0), _handler(recorder))
    server.recorder = recorder
    recorder.port = server.server_address[1]
    if wrap is not None:
        server.socket = wrap(server.socket)
    thread = threading.Thread(target=server.serve_forever, args=[0.005], daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def drip(handler: Any) -> None:
    """Send a header letter by letter, for longer than anybody waits."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(200):
            handler.wfile.write(b"a")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    handler.close_connection = True
    handler.wfile.close()
