"""`http`: call another system, and take over what it answers."""

from __future__ import annotations

import json as json_text
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict

from django.utils import timezone

from workflows import data as case_data
from workflows.jobs.handlers import Failed, Postponed, Retry, ServiceCall, handler
from workflows.outbound import (
    CircuitOpen,
    Client,
    Refused,
    Request,
    Response,
    Unavailable,
    default_client,
)

from .secrets import secret_headers

LONGEST_RETRY_AFTER = timedelta(hours=1)
_SHOWN = 200
# Beside every 5xx: it may go better later.
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


class HttpResult(TypedDict):
    status: int
    body: str
    json: Any
    headers: dict[str, Any]


@handler("http")
def call_http(
    call: ServiceCall,
    *,
    url: str,
    method: str = "GET",
    headers: dict[str, Any] | None = None,
    headers_from: str = "",
    json: Any = None,
    body: str = "",
    expect: list[int] | None = None,
) -> HttpResult:
    """Send one request and return the answer.

    An answer that is expected (`expect`; every 2xx where nothing is said) ends the task as done. A
    server that is busy or down is asked again later, as is one that does not answer; any other
    answer ends the task as failed.

    Raises:
        Failed: the call is not allowed, or the answer says that it was wrong.
        Retry: the other side cannot answer now.
        Postponed: it has failed too often of late.
    """
    given = {name: _header(name, value) for name, value in (headers or {}).items()}
    content, kind = _content(json, body)
    if content and not any(name.lower() == "content-type" for name in given):
        given["Content-Type"] = kind
    try:
        secret = secret_headers(headers_from, url) if headers_from else {}
        request = Request(method.upper(), url, call.idempotency_key, {**given, **secret}, content)
        response = _client(call).send(request)
    except Refused as error:
        raise Failed(str(error)) from error
    except Unavailable as error:
        raise Retry(str(error)) from error
    except CircuitOpen as error:
        raise Postponed(timezone.now() + error.after) from error
    _judge(response, expect)
    return HttpResult(
        status=response.status,
        body=response.text.replace("\x00", "\N{REPLACEMENT CHARACTER}"),
        json=_json(response),
        headers=dict(response.headers),
    )


def _client(call: ServiceCall) -> Client:
    """Return the client of the settings, which gives up before the work is interrupted."""
    client = default_client()
    if call.deadline is None:
        return client
    left = max((call.deadline - timezone.now()).total_seconds(), 0.1)
    total = min(client.limits.total_seconds, left)
    read = min(client.limits.read_seconds, left)
    return replace(client, limits=replace(client.limits, total_seconds=total, read_seconds=read))


def retry_after(response: Response, *, now: datetime) -> timedelta | None:
    """Return how long the other side asks for, at most an hour; None if it does not ask."""
    text = response.headers.get("retry-after", "")
    if text.isascii() and text.isdigit() and len(text) < 10:
        asked = timedelta(seconds=int(text))
    else:
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        asked = max(moment - now, timedelta())
    return min(asked, LONGEST_RETRY_AFTER)


def _judge(response: Response, expect: list[int] | None) -> None:
    status = response.status
    if status in expect if expect else 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Failed(f"The answer was {status}, a redirect. Redirects are not followed.")
    told = " ".join(response.text[:_SHOWN].split())
    message = f"The answer was {status}: {told}".rstrip(": ")
    if status >= 500 or status in _WORTH_ANOTHER_TRY:
        raise Retry(message, after=retry_after(response, now=timezone.now()))
    raise Failed(message)


def _header(name: str, value: Any) -> str:
    if isinstance(value, (bool, Mapping, list)) or value is None:
        raise Failed(f"The header {name} must be text or a number.")
    return str(value)


def _content(json: Any, body: str) -> tuple[bytes, str]:
    if json is None:
        return body.encode(), "text/plain; charset=utf-8"
    if body:
        raise Failed("A request has either `json` or `body`, not both.")
    plain = case_data.to_json({"it": json})["it"]
    return json_text.dumps(plain, ensure_ascii=False).encode(), "application/json"


def _json(response: Response) -> Any:
    """Return the body as JSON, none where it is something else."""
    try:
        return response.json()
    except ValueError:
        return None
