"""An operator and the people of a case at once: one of them is first, and no token is made."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import factories
from tests.factories import grant, leave_data, open_item
from tests.workflows.test_races import at_once
from workflows import engine, history
from workflows.errors import GoflowError
from workflows.models import Case, EventKind

ROUNDS = 15


@pytest.fixture
def company(transactional_db) -> SimpleNamespace:
    return factories.make_company()


@pytest.fixture
def oscar(company):
    return grant(company.gina, "intervene_case", "view_all_cases")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_a_decision_and_a_move_at_once_one_is_first_and_the_other_is_refused(
    leave_flow, oscar, ada, ben
):
    for _ in range(ROUNDS):
        case = engine.start("leave", by=ada, data=leave_data())
        item = open_item(case, "manager_review").pk
        pk = case.pk

        results = at_once(
            lambda item=item: engine.complete(item, by=ben, outcome="return"),
            lambda pk=pk: engine.move(
                pk, by=oscar, take={"with_manager": 1}, put={"agreed": 1}, reason="By phone"
            ),
        )

        refused = [result for result in results if isinstance(result, GoflowError)]
        after = Case.objects.get(pk=pk)
        assert len(refused) == 1, results
        assert after.marking in ({"to_correct": 1, "withdrawable": 1}, {"to_record": 1})
        assert history.verify_case(after) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_move_that_is_sent_twice_at_once_with_one_key_is_done_once(leave_flow, oscar, ada):
    for number in range(ROUNDS):
        pk = engine.start("leave", by=ada, data=leave_data()).pk

        def call(pk: int = pk, key: str = f"key-{number}") -> Case:
            return engine.move(
                pk,
                by=oscar,
                take={"withdrawable": 1},
                reason="Too late for that",
                idempotency_key=key,
            )

        results = at_once(call, call)

        assert [type(result) for result in results] == [Case, Case], results
        assert Case.objects.get(pk=pk).events.filter(kind=EventKind.MOVED).count() == 1
