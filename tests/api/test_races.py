"""Two people press a button at once, each over HTTP and a connection of their own."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests import factories
from tests.api.conftest import Client, problem
from tests.factories import expense_data, open_item
from workflows import engine
from workflows.models import Event

ROUNDS = 20


@pytest.fixture
def company(transactional_db) -> SimpleNamespace:
    return factories.make_company()


def at_once(calls: list[tuple[User, str, dict[str, Any]]]) -> list[Any]:
    """Send the calls on threads that start together, and return the answers in the same order."""
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def send(number: int, user: User, address: str, body: dict[str, Any]) -> None:
        client = Client()
        client.force_login(user)
        barrier.wait(timeout=20)
        try:
            answers[number] = client.post(address, body)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(n, *call)) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_of_two_who_decide_at_once_one_wins_and_the_other_learns_who(
    expense_flow, ada, ben, carl, cleo
):
    for _ in range(ROUNDS):
        case = engine.start("expense", by=ada, data=expense_data(total=2000))
        engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
        address = f"work-items/{open_item(case, 'finance_check').pk}/complete/"
        answers = at_once(
            [(carl, address, {"outcome": "approve"}), (cleo, address, {"outcome": "reject"})]
        )

        first, second = sorted(answers, key=lambda answer: answer.status_code)
        assert first.status_code == 200
        told = problem(second, 409, "work_item_closed")
        has_carl_won = answers[0] is first
        assert told["completed_by"] == ("Carl Carter" if has_carl_won else "Cleo Clark")
        assert told["outcome"] == ("approve" if has_carl_won else "reject")
        decided = Event.objects.filter(case=case, work_item__task__key="finance_check")
        assert decided.filter(kind="fired").count() == 1
