"""Refusals that only the API knows: of the request itself, before any flow or case is asked."""

from __future__ import annotations

from workflows.errors import GoflowError


class BadRequest(GoflowError):
    """The address or a header says something that the API does not understand."""

    code = "bad_request"
    http_status = 400
    title = "The request was not understood"


class BadJSON(BadRequest):
    """The body is not JSON, or not JSON that can be kept exactly."""

    code = "bad_json"
    title = "The body is not usable JSON"


class UnknownParameter(BadRequest):
    code = "unknown_parameter"
    title = "This address takes no such parameter"


class BadIdempotencyKey(BadRequest):
    code = "bad_idempotency_key"
    title = "The Idempotency-Key cannot be used"


class BodyTooLarge(GoflowError):
    code = "too_large"
    http_status = 413
    title = "That is too large"


class NoSuchMember(GoflowError):
    """The body names somebody or something that does not exist; told like any other wrong field."""

    code = "invalid_data"
    http_status = 422
    title = "Some fields need your attention"

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message, problems=[{"path": path, "message": message}])
