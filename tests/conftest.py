"""The cast, and clean caches: see `tests.factories` for who is whose manager."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import TransactionTestCase
from whitenoise.middleware import WhiteNoiseMiddleware

from approvals.calendars import forget_calendars
from tests import factories, ground
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
# Made by the migrations, and the same for all tests.
KEPT_TABLES = {"auth_permission", "django_content_type"}


def _flush_without_guards(self: TransactionTestCase) -> None:
    """Empty the tables after a test with real commits, which the guards would otherwise refuse."""
    from django.db import connection

    guards.remove(connection)
    try:
        if connection.vendor == "postgresql":
            _delete_all()
        else:
            _flush(self)
    finally:
        guards.install(connection)


def _delete_all() -> None:
    """What a test leaves are a few rows: PostgreSQL truncates tables much more slowly."""
    from django.db import connection, transaction

    # References are looked at when it commits, so the order is all the same.
    with transaction.atomic():
        tables = connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        with connection.cursor() as cursor:
            for table in set(tables) - KEPT_TABLES:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


TransactionTestCase._fixture_teardown = _flush_without_guards  # type: ignore[method-assign]


def _forget() -> None:
    """Compiled flows are kept by primary key, which a rolled-back test gives out again; calendars
    by that of their people; and kept answers would change what a test counts."""
    store.forget_flows()
    store.forget_answers()
    forget_calendars()


_find_static_files = WhiteNoiseMiddleware.add_files_from_finders
_static_files: dict[tuple[Any, ...], dict[str, Any]] = {}


def _find_static_files_once(self: WhiteNoiseMiddleware) -> None:
    """Each client of a test has a middleware of its own, which would look at all files anew."""
    key = (self.static_prefix, self.max_age, self.static_root)
    if key not in _static_files:
        before = dict(self.files)
        _find_static_files(self)
        _static_files[key] = {url: f for url, f in self.files.items() if url not in before}
    self.files.update(_static_files[key])


WhiteNoiseMiddleware.add_files_from_finders = _find_static_files_once  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _forget_flows() -> Iterator[None]:
    yield
    _forget()


ground.layer("company", factories.make_company)
for _key in ("leave", "expense", "purchase"):
    ground.layer(f"{_key}_flow", partial(factories.publish_shipped, _key))


@pytest.fixture(scope="session")
def _no_ground_is_left(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield
    with django_db_blocker.unblock():
        ground.stand_on(())


@pytest.fixture
def _stands(
    request: pytest.FixtureRequest, _no_ground_is_left: None, django_db_blocker: Any
) -> None:
    """Lays what the test stands on, before the test's own transaction begins."""
    with django_db_blocker.unblock():
        ground.stand_on(() if _commits(request.node) else request.fixturenames)
    _forget()


@pytest.fixture
def _django_db_helper(_stands: None, _django_db_helper: None) -> None:
    """pytest-django's own, on the ground that the test stands on."""


def _commits(item: Any) -> bool:
    """Whether the test's transactions are real ones."""
    marker = item.get_closest_marker("django_db")
    return bool(
        {"transactional_db", "live_server", "django_db_reset_sequences"} & set(item.fixturenames)
        or (marker and (marker.args or marker.kwargs))
    )


@pytest.fixture
def company(db: Any) -> SimpleNamespace:
    """The people, by user name."""
    return ground.given("company")


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
    return ground.given("leave_flow")


@pytest.fixture
def expense_flow(company: SimpleNamespace) -> Any:
    return ground.given("expense_flow")


@pytest.fixture
def purchase_flow(company: SimpleNamespace) -> Any:
    return ground.given("purchase_flow")


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
