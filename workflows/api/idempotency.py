"""`Idempotency-Key`: a request that is sent again changes nothing again, and gets the same answer.

One mechanism for every POST. The record of the answer is written in the transaction of the effect,
so a key is taken exactly when its request has had its effect: a refusal leaves nothing, and the
request may be repeated once its cause is gone. A parallel repetition waits at the unique key until
the first is through.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import faultpoints, store
from workflows.api.base import APIView
from workflows.api.errors import BadIdempotencyKey
from workflows.api.renderers import ExactJSONRenderer
from workflows.errors import CaseFailed, IdempotencyKeyReused
from workflows.models import IdempotencyRecord

HEADER = "Idempotency-Key"
LONGEST_KEY = 200

_View = TypeVar("_View", bound=APIView)
_P = ParamSpec("_P")
_Handler = Callable[Concatenate[_View, Request, _P], Response]


def idempotent(handler: _Handler[_View, _P]) -> _Handler[_View, _P]:
    """Let a POST handler honour the header; without the header nothing is different."""

    @wraps(handler)
    def run(view: _View, request: Request, /, *args: _P.args, **kwargs: _P.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        return _once(view, _checked(key), lambda: handler(view, request, *args, **kwargs))

    run.is_idempotent = True  # type: ignore[attr-defined]
    return run


def _checked(key: str) -> str:
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise BadIdempotencyKey(
            f"An {HEADER} has 1 to {LONGEST_KEY} printable ASCII characters, e.g. a UUID."
        )
    return key


def _once(view: APIView, key: str, run: Callable[[], Response]) -> Response:
    identity = IdempotencyRecord.identity_of(view.caller, key)
    fingerprint = _fingerprint(view.request)
    record = IdempotencyRecord(identity=identity, user_id=view.caller.pk, fingerprint=fingerprint)
    try:
        failure = _run_and_keep(record, run)
    except IntegrityError:
        earlier = IdempotencyRecord.objects.filter(identity=identity).first()
        if earlier is None:
            raise
        return _repeat(earlier, fingerprint)
    faultpoints.reach("K8")
    if failure is not None:
        raise failure
    return _answer(record)


@store.again_after_conflict
@transaction.atomic
def _run_and_keep(record: IdempotencyRecord, run: Callable[[], Response]) -> CaseFailed | None:
    """Run the request and write its answer down, in one transaction."""
    record.pk = None
    record.save(force_insert=True)
    failure = None
    try:
        _keep(record, run())
    except CaseFailed as error:
        # The one refusal that is an effect: the case stays as failed, so this is committed.
        failure = error
        _keep_failure(record, error)
    faultpoints.reach("K6")
    return failure


def _fingerprint(request: Request) -> str:
    asked = [request.method, request.get_full_path(), request.data]
    text = json.dumps(asked, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(record: IdempotencyRecord, response: Response) -> None:
    record.status = response.status_code
    record.location = response.headers.get("Location", "")
    record.answer = ExactJSONRenderer().render(response.data).decode()
    record.save(update_fields=["status", "location", "answer"])


def _keep_failure(record: IdempotencyRecord, error: CaseFailed) -> None:
    record.status = error.http_status
    record.answer = json.dumps({"message": error.message, "facts": dict(error.facts)})
    record.save(update_fields=["status", "answer"])


def _repeat(earlier: IdempotencyRecord, fingerprint: str) -> Response:
    if earlier.fingerprint != fingerprint:
        raise IdempotencyKeyReused(
            f"This {HEADER} belongs to another request of yours. Use a new one for a new request."
        )
    response = _answer(earlier)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _answer(record: IdempotencyRecord) -> Response:
    """Return the kept answer: the first time and every other time by the same path."""
    kept: Any = json.loads(record.answer, parse_float=Decimal) if record.answer else None
    if record.status == CaseFailed.http_status:
        raise CaseFailed(kept["message"], **kept["facts"])
    headers = {"Location": record.location} if record.location else None
    return Response(kept, status=record.status, headers=headers)
