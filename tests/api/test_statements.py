"""What a call costs, in statements: the same beside many other rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import expense_data, leave_data, open_item
from workflows import engine


def statements_of(call) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call().status_code in (200, 201)
    told = [q["sql"].upper() for q in captured]
    return len([sql for sql in told if "SAVEPOINT" not in sql and sql not in ("BEGIN", "COMMIT")])


# Each with two for the session and its user; most with two for the user's permissions, and one for
# their groups.
LISTS = {
    "cases/": 6,
    "work-items/": 5,
    "leave-requests/": 9,
    "expense-claims/": 10,
    "flows/": 5,
}


@pytest.mark.parametrize("address", list(LISTS))
def test_a_list_costs_the_same_for_one_row_and_for_many(
    as_, leave_flow, expense_flow, ada, ben, address
):
    def add() -> None:
        engine.start("leave", by=ada, data=leave_data())
        engine.start("expense", by=ada, data=expense_data())

    client = as_(ben)
    add()
    alone = statements_of(lambda: client.get(address))
    for _ in range(5):
        add()

    assert statements_of(lambda: client.get(address)) == alone
    assert alone <= LISTS[address]


@pytest.mark.parametrize("part", ["", "history/"])
def test_a_case_costs_the_same_beside_its_long_history(as_, leave_flow, ada, ben, part):
    case = engine.start("leave", by=ada, data=leave_data())
    client = as_(ada)
    address = f"cases/{case.pk}/{part}"
    before = statements_of(lambda: client.get(address))
    for _ in range(5):
        engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="return")
        engine.complete(open_item(case, "correct").pk, by=ada, outcome="resubmit")

    assert statements_of(lambda: client.get(address)) == before
    assert before <= 6


def test_a_decision_costs_a_fixed_number_beside_the_step_itself(as_, leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data(days=6))
    item = open_item(case, "manager_review")
    client = as_(ben)
    body = {"outcome": "approve"}

    cost = statements_of(lambda: client.post(f"work-items/{item.pk}/complete/", body))

    # Session and user, the item, at most 8 for the step, and the answer.
    assert cost <= 2 + 2 + 8 + 5


def test_an_idempotency_key_adds_two_statements(as_, leave_flow, ada):
    client = as_(ada)
    body = {"flow": "leave", "data": leave_data()}
    client.post("cases/", body)

    plain = statements_of(lambda: client.post("cases/", body))
    keyed = statements_of(lambda: client.post("cases/", body, HTTP_IDEMPOTENCY_KEY="k"))
    assert keyed == plain + 2
