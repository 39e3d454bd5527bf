"""`/metrics`: what a Prometheus reads from a web process and, on a port of its own, from a worker.

What stands in the database is counted there at each reading, so every process tells the same. Times
are those of one process, or of all processes that share the directory PROMETHEUS_MULTIPROC_DIR.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from goflow_site.gauges import DatabaseGauges
from goflow_site.serving import forget_times

logger = logging.getLogger("goflow.metrics")

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Who sends one of these speaks for somebody else: the address is the proxy's.
PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
CLIENT_SECONDS = 10

step_seconds = Histogram(
    "goflow_step_seconds", "How long steps of the engine took.", ["step"], buckets=SECONDS
)
http_seconds = Histogram(
    "goflow_http_request_seconds",
    "How long requests took.",
    ["view", "method", "status"],
    buckets=SECONDS,
)


def observe_step(name: str, seconds: float) -> None:
    step_seconds.labels(name).observe(seconds)


def observe_request(view: str, method: str, status: int, seconds: float) -> None:
    """Count a request; `view` is "" where no address matched."""
    # A stranger's invented methods would each become a series of their own.
    known = method if method in METHODS else "other"
    http_seconds.labels(view or "none", known, f"{status // 100}xx").observe(seconds)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell the metrics to who may read them; others learn not even that they are there."""
    if not may_read(request.META):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def may_read(environ: Mapping[str, Any]) -> bool:
    """Say whether a request with this WSGI environment comes from where METRICS_* allow it."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return secrets.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if any(name in environ for name in PROXY_HEADERS):
        return False
    try:
        address = ip_address(environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback or any(address in network for network in settings.METRICS_ALLOW)


def exposition() -> bytes:
    """Return all metrics as text."""
    registry = CollectorRegistry()
    registry.register(DatabaseGauges())
    if settings.PROMETHEUS_MULTIPROC_DIR:
        MultiProcessCollector(registry, path=settings.PROMETHEUS_MULTIPROC_DIR)
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)


def serve_worker_metrics(**_: Any) -> None:
    """Serve the metrics of a group of worker processes, from a thread of their parent.

    A port that is taken costs the metrics, never the work.
    """
    forget_times(settings.PROMETHEUS_MULTIPROC_DIR)
    if not settings.WORKER_METRICS_PORT:
        return
    try:
        server = make_server(
            # Whoever may not read them is refused: `may_read`.
            "0.0.0.0",  # noqa: S104
            settings.WORKER_METRICS_PORT,
            _answer,
            server_class=_Server,
            handler_class=_Handler,
        )
    except OSError as error:
        logger.error("No metrics on port %s: %s", settings.WORKER_METRICS_PORT, error.strerror)
        return
    threading.Thread(target=server.serve_forever, name="goflow-metrics", daemon=True).start()


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] != "/metrics" or not may_read(environ):
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"Not found\n"]
    try:
        text = exposition()
    finally:
        # A worker process that is forked meanwhile must not find a connection of this thread.
        connections.close_all()
    start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
    return [text]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = CLIENT_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug("[pid %s] " + format, os.getpid(), *args)
