"""How long a request took, and how much of it the database, in the header Server-Timing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from goflow_site.signed_in import signed_in_user


class ServerTimingMiddleware:
    """Tells staff, and with SERVER_TIMING everybody, where the time of an answer went.

    Nobody else: how long something takes can tell whether it is there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        statements = StatementClock()
        started = time.perf_counter()
        with connection.execute_wrapper(statements):
            response = self.get_response(request)
        if settings.SERVER_TIMING or getattr(signed_in_user(request), "is_staff", False):
            total_ms = (time.perf_counter() - started) * 1000
            response["Server-Timing"] = (
                f"total;dur={total_ms:.1f}, db;dur={statements.seconds * 1000:.1f}, "
                f'statements;desc="{statements.count}"'
            )
        return response


class StatementClock:
    """Counts and times the statements of a connection that it is wrapped around."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - started
