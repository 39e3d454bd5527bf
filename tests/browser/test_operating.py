"""An operator at work: what would come of it is seen first, on a phone and without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.factories import grant, leave_data, open_item
from workflows import engine, history
from workflows.models import Case

pytestmark = pytest.mark.browser


@pytest.fixture
def case(company) -> Case:
    grant(company.gina, "view_all_cases", "intervene_case")
    return engine.start("leave", by=company.ada, data=leave_data())


def test_a_decision_is_skipped_without_javascript_after_it_was_seen(sign_in, case):
    gina = sign_in("gina", java_script_enabled=False, viewport=PHONE)
    gina.goto(f"/requests/{case.request.number}/")
    gina.locator(".operate-panel summary").click()
    review = gina.locator(".operate-items li").filter(has_text="Decide on the leave")
    review.get_by_role("link", name="Skip").click()

    gina.get_by_label("Approve").check()
    gina.get_by_role("button", name="See what would happen").click()
    expect(gina.get_by_text("The case can still end properly.")).to_be_visible()
    expect(gina.get_by_text("Record the leave (group hr)")).to_be_visible()
    assert Case.objects.get(pk=case.pk).marking == {"with_manager": 1, "withdrawable": 1}

    gina.get_by_label("Why you intervene").fill("Ben has left")
    gina.get_by_role("button", name="Skip", exact=True).click()
    expect(gina.get_by_text("skipped a task · Decide on the leave (Approve)")).to_be_visible()

    case.refresh_from_db()
    assert case.marking == {"to_record": 1}
    assert history.verify_case(case) == []


def test_a_move_that_leaves_a_rest_shows_the_run_and_offers_no_button(sign_in, case):
    gina = sign_in("gina")
    gina.goto(f"/requests/{case.request.number}/operate/move/")
    gina.get_by_label("With the manager").fill("0")
    gina.get_by_label("Approved").fill("1")
    gina.get_by_role("button", name="See what would happen").click()

    expect(gina.get_by_text("The case could not end properly.")).to_be_visible()
    expect(gina.get_by_text("After “Withdraw”, the end “Closed”")).to_be_visible()
    expect(gina.get_by_role("button", name="Move tokens")).to_have_count(0)


def test_a_stuck_request_is_found_in_the_menu_and_handed_on(sign_in, case, company):
    item = open_item(case, "manager_review")
    case.work_items.update(opened_at=timezone.now() - timedelta(days=20))
    gina = sign_in("gina")
    gina.get_by_role("button", name="Account").click()
    gina.get_by_role("link", name="Stuck requests").click()

    gina.get_by_role("link", name="Hand on").click()
    gina.get_by_label("To", exact=False).first.select_option(label="Dana Diaz")
    gina.get_by_role("button", name="Hand on").click()

    expect(gina.get_by_text("Dana Diaz has it now.")).to_be_visible()
    item.refresh_from_db()
    assert item.claimed_by == company.dana


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_an_operator_is_wider_than_a_phone(sign_in, case, scheme):
    case.work_items.update(opened_at=timezone.now() - timedelta(days=20))
    gina = sign_in("gina", viewport=PHONE, is_mobile=True, has_touch=True, color_scheme=scheme)
    below = f"/requests/{case.request.number}/operate"

    for path in ("/stuck/", *(f"{below}/{what}/" for what in ("move", "set-data", "cancel"))):
        gina.goto(path)
        assert gina.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
