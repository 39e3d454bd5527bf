"""The clock of whoever reads: times on pages stand in the zone in which they work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from approvals.calendars import calendar_of

API_PREFIX = "/api/"


class ZoneMiddleware:
    """Shows times in the zone of the reader's office, or their own where they work elsewhere.

    Programs that ask the API get UTC, whoever they ask for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A thread goes on to serve somebody else.
        with timezone.override(None):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """Choose the zone when it is known that there is a page."""
        user = None if request.path.startswith(API_PREFIX) else request.user
        if user is not None and user.is_authenticated:
            timezone.activate(calendar_of(user.pk).zone)
