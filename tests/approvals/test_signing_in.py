"""Signing in by the form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from workflows.api.throttling import FAILURES_PER_ACCOUNT


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def sign_in(client, username: str, password: str, address: str = "/login/"):
    return client.post(address, {"username": username, "password": password})


@pytest.mark.parametrize("address", ["/login/", "/admin/login/"])
def test_after_ten_wrong_passwords_the_right_one_has_to_wait(client, company, address):
    for _ in range(FAILURES_PER_ACCOUNT):
        sign_in(client, "admin", "wrong", address)

    answer = sign_in(client, "admin", "goflow", address)

    assert answer.status_code == 200
    assert b"Too many wrong passwords" in answer.content


def test_wrong_passwords_for_one_account_do_not_lock_out_another(client, company):
    for _ in range(FAILURES_PER_ACCOUNT):
        sign_in(client, "gina", "wrong")

    assert sign_in(client, "ada", "goflow").status_code == 302
