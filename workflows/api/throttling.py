"""How often a password may be tried: per account and address, so nobody locks out another.

Only failures count. The counts are in the cache: with several processes and no shared cache, each
counts for itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import cast

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 100


@dataclass(frozen=True, slots=True)
class SignInAttempts:
    """The failed attempts from one address, on one account and in all."""

    address: str
    username: str

    @classmethod
    def of(cls, request: Request | HttpRequest, username: str) -> SignInAttempts:
        address = BaseThrottle().get_ident(cast(Request, request)) or ""
        return cls(address, username.casefold())

    def require_allowed(self) -> None:
        """Refuse where there were too many failures.

        Raises:
            Throttled: says how long to wait.
        """
        if any(cache.get(key, 0) >= most for key, most in self._limits()):
            raise Throttled(wait=WINDOW_SECONDS)

    def count_failure(self) -> None:
        for key, _ in self._limits():
            cache.add(key, 0, WINDOW_SECONDS)
            try:
                cache.incr(key)
            except ValueError:
                # The window has ended between the two calls.
                cache.set(key, 1, WINDOW_SECONDS)

    def _limits(self) -> tuple[tuple[str, int], ...]:
        return (
            (_key("account", self.address, self.username), FAILURES_PER_ACCOUNT),
            (_key("address", self.address), FAILURES_PER_ADDRESS),
        )


def _key(*parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"goflow-sign-in-{digest}"
