"""Who a request comes from, as far as it is known already."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.functional import empty


def signed_in_user(request: HttpRequest) -> AbstractBaseUser | None:
    """Return who is signed in, if the request has asked for it: this asks nothing."""
    user = request.__dict__.get("user")
    found = getattr(user, "_wrapped", user)
    if found in (None, empty) or not getattr(found, "is_authenticated", False):
        return None
    return found if isinstance(found, AbstractBaseUser) else None
