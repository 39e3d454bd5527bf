"""A correction that comes by another door than the portal's form."""

from __future__ import annotations

import pytest

from tests.factories import expense_data, leave_data, open_item
from workflows import engine
from workflows.errors import InvalidData
from workflows.models import Case


@pytest.mark.parametrize("data", [{"days": None}, {"end": None}, {"start": "soon"}])
def test_a_leave_corrected_with_wrong_types_is_refused_and_stays(leave_flow, ada, ben, data):
    case = engine.start("leave", by=ada, data=leave_data())
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="return")

    with pytest.raises(InvalidData):
        engine.complete(open_item(case, "correct").pk, by=ada, outcome="resubmit", data=data)
    assert Case.objects.get(pk=case.pk).marking == {"to_correct": 1, "withdrawable": 1}


@pytest.mark.parametrize(
    "data", [{"lines": None}, {"lines": [None]}, {"lines": [{}]}, {"title": 5}, {"total": "x"}]
)
def test_a_claim_corrected_with_wrong_types_is_refused(expense_flow, ada, ben, data):
    case = engine.start("expense", by=ada, data=expense_data())
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="return")

    with pytest.raises(InvalidData):
        engine.complete(open_item(case, "correct").pk, by=ada, outcome="resubmit", data=data)


def test_an_address_with_a_nul_is_not_found(client, ada):
    client.force_login(ada)

    assert client.get("/requests/%00/").status_code == 404
