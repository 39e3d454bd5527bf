"""The notices, seen in a browser: with and without JavaScript, for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from approvals.models import Notice
from tests.approvals.conftest import tell
from tests.browser.conftest import PHONE
from tests.factories import leave_data, open_item
from workflows import engine

pytestmark = pytest.mark.browser


@pytest.fixture
def rejected(company: Any) -> Any:
    """A leave of Ada's that Ben has rejected, and one that waits for Ben."""
    case = engine.start("leave", by=company.ada, data=leave_data())
    review = open_item(case, "manager_review")
    engine.complete(review.pk, by=company.ben, outcome="reject", comment="The fair is that week.")
    engine.start("leave", by=company.ada, data=leave_data(start="2027-01-11", end="2027-01-13"))
    tell()
    return case


def bell(page: Page) -> Any:
    return page.get_by_role("banner").get_by_role("link", name="Notices")


def test_the_bell_leads_to_the_notice_and_the_notice_to_the_request(sign_in, rejected):
    ada = sign_in("ada")
    expect(bell(ada)).to_contain_text("1")
    bell(ada).click()
    ada.get_by_role("link", name="Leave request rejected").click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text(rejected.request.number)
    expect(bell(ada)).not_to_contain_text("1")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_all_are_marked_read_with_and_without_javascript(sign_in, rejected, has_scripts):
    ben = sign_in("ben", java_script_enabled=has_scripts)
    ben.goto("/notices/")
    ben.get_by_role("button", name="Mark all read").click()
    expect(ben.get_by_text("All notices are read.")).to_be_visible()
    assert not Notice.objects.filter(recipient__username="ben").unread().exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_the_pages_are_accessible_and_fit_the_window(sign_in, rejected, viewport, theme):
    for who, url in (("ada", "/notices/"), ("gina", "/notices/"), ("ben", "/settings/")):
        page = sign_in(who, viewport=viewport, color_scheme=theme)
        page.goto(url)
        assert [each["id"] for each in Axe().run(page)["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_choice_of_mails_stays(sign_in, rejected):
    ada = sign_in("ada")
    ada.goto("/settings/")
    ada.get_by_label("A request of yours is decided").uncheck()
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()
    expect(ada.get_by_label("A request of yours is decided")).not_to_be_checked()
