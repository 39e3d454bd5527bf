"""The two stories that the portal is for, played whole by people in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from approvals.models import Request
from tests.browser.conftest import PHONE
from workflows import history

pytestmark = pytest.mark.browser

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f"
    "030005fe02fea735819e0000000049454e44ae426082"
)


def open_from_inbox(page: Page, number: str) -> None:
    page.goto("/inbox/")
    row = page.locator("[data-row]").filter(has_text=number)
    row.locator("a.row-link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def press(page: Page, button: str) -> None:
    """Press an outcome's button, and say yes where the page asks whether to."""
    page.locator(".decision").get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    page.wait_for_timeout(200)
    if dialog.count() and dialog.is_visible():
        dialog.get_by_role("button", name=button).click()
    expect(page.get_by_role("status").or_(page.locator(".toast")).first).to_be_visible()


def test_ada_asks_for_leave_ben_approves_and_eve_records_it(sign_in, company):
    ada = sign_in("ada")
    ada.get_by_role("link", name="New request").first.click()
    ada.get_by_role("link", name="Leave request").click()
    ada.get_by_label("Kind of leave").select_option("annual")
    ada.get_by_label("First day").fill("2027-03-01")
    ada.get_by_label("Last day").fill("2027-03-03")
    ada.get_by_label("Reason").fill("A walk in the hills")
    ada.get_by_role("button", name="Submit").click()
    expect(ada.get_by_text("Ben Baker").first).to_be_visible()
    number = Request.objects.get().number

    ben = sign_in("ben")
    open_from_inbox(ben, number)
    expect(ben.locator(".diagram svg .is-present").first).to_be_visible()
    ben.get_by_label("Comment").first.fill("Enjoy the hills")
    press(ben, "Approve")

    eve = sign_in("eve")
    open_from_inbox(eve, number)
    press(eve, "Recorded")

    ada.goto(f"/requests/{number}/")
    expect(ada.get_by_text("Approved", exact=True).first).to_be_visible()
    expect(ada.get_by_text("Enjoy the hills")).to_be_visible()
    request = Request.objects.get()
    assert request.state == "approved"
    assert history.verify_case(request.case) == []


def test_a_large_expense_goes_through_ben_then_carl_and_dana_in_parallel_and_is_paid(
    sign_in, company, tmp_path
):
    receipt = tmp_path / "hotel.png"
    receipt.write_bytes(PNG)
    ada = sign_in("ada")
    ada.goto("/requests/new/expense/")
    ada.get_by_label("What for").fill("Trade fair in Lyon")
    ada.get_by_label("Date").nth(0).fill("2026-11-02")
    ada.get_by_label("Category").nth(0).select_option("travel")
    ada.get_by_label("Amount").nth(0).fill("9500")
    ada.get_by_label("Receipt").nth(0).set_input_files(receipt)
    ada.get_by_role("button", name="Add line").click()
    ada.get_by_label("Date").nth(1).fill("2026-11-03")
    ada.get_by_label("Category").nth(1).select_option("meals")
    ada.get_by_label("Amount").nth(1).fill("2500.00")
    expect(ada.locator("output")).to_contain_text("12,000.00")
    ada.get_by_role("button", name="Submit").click()
    expect(ada.get_by_text("12,000.00 EUR").first).to_be_visible()
    number = Request.objects.get().number

    ben = sign_in("ben")
    open_from_inbox(ben, number)
    expect(ben.get_by_role("link", name="hotel.png")).to_be_visible()
    press(ben, "Approve")

    carl, dana = sign_in("carl"), sign_in("dana")
    open_from_inbox(carl, number)
    open_from_inbox(dana, number)
    press(carl, "Approve")
    press(dana, "Approve")

    open_from_inbox(carl, number)
    press(carl, "Paid")

    request = Request.objects.get()
    assert request.state == "approved"
    assert request.case.state == "completed"
    assert request.case.data["paid_on"]
    assert history.verify_case(request.case) == []


def test_a_second_click_on_a_stale_page_is_told_who_was_faster(sign_in, company):
    from tests.factories import expense_data, open_item
    from workflows import engine

    case = engine.start("expense", by=company.ada, data=expense_data(2000))
    engine.complete(open_item(case, "manager_review").pk, by=company.ben, outcome="approve")
    carl, cleo = sign_in("carl"), sign_in("cleo")
    open_from_inbox(carl, str(case.request.number))
    open_from_inbox(cleo, str(case.request.number))

    press(carl, "Approve")
    cleo.locator(".decision").get_by_role("button", name="Approve", exact=True).click()

    expect(cleo.get_by_text("Carl Carter").first).to_be_visible()


def test_the_inbox_is_worked_with_the_keyboard_alone(sign_in, company):
    from tests.factories import leave_data
    from workflows import engine

    engine.start("leave", by=company.ada, data=leave_data())
    engine.start("leave", by=company.abe, data=leave_data())
    ben = sign_in("ben")
    ben.goto("/inbox/")

    ben.keyboard.press("j")
    ben.keyboard.press("j")
    ben.keyboard.press("a")
    ben.get_by_role("heading", level=1, name="Approve").wait_for()
    ben.locator("main").get_by_role("button", name="Approve").click()

    expect(ben.locator("[data-row]")).to_have_count(1)
    assert sorted(r.case.marking.get("to_record", 0) for r in Request.objects.all()) == [0, 1]


def test_a_request_is_returned_corrected_and_decided_on_a_phone(sign_in, company):
    from tests.factories import leave_data, open_item
    from workflows import engine

    case = engine.start("leave", by=company.ada, data=leave_data())
    engine.complete(
        open_item(case, "manager_review").pk,
        by=company.ben,
        outcome="return",
        comment="Which week?",
    )
    ada = sign_in("ada", viewport=PHONE, is_mobile=True, has_touch=True)
    open_from_inbox(ada, case.request.number)
    expect(ada.get_by_text("Which week?")).to_be_visible()
    ada.get_by_role("link", name="Edit").or_(ada.get_by_role("link", name="Correct")).first.click()
    ada.get_by_label("Last day").fill("2026-12-08")
    ada.get_by_role("button", name="Submit").first.click()
    expect(ada.get_by_text("Ben Baker").first).to_be_visible()

    case.refresh_from_db()
    assert case.data["days"] == 2
    assert case.marking == {"with_manager": 1, "withdrawable": 1}


def test_no_page_of_the_portal_is_wider_than_a_phone(sign_in, company):
    from tests.factories import expense_data
    from workflows import engine

    case = engine.start("expense", by=company.ada, data=expense_data(12_000))
    ben = sign_in("ben", viewport=PHONE, is_mobile=True, has_touch=True)

    for path in (
        "/",
        "/inbox/",
        "/requests/",
        "/requests/new/",
        "/requests/new/expense/",
        "/requests/new/leave/",
        f"/requests/{case.request.number}/",
    ):
        ben.goto(path)
        assert ben.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_leave_is_asked_for_and_approved_without_javascript(sign_in, company):
    ada = sign_in("ada", java_script_enabled=False)
    ada.goto("/requests/new/leave/")
    ada.get_by_label("Kind of leave").select_option("annual")
    ada.get_by_label("First day").fill("2027-03-01")
    ada.get_by_label("Last day").fill("2027-03-03")
    ada.get_by_role("button", name="Submit").click()
    number = Request.objects.get().number

    ben = sign_in("ben", java_script_enabled=False)
    open_from_inbox(ben, number)
    ben.get_by_label("Comment").first.fill("Too many away that week")
    ben.locator(".decision").get_by_role("button", name="Reject").click()
    ben.get_by_role("button", name="Reject").click()

    assert Request.objects.get().state == "rejected"
