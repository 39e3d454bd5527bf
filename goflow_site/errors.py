"""The one place that turns errors into answers: pages, htmx fragments, problem details."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django_fsm import TransitionNotAllowed
from rest_framework.response import Response

from goflow_site.problems import (
    CONTENT_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    SERVER_ERROR,
    UNAVAILABLE,
    Problem,
    problem_of,
)
from workflows.errors import GoflowError

logger = logging.getLogger("goflow.refusals")

API_PREFIX = "/api/"
CONFLICT_PAGE = "approvals/conflict.html"
READING_METHODS = ("GET", "HEAD", "OPTIONS")

# The rest of what a page raises is for Django, which shows its technical page where DEBUG is on.
_ANSWERED_HERE = (
    GoflowError,
    TransitionNotAllowed,
    RequestDataTooBig,
    OperationalError,
    InterfaceError,
)

PAGES = {
    400: "errors/400.html",
    403: "errors/403.html",
    404: "errors/404.html",
    409: "errors/409.html",
    413: "errors/413.html",
    422: "errors/400.html",
    500: "errors/500.html",
    503: "errors/500.html",
}


class GoflowErrorMiddleware:
    """Answers what a page's view raised: each refusal with its status and a way out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == 404 and _is_djangos_own(response):
            # Who tries Goflow runs it with DEBUG on, and should see the page that everybody sees.
            return _answer(request, NOT_FOUND)
        if isinstance(response, HttpResponseNotAllowed):
            # Django's own has no page.
            answer = _answer(request, METHOD_NOT_ALLOWED)
            answer.headers["Allow"] = response.headers["Allow"]
            return answer
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Return the answer, or None where Django and the handlers below are to give it."""
        problem = problem_of(error)
        if problem is None or not isinstance(error, _ANSWERED_HERE):
            return None
        _log(request, problem, error)
        return _answer(request, problem)


def api_exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the problem details of what an API view raised; None makes it Django's 500, logged."""
    request = context["request"]
    problem = problem_of(error, reads_only=request.method in (*READING_METHODS, "DELETE"))
    if problem is None:
        return None
    _log(request, problem, error)
    return Response(
        problem.as_dict(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Handler of 400, and of what Django counts as one: a body that is too large is 413 here."""
    found = problem_of(exception)
    return _answer(
        request, found or Problem(400, "bad_request", "Not understood", "It is malformed.")
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    problem = problem_of(exception) or Problem(403, "not_allowed", "Not allowed", "")
    _log(request, problem, exception)
    return _answer(request, problem)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _answer(request, NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Handler of 500: tells nothing of the cause, which is in the log.

    Django comes here as well with what a middleware raised: saving the session, for one, where the
    database has gone meanwhile.
    """
    error = sys.exc_info()[1]
    is_away = isinstance(error, OperationalError | InterfaceError)
    return _answer(request, UNAVAILABLE if is_away else SERVER_ERROR)


@csrf_exempt
def unknown_api_path(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """Answer every address under /api/ that is none, whatever the method."""
    hint = "" if path.endswith("/") else " Every address ends with a slash."
    detail = f"There is no such address in this API; /api/docs/ lists them.{hint}"
    return _problem_response(Problem(404, "not_found", "Not found", detail))


def _is_djangos_own(response: HttpResponseBase) -> bool:
    """Say whether this is Django's page for developers, which has no template of ours behind it."""
    content = getattr(response, "content", b"")
    return b"You\xe2\x80\x99re seeing this error because you have" in content


def _answer(request: HttpRequest, problem: Problem) -> HttpResponseBase:
    if request.path.startswith(API_PREFIX):
        return _problem_response(problem)
    return _page(request, problem, _template(request, problem))


def _problem_response(problem: Problem) -> HttpResponse:
    return JsonResponse(
        problem.as_dict(),
        status=problem.status,
        headers=dict(problem.headers),
        content_type=CONTENT_TYPE,
    )


def _page(request: HttpRequest, problem: Problem, template: str) -> HttpResponse:
    context = {
        # What Django or a fault says is no text for people: those pages have their own.
        "message": problem.detail if problem.status not in (404, 500) else "",
        "title": problem.title,
        "status": problem.status,
        "problems": problem.facts.get("problems", []),
        "back_url": _back_url(request, problem),
    }
    # Only the conflict page stands in the portal's frame. The others do without the site's context
    # processors, since the session or the database may be what has failed.
    framed = request if template == CONFLICT_PAGE else None
    text = render_to_string(template, context, request=framed)
    return HttpResponse(text, status=problem.status, headers=dict(problem.headers))


def _template(request: HttpRequest, problem: Problem) -> str:
    if getattr(request, "htmx", False):
        return "errors/_notice.html"
    user = getattr(request, "user", None)
    if problem.status == 409 and user is not None and user.is_authenticated:
        return CONFLICT_PAGE
    return PAGES.get(problem.status, PAGES[400 if problem.status < 500 else 500])


def _back_url(request: HttpRequest, problem: Problem) -> str:
    """Return where the reader came from, if that is a page of this site."""
    if problem.status == 400:
        return "/"  # The host itself may be what is wrong.
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        return "/"
    came_from = urlsplit(referer)
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def _log(request: Any, problem: Problem, error: Exception) -> None:
    """Log refused rights, and a failing database with its cause; the rest is daily life."""
    if problem is UNAVAILABLE:
        logger.error(
            "%s %r: %s", request.method, request.path, type(error).__name__, exc_info=error
        )
    elif problem.status in (401, 403):
        user = getattr(request, "user", None)
        logger.warning(
            "%s %r refused to user %s: %s",
            request.method,
            request.path,
            getattr(user, "pk", None),
            problem.code,
        )
