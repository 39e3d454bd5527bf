"""Around every request: its id, its line in the log, its time; and probes, before anything else."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from goflow_site.health import healthz, readyz
from goflow_site.metrics import metrics, observe_request
from goflow_site.signed_in import signed_in_user
from workflows import logcontext

logger = logging.getLogger("goflow.access")

GetResponse = Callable[[HttpRequest], HttpResponseBase]

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PROBES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}


class RequestMiddleware:
    """Gives each request an id, and logs and measures how it was answered.

    The id is that of the header X-Request-ID where a proxy has sent a sane one; the answer and
    every line that is logged meanwhile carry it. The query is not logged: it may hold what people
    have typed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = _request_id(request)
        started = time.perf_counter()
        with logcontext.bind(request=request_id, user=lambda: _known_user(request)):
            response = self.get_response(request)
            self._tell(request, response, time.perf_counter() - started)
            # For what Django logs of the answer when all middlewares are through.
            request.log_facts = logcontext.current()  # type: ignore[attr-defined]
        response["X-Request-ID"] = request_id
        return response

    @staticmethod
    def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        match = request.resolver_match
        view = match.view_name if match else request.path if request.path in PROBES else ""
        observe_request(view, request.method or "", response.status_code, seconds)
        is_quiet = response.status_code < 400 and _is_routine(request.path)
        logger.log(
            logging.DEBUG if is_quiet else logging.INFO,
            "%s %s %s %.1f ms",
            request.method,
            request.path,
            response.status_code,
            seconds * 1000,
            extra={
                "method": request.method,
                "path": request.path,
                "view": view,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
            },
        )


class ProbeMiddleware:
    """Answers `/healthz`, `/readyz` and `/metrics` whatever the host and the scheme.

    Those who ask know the address of the machine, not the portal's name, and have no TLS.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path)
        return self.get_response(request) if probe is None else probe(request)


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _is_routine(path: str) -> bool:
    return path in PROBES or path.startswith(settings.STATIC_URL)


def _known_user(request: HttpRequest) -> Any:
    """Return the id of who is signed in, if the request has asked for it: logging asks nothing."""
    return getattr(signed_in_user(request), "pk", None)
