"""Who may touch a request. What a person may not see does not exist for them."""

from __future__ import annotations

from django.contrib.auth.models import User

from approvals.errors import NotADraft
from approvals.models import Request
from workflows.errors import NotAllowed, NotFound


def require_visible(request: Request, by: User) -> None:
    """Raise NotFound where `by` may not know of the request."""
    if request.requester_id == by.pk:
        return
    if not Request.objects.visible_to(by).filter(pk=request.pk).exists():
        raise NotFound(f"There is no request {request.number}.")


def require_own(request: Request, by: User) -> None:
    """Raise NotFound where `by` may not know of the request, NotAllowed where they just see it."""
    require_visible(request, by)
    if request.requester_id != by.pk:
        raise NotAllowed(f"{request.number} belongs to somebody else.")


def lock(request: Request) -> Request:
    """Lock and return the request as it is now.

    Raises:
        NotFound: it is gone; its requester has deleted the draft meanwhile.
    """
    locked = Request.objects.select_for_update().filter(pk=request.pk).first()
    if locked is None:
        raise NotFound(f"There is no request {request.number}.")
    return locked


def lock_draft(request: Request, by: User) -> Request:
    """Lock and return the person's own draft.

    Raises:
        NotFound, NotAllowed: it is not theirs.
        NotADraft: it has been submitted.
    """
    locked = lock(request)
    require_own(locked, by)
    if not locked.is_draft:
        raise NotADraft(
            f"{locked.number} has been submitted, so it is no draft any more. "
            "Whoever decides can return it to you for correction.",
            state=locked.state,
        )
    return locked
