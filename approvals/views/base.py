"""What the views share: who asks, and for which of the requests that they may see."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest

from approvals.models import Request

MAX_KEY_LENGTH = 64


def person(http_request: HttpRequest) -> User:
    """Return the signed-in user of a view behind `login_required`."""
    return cast(User, http_request.user)


def visible_request(http_request: HttpRequest, number: str) -> Request:
    """Return the request with this number.

    Raises:
        Http404: there is none, or the caller may not know of it: the answer is the same.
    """
    found = Request.objects.visible_to(http_request.user).for_list().filter(number=number).first()
    if found is None:
        raise Http404(f"There is no request {number}.")
    return found


def own_key(http_request: HttpRequest) -> str:
    """Return the idempotency key that the page was made with.

    See `components/idempotency_key.html`. What no page of ours has made counts as no key.
    """
    key = http_request.POST.get("idempotency_key", "")
    return key if len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable() else ""
