"""What each call of the API that reads costs, in statements: the same for few rows and many."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.crowd import FEW, MANY, Crowd, costs
from tests.factories import open_item

MOST = {
    "cases": 6,
    "every case": 3,
    "a case": 6,
    "a history": 6,
    "a drawing": 6,
    "work items": 5,
    "a work item": 6,
    "leave requests": 8,
    "a leave request": 7,
    "expense claims": 9,
    "an expense claim": 8,
    "kinds of leave": 3,
    "categories": 3,
    "flows": 5,
    "a flow": 4,
    "a version": 8,
    "jobs": 3,
}


def calls(crowd: Crowd) -> dict[str, tuple[str, str]]:
    case = crowd.leave.case
    assert case is not None
    item = open_item(case, "manager_review").pk
    version = f"flows/{crowd.chain.flow.key}/versions/{crowd.chain.number}/"
    return {
        name: (who, f"/api/v1/{address}")
        for name, who, address in (
            ("cases", "ada", "cases/"),
            ("every case", "admin", "cases/?limit=200"),
            ("a case", "ada", f"cases/{case.pk}/"),
            ("a history", "ada", f"cases/{case.pk}/history/"),
            ("a drawing", "ada", f"cases/{case.pk}/diagram.svg"),
            ("work items", "ben", "work-items/"),
            ("a work item", "ben", f"work-items/{item}/"),
            ("leave requests", "ada", "leave-requests/"),
            ("a leave request", "ada", f"leave-requests/{crowd.leave.number}/"),
            ("expense claims", "ada", "expense-claims/"),
            ("an expense claim", "ada", f"expense-claims/{crowd.claim.number}/"),
            ("kinds of leave", "ada", "leave-types/"),
            ("categories", "ada", "expense-categories/"),
            ("flows", "ada", "flows/"),
            ("a flow", "admin", "flows/leave/"),
            ("a version", "admin", version),
            ("jobs", "admin", "jobs/"),
        )
    }


@pytest.mark.slow
def test_a_call_costs_the_same_for_few_rows_and_for_many(company: SimpleNamespace) -> None:
    crowd = Crowd(company)
    few = costs(crowd, calls, FEW)
    many = costs(crowd, calls, MANY)

    assert many == few
    assert {name: cost for name, cost in few.items() if cost > MOST[name]} == {}
    assert set(few) == set(MOST)
