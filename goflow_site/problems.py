"""Any error as the facts that a person or a program needs: RFC 9457 problem details.

`goflow_site.errors` turns them into pages and answers; nothing else decides on a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django_fsm import TransitionNotAllowed
from rest_framework import exceptions

from workflows.errors import GoflowError, NotFound

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong. `facts` are further members of the answer, `headers` go with it."""

    status: int
    code: str
    title: str
    detail: str
    facts: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The identifier of this kind of problem; docs/api.md lists the codes."""
        return f"urn:goflow:problem:{self.code}"

    def as_dict(self) -> dict[str, Any]:
        own = {
            "type": self.type,
            "title": str(self.title),
            "status": self.status,
            "detail": str(self.detail),
            "code": self.code,
        }
        return {**self.facts, **own}


NOT_FOUND = Problem(404, "not_found", "Not found", "There is nothing here that you may see.")
METHOD_NOT_ALLOWED = Problem(
    405,
    "method_not_allowed",
    "This address does nothing of that kind",
    "Nothing was changed. Go back to the page before, and use its buttons.",
)
SERVER_ERROR = Problem(
    500,
    "internal_error",
    "Something went wrong on our side",
    "Nothing of what you sent was half done. If it happens again, tell an administrator when.",
)
UNAVAILABLE = Problem(
    503,
    "database_unavailable",
    "The database does not answer",
    # A connection may break after the database has committed: nobody here knows.
    "It may have been done, or not. Try again in a moment: what is sent again with its "
    "Idempotency-Key is done once.",
    headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
)

_DJANGO_ERRORS: tuple[tuple[type[Exception], Problem], ...] = (
    (Http404, NOT_FOUND),
    (PermissionDenied, Problem(403, "not_allowed", "Not allowed", "You have no right to do this.")),
    (
        RequestDataTooBig,
        Problem(413, "too_large", "That is too large", "The request is larger than Goflow takes."),
    ),
    (
        TooManyFieldsSent,
        Problem(
            400, "too_many_fields", "Too many fields", "The form has more fields than allowed."
        ),
    ),
    (
        TooManyFilesSent,
        Problem(400, "too_many_files", "Too many files", "The form has more files than allowed."),
    ),
    (
        SuspiciousOperation,
        Problem(400, "bad_request", "The request was not understood", "The request is malformed."),
    ),
    (OperationalError, UNAVAILABLE),
    (InterfaceError, UNAVAILABLE),
)

_API_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "unsupported_media_type",
    429: "too_many_attempts",
}


def problem_of(error: BaseException, *, reads_only: bool = False) -> Problem | None:
    """Return what `error` tells the caller, or None where it is a fault of ours.

    `reads_only` is true for a request that sends no body: a wrong value then stands in its address,
    which is 400, while a wrong field of a body is 422.
    """
    if isinstance(error, GoflowError) and error.code == NotFound.code:
        # The same words for what is not there and for what is not to be known.
        return NOT_FOUND
    if isinstance(error, GoflowError):
        return Problem(error.http_status, error.code, error.title, error.message, error.facts)
    if isinstance(error, exceptions.ValidationError):
        return _validation(flatten(error.detail), reads_only=reads_only)
    if isinstance(error, ValidationError):
        return _validation(_django_problems(error), reads_only=reads_only)
    if isinstance(error, exceptions.APIException):
        return _api_problem(error)
    if isinstance(error, TransitionNotAllowed):
        return Problem(409, "conflict", "This has changed in the meantime", str(error))
    return next((problem for kind, problem in _DJANGO_ERRORS if isinstance(error, kind)), None)


def flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Return REST framework's nested error details as `{path, message}`, e.g. `lines.0.amount`."""
    if isinstance(detail, Mapping):
        return [
            found for name, below in detail.items() for found in flatten(below, _join(path, name))
        ]
    if isinstance(detail, list):
        return [
            found
            for below in _positions(detail)
            for found in flatten(below[1], _join(path, below[0]))
        ]
    return [{"path": path, "message": str(detail)}]


def _positions(details: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the items: a message is about the whole list, a mapping about the item there."""
    for index, below in enumerate(details):
        yield (str(index) if isinstance(below, Mapping) else "", below)


def _join(path: str, name: str) -> str:
    if name in ("non_field_errors", "__all__"):
        return path
    return ".".join(part for part in (path, str(name)) if part)


def _django_problems(error: ValidationError) -> list[dict[str, str]]:
    if hasattr(error, "error_dict"):
        return flatten(error.message_dict)
    return flatten(error.messages)


def _validation(problems: Iterable[dict[str, str]], *, reads_only: bool) -> Problem:
    listed = list(problems)
    detail = " ".join(
        f"{problem['path']}: {problem['message']}" if problem["path"] else problem["message"]
        for problem in listed
    )
    if reads_only:
        title = "The request was not understood"
        return Problem(400, "bad_request", title, detail, {"problems": listed})
    title = "Some fields need your attention"
    return Problem(422, "invalid_data", title, detail, {"problems": listed})


def _api_problem(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    auth_header = getattr(error, "auth_header", None)
    if auth_header:
        headers["WWW-Authenticate"] = auth_header
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = f"{wait:.0f}"
    code = _API_CODES.get(error.status_code, "error")
    detail = " ".join(problem["message"] for problem in flatten(error.detail))
    return Problem(
        error.status_code, code, str(error.default_detail).rstrip("."), detail, headers=headers
    )
