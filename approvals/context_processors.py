"""What every page of the portal shows: who is signed in, what waits for them, and what they have
not read."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from approvals.display.people import person_view
from approvals.formatting import capped
from approvals.models import Notice
from workflows.worklist import MOST_COUNTED, WorkList


def _with_department(request: HttpRequest) -> User:
    """Return who is signed in, with what is shown of them, by one statement."""
    return User.objects.select_related("employee__department").get(pk=cast(User, request.user).pk)


def portal(request: HttpRequest) -> dict[str, Any]:
    """All are read only where a template asks for them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    return {
        "viewer": SimpleLazyObject(lambda: person_view(_with_department(request))),
        "inbox_count": SimpleLazyObject(
            lambda: capped(WorkList(request.user, is_awaited=True).count(), most=MOST_COUNTED)
        ),
        "unread_count": SimpleLazyObject(lambda: Notice.objects.of(request.user).unread().count()),
    }
