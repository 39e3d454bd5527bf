"""End a work item from the portal, where some outcomes need a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from approvals.outcomes import traits_of
from workflows import engine
from workflows.errors import InvalidData
from workflows.models import Case


def decide(
    work_item_id: int,
    *,
    by: User,
    outcome: str,
    data: Mapping[str, Any] | None = None,
    comment: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Case:
    """End the work item and return its case; as `engine.complete`, but a refusal says why.

    Raises:
        InvalidData: the outcome needs a comment and has none, at `comment`.
        workflows.errors.GoflowError: whatever `engine.complete` refuses.
    """
    if traits_of(outcome).comment_required and not comment.strip():
        message = "Please say why: the requester reads it."
        raise InvalidData([{"path": "comment", "message": message}])
    return engine.complete(
        work_item_id,
        by=by,
        outcome=outcome,
        data=data,
        comment=comment,
        expected_version=expected_version,
        idempotency_key=idempotency_key,
    )
