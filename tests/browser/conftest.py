"""A browser before the running site, and the company at work in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import factories

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def company(transactional_db: Any) -> SimpleNamespace:
    """The cast with the three shipped flows."""
    people = factories.make_company()
    for key in ("leave", "expense", "purchase"):
        factories.publish_shipped(key)
    return people


@pytest.fixture
def sign_in(chromium: Browser, live_server: Any, company: Any) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a window of their own for a person, who signs in by the form.

    Whatever a page writes to its console as an error fails the test: a blocked script or style
    shows there.
    """
    contexts = []
    errors: list[str] = []

    def open_window(username: str, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto("/login/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill("goflow")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Hello").wait_for()
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [e for e in errors if "status of 4" not in e] == []
