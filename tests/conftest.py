"""The cast, and clean caches: see `tests.factories` for who is whose manager."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import TransactionTestCase

from approvals.calendars import forget_calendars
from tests import factories
from workflows import guards, store

# Slow hashes protect people's passwords; the cast's is printed in the README.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]

_flush = TransactionTestCase._fixture_teardown


def _flush_without_guards(self: TransactionTestCase) -> None:
    """Empty the tables after a test with real commits, which the guards would otherwise refuse."""
    from django.db import connection

    guards.remove(connection)
    try:
        _flush(self)
    finally:
        guards.install(connection)


TransactionTestCase._fixture_teardown = _flush_without_guards  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _forget_flows() -> Iterator[None]:
    """Compiled flows are kept by primary key, which a rolled-back test gives out again; calendars
    by that of their people; and kept answers would change what a test counts."""
    yield
    store.forget_flows()
    store.forget_answers()
    forget_calendars()


@pytest.fixture
def company(db: Any) -> SimpleNamespace:
    """The people, by user name."""
    return factories.make_company()


@pytest.fixture
def ada(company: SimpleNamespace) -> User:
    return company.ada


@pytest.fixture
def abe(company: SimpleNamespace) -> User:
    return company.abe


@pytest.fixture
def ben(company: SimpleNamespace) -> User:
    return company.ben


@pytest.fixture
def carl(company: SimpleNamespace) -> User:
    return company.carl


@pytest.fixture
def cleo(company: SimpleNamespace) -> User:
    return company.cleo


@pytest.fixture
def dana(company: SimpleNamespace) -> User:
    return company.dana


@pytest.fixture
def eve(company: SimpleNamespace) -> User:
    return company.eve


@pytest.fixture
def finn(company: SimpleNamespace) -> User:
    return company.finn


@pytest.fixture
def gina(company: SimpleNamespace) -> User:
    return company.gina


@pytest.fixture
def admin(company: SimpleNamespace) -> User:
    return company.admin


@pytest.fixture
def leave_flow(company: SimpleNamespace) -> Any:
    return factories.publish_shipped("leave")


@pytest.fixture
def expense_flow(company: SimpleNamespace) -> Any:
    return factories.publish_shipped("expense")


@pytest.fixture
def purchase_flow(company: SimpleNamespace) -> Any:
    return factories.publish_shipped("purchase")


@pytest.fixture(scope="session")
def chromium(browser_path: str) -> Iterator[Any]:
    """One browser for the whole run: Playwright allows one event loop in a thread."""
    from playwright.sync_api import sync_playwright

    # In that loop's thread Django would refuse the tests' own queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()
