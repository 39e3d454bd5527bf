"""What each page of the portal costs, in statements: the same beside few rows and beside many."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from approvals.urls import urlpatterns
from tests.crowd import FEW, MANY, Crowd, costs
from tests.factories import open_item

# Each with two for the session and its user, and what the frame counts.
MOST = {
    "home": 21,
    "home of a manager": 20,
    "inbox": 17,
    "inbox, pool": 16,
    "inbox, done": 15,
    "inbox, search": 17,
    "inbox, by person": 17,
    "notices": 10,
    "settings": 9,
    "stuck": 13,
    "requests": 17,
    "new_request": 9,
    "new_request_kind": 11,
    "new claim": 11,
    "new purchase": 10,
    "request": 25,
    "own request": 23,
    "request with lines": 28,
    "request of an operator": 23,
    "request_edit": 14,
    "request_delete": 9,
    "work_item_outcome": 17,
    "request_operate": 7,
    "operate, move": 7,
    "operate, data": 7,
}

# Addresses that only change something, send a file or go elsewhere.
WITHOUT_PAGE = {
    "logout",
    "login",
    "work_item_claim",
    "work_item_release",
    "work_item_transfer",
    "notices_read",
    "notice_read",
    "request_submit",
    "request_comment",
    "request_attach",
    "attachment",
    "attachment_remove",
}


def pages(crowd: Crowd) -> dict[str, tuple[str, str]]:
    leave, claim, draft = (
        f"/requests/{r.number}/" for r in (crowd.leave, crowd.claim, crowd.draft)
    )
    item = open_item(crowd.leave.case, "manager_review").pk
    return {
        "home": ("ada", "/"),
        "home of a manager": ("ben", "/"),
        "inbox": ("ben", "/inbox/"),
        "inbox, pool": ("ben", "/inbox/?tab=pool"),
        "inbox, done": ("ben", "/inbox/?tab=done"),
        "inbox, search": ("ben", "/inbox/?q=Ada"),
        "inbox, by person": ("ben", "/inbox/?sort=person"),
        "notices": ("ada", "/notices/"),
        "settings": ("ada", "/settings/"),
        "stuck": ("admin", "/stuck/"),
        "requests": ("ada", "/requests/"),
        "new_request": ("ada", "/requests/new/"),
        "new_request_kind": ("ada", "/requests/new/leave/"),
        "new claim": ("ada", "/requests/new/expense/"),
        "new purchase": ("ada", "/requests/new/purchase/"),
        "request": ("ben", leave),
        "own request": ("ada", leave),
        "request with lines": ("ben", claim),
        "request of an operator": ("admin", leave),
        "request_edit": ("ada", f"{draft}edit/"),
        "request_delete": ("ada", f"{draft}delete/"),
        "work_item_outcome": ("ben", f"/work-items/{item}/outcomes/approve/"),
        "request_operate": ("admin", f"{leave}operate/suspend/"),
        "operate, move": ("admin", f"{leave}operate/move/"),
        "operate, data": ("admin", f"{leave}operate/set-data/"),
    }


@pytest.mark.slow
def test_a_page_costs_the_same_beside_few_rows_and_beside_many(company: SimpleNamespace) -> None:
    crowd = Crowd(company)
    few = costs(crowd, pages, FEW)
    many = costs(crowd, pages, MANY)

    assert many == few
    assert {name: cost for name, cost in few.items() if cost > MOST[name]} == {}
    assert set(few) == set(MOST)


def test_every_page_is_counted(company: SimpleNamespace) -> None:
    crowd = Crowd(company)
    crowd.grow(1)

    names = {pattern.name for pattern in urlpatterns}
    assert names - WITHOUT_PAGE <= set(pages(crowd))
