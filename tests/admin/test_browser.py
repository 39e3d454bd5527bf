"""The admin in a browser: a flow is drawn in one sitting; pages fit a phone and keep the policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.admin.conftest import SOUND, UNSOUND, address, draft
from tests.browser.conftest import (  # noqa: F401  fixtures
    PHONE,
    company,
    sign_in,
)
from tests.factories import leave_data
from workflows import engine
from workflows.models import FlowVersion

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def type_row(page: Page, prefix: str, index: int, **values: str) -> None:
    """Fill a row of an inline; a row that is not there yet is added by its link."""
    if not page.locator(f"#{prefix}-{index}").count():
        page.locator(f"#{prefix}-group .add-row a").click()
    for name, value in values.items():
        page.locator(f"#id_{prefix}-{index}-{name}").fill(value)


@pytest.fixture
def admin_window(sign_in: Open, company: Any) -> Open:  # noqa: F811
    def open_window(**options: Any) -> Page:
        return sign_in("admin", **options)

    return open_window


def test_an_administrator_draws_a_flow_in_one_sitting_and_a_colleague_can_ask_for_it(
    admin_window: Open,
    sign_in: Open,  # noqa: F811
    company: Any,  # noqa: F811
) -> None:
    page = admin_window()
    page.goto(reverse("admin:workflows_flow_add"))
    page.locator("#id_key").fill("training")
    page.locator("#id_title").fill("Training")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a version").click()
    page.locator("#id_data_schema").fill(
        '{"type": "object", "properties": {"course": {"type": "string", "title": "Course"}}}'
    )
    for index, key in enumerate(("start", "waiting", "asked", "end")):
        type_row(page, "places", index, key=key)
    type_row(
        page, "tasks", 0, key="review", title="Decide", assign='manager(requester) | group("hr")'
    )
    button = {"task_key": "review", "inputs": "waiting", "outputs": "end"}
    type_row(page, "transitions", 0, key="submit", inputs="start", outputs="waiting")
    type_row(page, "transitions", 1, key="approve", outcome="approve", **button)
    type_row(page, "transitions", 2, key="ask", outcome="ask", **button | {"outputs": "asked"})
    type_row(page, "transitions", 3, key="again", inputs="asked", outputs="waitin")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Did you mean 'waiting'?").wait_for()

    page.locator("#id_transitions-3-outputs").fill("waiting")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The net is sound.").wait_for()
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Training v1 is published").wait_for()

    colleague = sign_in("ada")
    colleague.goto("/requests/new/")
    colleague.get_by_text("Training").first.wait_for()


def test_an_administrator_tries_a_draft_and_keeps_the_run_as_a_scenario(
    admin_window: Open,
    company: Any,  # noqa: F811
) -> None:
    version = draft(SOUND)
    page = admin_window()
    page.goto(address(version))
    page.get_by_role("link", name="Try it").click()
    page.get_by_label("Data:").fill("course: First aid")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("form", name="Decide").get_by_role("button", name="Refuse").click()
    page.get_by_text("The case has ended.").first.wait_for()
    page.get_by_role("button", name="A step back").click()
    page.get_by_role("form", name="Decide").get_by_role("button", name="Approve").click()
    page.get_by_label("Title").fill("The manager agrees")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_text("The scenario goes as it should").wait_for()
    version.refresh_from_db()
    assert version.scenarios[0]["steps"] == [{"review": "approve"}]


def test_an_operator_cancels_a_case_and_says_why(admin_window: Open, company: Any) -> None:  # noqa: F811
    case = engine.start("leave", by=company.ada, data=leave_data(), business_key="LV-1")
    page = admin_window()
    page.goto(reverse("admin:workflows_case_changelist"))
    page.get_by_role("link", name="LV-1").click()
    page.get_by_role("link", name="Cancel…").click()
    page.get_by_label("Reason").fill("Asked twice")
    page.get_by_role("button", name="Cancel the case").click()

    page.get_by_text("LV-1 is cancelled.").wait_for()
    case.refresh_from_db()
    assert case.state == "cancelled"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(
    admin_window: Open,
    company: Any,  # noqa: F811
    scheme: str,
) -> None:
    case = engine.start("leave", by=company.ada, data=leave_data())
    unsound = draft(UNSOUND)
    published = FlowVersion.objects.published().get(flow__key="expense")
    page = admin_window(viewport=PHONE, color_scheme=scheme)
    for url in (
        reverse("admin:index"),
        reverse("admin:workflows_flow_changelist"),
        reverse("admin:workflows_flow_change", args=[published.flow_id]),
        reverse("admin:workflows_flow_import"),
        address(published),
        address(unsound),
        address(published, "scenarios"),
        f"{address(published, 'try')}?scenario=3",
        address(unsound, "try"),
        f"{reverse('admin:workflows_flowversion_publish')}?ids={unsound.pk}",
        reverse("admin:workflows_case_changelist"),
        reverse("admin:workflows_case_change", args=[case.pk]),
    ):
        page.goto(url)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], url
