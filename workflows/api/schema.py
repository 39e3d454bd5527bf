"""The OpenAPI description: beside what each view declares, every error that it can answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import Serializer

from workflows.api.fields import Strict
from workflows.api.idempotency import HEADER, LONGEST_KEY

PROBLEM_TYPE = "application/problem+json"

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457). `code` is stable; further members depend on it.",
    "properties": {
        "type": {"type": "string", "format": "uri", "example": "urn:goflow:problem:not_found"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "problems": {
            "type": "array",
            "description": "Which fields are wrong, and how.",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
                "required": ["path", "message"],
                "additionalProperties": True,
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": True,
}

MEANINGS = {
    400: "The address, a header or the JSON itself is malformed.",
    401: "Nobody is signed in, or the token is not valid.",
    403: "The caller sees the thing, but has no right to do this.",
    404: "It does not exist, or the caller may not know that it does.",
    406: "The answer exists as JSON only.",
    409: "The state does not allow it (any more); the members say who did what when.",
    413: "The body is too large.",
    415: "The body is not of a type that is taken here.",
    422: "The body is JSON, but its fields are refused; `problems` lists them.",
    429: "Too many attempts; `Retry-After` tells in how many seconds to try again.",
    503: "The database does not answer; nothing was changed, try again.",
}

KEY_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="Repeating the request with the same key changes nothing again: same answer.",
)


class TokenScheme(KnoxTokenScheme):  # Registers itself by being defined.
    target_class = "workflows.api.authentication.TokenAuthentication"
    name = "token"


class GoflowSchema(AutoSchema):
    """Adds problem details, parameters and the Idempotency-Key to what drf-spectacular finds."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            responses = operation["responses"]
            for status in sorted({*self._usual_errors(), *_declared_errors(responses)}):
                responses[str(status)] = self._problem_response(status)
            operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = list(super().get_override_parameters())
        query = getattr(self.view, "query_serializer", None)
        if self.method == "GET" and query is not None and query().fields:
            parameters.append(query)
        if self._is_idempotent():
            parameters.append(KEY_PARAMETER)
        return parameters

    def _is_idempotent(self) -> bool:
        handler = getattr(self.view, self.method.lower(), None)
        return bool(getattr(handler, "is_idempotent", False))

    def _usual_errors(self) -> set[int]:
        statuses = {400, 401, 406, 503}
        if "{" in self.path:
            statuses.add(404)
        if self.method in ("POST", "PATCH", "DELETE"):
            statuses.add(403)
        if self.method in ("POST", "PATCH"):
            statuses |= {413, 415, 422}
        return statuses

    def _problem_response(self, status: int) -> dict[str, Any]:
        problem = self._component("Problem", ResolvedComponent.SCHEMA, PROBLEM)
        response: dict[str, Any] = {
            "description": MEANINGS[status],
            "content": {PROBLEM_TYPE: {"schema": problem}},
        }
        if status in (429, 503):
            response["headers"] = {
                "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}
            }
        if status == 401:
            response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
        name = "".join(word for word in HTTPStatus(status).phrase.title() if word.isalnum())
        return self._component(name, ResolvedComponent.RESPONSE, response)

    def _component(self, name: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        component = ResolvedComponent(name=name, type=kind, schema=content, object=name)
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference

    def _map_basic_serializer(self, serializer: Serializer[Any], direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "request" and isinstance(serializer, Strict):
            schema["additionalProperties"] = False
        return schema


def answers(status: int, body: Any, *errors: int) -> dict[int, Any]:
    """Return `responses` for `extend_schema`: the good one, and errors that not every call has."""
    return {status: body, **dict.fromkeys(errors, OpenApiTypes.OBJECT)}


def _declared_errors(responses: dict[str, Any]) -> set[int]:
    return {int(status) for status in responses if status.isdigit() and int(status) >= 400}
