"""What several do at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from approvals import services
from approvals.errors import OverlappingLeave
from approvals.models import NumberSeries, Request
from tests.approvals.conftest import make_leave, next_monday
from tests.approvals.test_submission import leave_form
from workflows.models import Case, FlowVersion


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that begin together; return results and exceptions."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return call()
        except Exception as error:  # noqa: BLE001  the test looks at each of them
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_no_number_is_given_twice(transactional_db: Any) -> None:
    taken = at_once(*[lambda: [services.take_number("LV", 2026) for _ in range(5)]] * 4)
    numbers = [number for several in taken for number in several]
    assert len(set(numbers)) == 20
    assert max(numbers) == "LV-2026-0020"


def test_the_database_refuses_a_second_series_of_one_year(db: Any) -> None:
    NumberSeries.objects.create(prefix="LV", year=2026)
    with pytest.raises(IntegrityError), transaction.atomic():
        NumberSeries.objects.create(prefix="LV", year=2026)


def test_a_draft_that_is_submitted_twice_at_once_starts_one_case(
    transactional_db: Any, ada: User, leave_flow: FlowVersion
) -> None:
    draft = make_leave(ada, leave_flow)
    results = at_once(*[lambda: services.submit(Request.objects.get(pk=draft.pk), by=ada)] * 2)
    assert [result.case_id for result in results] == [Case.objects.get().pk] * 2


def test_a_form_that_is_sent_twice_at_once_makes_one_draft(
    transactional_db: Any, ada: User, leave_flow: FlowVersion
) -> None:
    def send() -> Request:
        form = leave_form(ada, leave_flow)
        return services.save_draft(by=ada, flow=leave_flow.flow, form=form, form_key="page-1")

    results = at_once(*[send] * 4)
    assert results == [Request.objects.get()] * 4


def test_of_two_leaves_on_the_same_days_one_is_refused(
    transactional_db: Any, ada: User, leave_flow: FlowVersion
) -> None:
    drafts = [make_leave(ada, leave_flow), make_leave(ada, leave_flow)]
    results = at_once(*[lambda d=d: services.submit(d, by=ada) for d in drafts])  # type: ignore[misc]
    assert sum(isinstance(result, OverlappingLeave) for result in results) == 1
    assert Case.objects.count() == 1


def test_requests_that_one_person_makes_at_once_do_not_stand_in_each_others_way(
    transactional_db: Any, ada: User, leave_flow: FlowVersion
) -> None:
    """Red on MariaDB where the account is locked: each key's record holds a share of that lock."""
    browser = Client()
    browser.force_login(ada)

    def ask(week: int) -> int:
        client = Client()
        client.cookies = browser.cookies
        day = next_monday(week).isoformat()
        body = {"leave_type": "annual", "start": day, "end": day, "submit": True}
        headers = {"Idempotency-Key": f"week-{week}"}
        address = reverse("api-leave-requests")
        answer = client.post(address, body, content_type="application/json", headers=headers)
        return answer.status_code

    assert at_once(*[partial(ask, week) for week in range(1, 9)]) == [201] * 8
