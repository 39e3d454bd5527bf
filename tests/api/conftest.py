"""Clients of the API, signed in as one of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.urls import get_resolver
from rest_framework.response import Response
from rest_framework.test import APIClient

API = "/api/v1"


class Client(APIClient):
    """Takes addresses below /api/v1/ as well as whole ones, and sends JSON."""

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        whole = path if path.startswith(("/", "http://")) else f"{API}/{path}"
        return super().generic(method, whole, *args, **kwargs)


As = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _forget_attempts() -> Iterator[None]:
    """Failed attempts to sign in are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_() -> As:
    """Return a client that is signed in as a person."""
    return signed_in


@pytest.fixture
def nobody() -> Client:
    return Client()


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem details of an answer, having checked what all of them have."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["code"] == code
    assert told["status"] == status
    assert told["type"] == f"urn:goflow:problem:{code}"
    assert told["title"]
    assert told["detail"]
    return told


def api_views() -> dict[str, Any]:
    """Return every view class below /api/v1/ by the name of its address."""
    included = [p for p in get_resolver().url_patterns if str(p.pattern) == "api/v1/"]
    return {below.name: below.callback.cls for p in included for below in p.url_patterns}
