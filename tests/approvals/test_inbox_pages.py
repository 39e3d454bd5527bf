"""The inbox of the portal, page by page."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.views import inbox
from tests.factories import leave_data
from workflows import engine
from workflows.models import FlowVersion, WorkItem


@pytest.fixture
def bens_inbox(client: Client, leave_flow: FlowVersion, ada: User, ben: User) -> Client:
    """Five requests wait for ben."""
    for _ in range(5):
        engine.start("leave", by=ada, data=leave_data())
    client.force_login(ben)
    return client


@pytest.mark.parametrize("sort", ["due", "newest", "oldest", "person"])
def test_the_pages_follow_each_other_to_the_last_and_lead_back(
    bens_inbox: Client, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(inbox, "PAGE_SIZE", 2)
    address, seen, page = f"{reverse('inbox')}?sort={sort}", [], ""
    while address:
        answer = bens_inbox.get(address)
        seen += [row.id for row in answer.context["rows"]]
        page = answer.content.decode()
        address = answer.context["page"].next_url

    waiting = WorkItem.objects.open().filter(task__key="manager_review")
    assert sorted(seen) == sorted(waiting.values_list("pk", flat=True))
    assert re.search(r'rel="first" href="[^"]*sort=' + sort, page)


def test_an_address_that_names_no_place_shows_the_first_page(bens_inbox: Client) -> None:
    answer = bens_inbox.get(reverse("inbox"), {"after": "nonsense"})
    assert len(answer.context["rows"]) == 5


def test_the_inbox_costs_the_same_for_one_row_and_for_many(bens_inbox: Client, ada: User) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            bens_inbox.get(reverse("inbox"))
        return len(captured)

    few = statements()
    for _ in range(5):
        engine.start("leave", by=ada, data=leave_data())

    assert statements() == few <= 17
