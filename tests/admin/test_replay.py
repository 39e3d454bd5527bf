"""The replay of a fault in a browser: by keyboard alone, calm where somebody wants it so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.admin.conftest import UNSOUND, address
from tests.admin.test_problems import verified
from tests.browser.conftest import (  # noqa: F401  fixtures
    PHONE,
    company,
    sign_in,
)

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
START, FORKED, ENDED = {"start": 1}, {"a": 1, "b": 1}, {"b": 1, "end": 1}


@pytest.fixture
def opened(sign_in: Open, company: Any) -> Open:  # noqa: F811
    """Return a function that opens the page of the first problem of a flow that is not sound."""
    url = address(verified(UNSOUND), "problem", 1)

    def open_page(**options: Any) -> Page:
        page = sign_in("admin", **options)
        page.goto(url)
        return page

    return open_page


def tokens(page: Page) -> dict[str, int]:
    """Return how many tokens the drawing shows in each place."""
    counted: dict[str, int] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".place[data-key]")]
             .map((place) => [place.dataset.key, place.querySelectorAll(".token").length])
             .filter(([, count]) => count))"""
    )
    return counted


def sentence(page: Page) -> Locator:
    return page.locator('[data-slot="sentence"]')


def test_a_run_is_stepped_through_by_keyboard_alone(opened: Open):
    page = opened(reduced_motion="reduce")
    assert tokens(page) == START
    while not page.evaluate("document.activeElement.dataset.action === 'first'"):
        page.keyboard.press("Tab")

    page.keyboard.press("ArrowRight")
    expect(sentence(page)).to_contain_text("“Ask both” happens by itself.")
    assert tokens(page) == FORKED
    assert page.locator('[data-mark="fired"]').get_attribute("data-key") == "split"
    page.keyboard.press("ArrowRight")
    expect(sentence(page)).to_contain_text("Carl in Finance chooses “Finance refuses”")
    assert tokens(page) == ENDED
    page.keyboard.press("ArrowLeft")
    assert tokens(page) == FORKED
    page.keyboard.press("End")
    expect(sentence(page)).to_contain_text("What is left: “With HR”")
    assert page.locator('[data-mark="left"]').get_attribute("data-key") == "b"
    page.keyboard.press("Home")
    assert tokens(page) == START


def test_playing_moves_the_tokens_along_the_arcs_to_the_end(opened: Open):
    page = opened()
    page.get_by_role("button", name="Forward").press("Enter")
    page.wait_for_selector(".flying .token", state="attached")
    assert page.locator('.arc[data-mark="travelled"]').count() == 3
    expect(page.locator('.place[data-key="b"] .token')).to_have_count(1)
    assert tokens(page) == FORKED

    page.get_by_role("button", name="Play").press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator('[data-slot="count"]')).to_have_text("End", timeout=20_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert tokens(page) == ENDED


def test_the_current_sentence_is_told_to_who_cannot_see_it(opened: Open):
    page = opened(reduced_motion="reduce")
    assert sentence(page).get_attribute("aria-live") == "polite"
    page.get_by_role("button", name="Forward").click()
    expect(page.locator('[data-step="1"]')).to_have_attribute("aria-current", "step")
    expect(page.get_by_role("button", name="Back", exact=True)).to_have_attribute(
        "aria-disabled", "false"
    )


def test_without_javascript_the_story_and_the_end_are_there(opened: Open):
    page = opened(java_script_enabled=False)
    expect(page.get_by_text("“Ask both” happens by itself.")).to_be_visible()
    expect(page.get_by_text("What is left: “With HR”")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    assert page.locator('.place[data-key="b"] .token').count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_the_page_is_accessible_and_fits_the_window(opened: Open, viewport: Any, scheme: str):
    page = opened(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page.get_by_role("button", name="Forward").click()
    main = Axe().run(page, "#content")["violations"]
    assert [each["id"] for each in main] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
