"""Interventions in the admin: foreseen, then done; by those who may, and not in their own case."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import signed_in, staff
from tests.admin.forms import page_fields
from tests.factories import leave_data, open_item
from workflows import engine, history
from workflows.models import Case, WorkItem


@pytest.fixture
def case(leave_flow: Any, company: Any) -> Case:
    return engine.start("leave", by=company.ada, data=leave_data())


@pytest.fixture
def forceful(company: Any) -> Client:
    return signed_in(staff("fred", "view_all_cases", "intervene_case", "force_intervention"))


def address(case: Case, what: str, item: WorkItem | None = None) -> str:
    url = reverse("admin:workflows_case_operate", args=[case.pk, what])
    return url if item is None else f"{url}?item={item.pk}"


def page_of(case: Case) -> str:
    return reverse("admin:workflows_case_change", args=[case.pk])


def fields_of(page: Any) -> dict[str, str]:
    return page_fields(page.content.decode(), "operate")


def look_and_do(client: Client, url: str, **fields: Any) -> Any:
    """Ask what would happen, then do it with the fields that the answer holds."""
    asked = fields_of(client.get(url))
    seen = client.post(url, asked | fields | {"action": "foresee"})
    return client.post(url, fields_of(seen) | fields | {"action": "do"})


def marking_of(case: Case) -> dict[str, int]:
    return Case.objects.get(pk=case.pk).marking.as_dict()


def test_what_would_happen_is_shown_and_not_done(operator: Client, case: Case) -> None:
    url = address(case, "move")
    fields = fields_of(operator.get(url))
    fields |= {"place-with_manager": "0", "place-agreed": "1", "action": "foresee"}

    page = operator.post(url, fields).content.decode()

    assert "The case can still end properly." in page
    assert "Up to 5 days" in page
    assert "Record the leave (group hr)" in page
    assert marking_of(case) == {"with_manager": 1, "withdrawable": 1}


def test_what_was_seen_is_done(operator: Client, case: Case) -> None:
    fields = {"place-with_manager": "0", "place-agreed": "1", "reason": "By phone"}

    look_and_do(operator, address(case, "move"), **fields)

    assert marking_of(case) == {"to_record": 1}
    assert case.events.get(kind="moved").payload["reason"] == "By phone"
    assert history.verify_case(Case.objects.get(pk=case.pk)) == []


def test_nothing_is_done_that_was_not_seen(operator: Client, case: Case) -> None:
    url = address(case, "move")
    fields = fields_of(operator.get(url))
    fields |= {"place-with_manager": "0", "place-agreed": "1", "reason": "x", "action": "do"}

    page = operator.post(url, fields)

    assert marking_of(case) == {"with_manager": 1, "withdrawable": 1}
    assert "The case can still end properly." in page.content.decode()


def test_what_has_changed_since_it_was_seen_is_shown_again(
    operator: Client, case: Case, company: Any
) -> None:
    url = address(case, "set-data")
    fields = {"data": '{"reason": "Hills"}', "reason": "x"}
    seen = fields_of(operator.post(url, fields | {"action": "foresee"}))
    item = open_item(case, "manager_review")
    engine.complete(item.pk, by=company.ben, outcome="return", comment="No")

    page = operator.post(url, seen | fields | {"action": "do"})

    assert page.status_code == 200
    assert not case.events.filter(kind="data_set").exists()


def test_a_reason_is_asked_for_before_anything_is_done(operator: Client, case: Case) -> None:
    item = open_item(case, "manager_review")

    refused = look_and_do(operator, address(case, "skip", item), outcome="approve", reason=" ")

    assert refused.status_code == 422
    assert marking_of(case) == {"with_manager": 1, "withdrawable": 1}


def test_what_leaves_a_rest_is_shown_with_the_run_and_cannot_be_done(
    operator: Client, case: Case
) -> None:
    fields = {"place-with_manager": "0", "place-to_record": "1", "reason": "x"}

    page = look_and_do(operator, address(case, "move"), **fields).content.decode()

    assert "The case could not end properly." in page
    assert "a token in “Approved”" in page
    assert 'value="do"' not in page
    assert marking_of(case) == {"with_manager": 1, "withdrawable": 1}


def test_who_may_force_it_has_to_say_so(forceful: Client, case: Case) -> None:
    fields = {"place-with_manager": "0", "place-to_record": "1", "reason": "x"}

    look_and_do(forceful, address(case, "move"), **fields)
    assert marking_of(case) == {"with_manager": 1, "withdrawable": 1}

    look_and_do(forceful, address(case, "move"), force="on", **fields)
    assert marking_of(case) == {"to_record": 1, "withdrawable": 1}


def test_an_item_is_skipped_and_repeated(operator: Client, case: Case) -> None:
    item = open_item(case, "manager_review")

    look_and_do(operator, address(case, "skip", item), outcome="return", reason="Ben has left")
    assert "Repeat…" in operator.get(page_of(case)).content.decode()
    look_and_do(operator, address(case, "repeat", item), reason="Ben is back")

    assert open_item(case, "manager_review").pk != item.pk


def test_a_repetition_is_foreseen_at_once(operator: Client, case: Case, company: Any) -> None:
    item = open_item(case, "manager_review")
    engine.complete(item.pk, by=company.ben, outcome="return", comment="No")

    page = operator.get(address(case, "repeat", item)).content.decode()

    assert "Decide on the leave (Ben Baker)" in page


def test_what_cannot_be_repeated_says_why(operator: Client, case: Case) -> None:
    page = operator.get(address(case, "repeat", open_item(case, "manager_review")))

    assert page.status_code == 422
    assert "only what was completed is repeated" in page.content.decode()


def test_data_is_corrected(operator: Client, case: Case) -> None:
    look_and_do(operator, address(case, "set-data"), data='{"reason": "Hills"}', reason="Typo")

    assert Case.objects.get(pk=case.pk).data["reason"] == "Hills"


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "not JSON"), ("[1]", "Write an object"), ('{"days": -1}', "days"), ("{}", "required")],
)
def test_data_that_cannot_be_is_refused_at_its_field(
    operator: Client, case: Case, text: str, told: str
) -> None:
    page = operator.post(address(case, "set-data"), {"data": text, "action": "foresee"})

    assert page.status_code == 422
    assert told in page.content.decode()


def test_a_branch_is_cancelled(operator: Client, case: Case) -> None:
    look_and_do(operator, address(case, "cancel-branch"), places="withdrawable", reason="Too late")

    assert marking_of(case) == {"with_manager": 1}


def test_the_page_of_a_case_offers_what_is_possible(operator: Client, case: Case) -> None:
    page = operator.get(page_of(case)).content.decode()

    assert all(text in page for text in ("Move tokens…", "Correct the data…", "Skip…"))


def test_nobody_operates_in_their_own_case(leave_flow: Any, company: Any) -> None:
    own = staff("olga", "view_all_cases", "intervene_case")
    case = engine.start("leave", by=company.ada, data=leave_data())
    Case.objects.filter(pk=case.pk).update(requester=own)
    client = signed_in(own)

    page = client.get(page_of(case)).content.decode()
    refused = client.post(address(case, "set-data"), {"data": '{"days": 1}'}, follow=True)

    assert "Move tokens…" not in page
    assert "your own" in refused.content.decode()


def test_staff_without_the_right_are_refused(case: Case, company: Any) -> None:
    viewer = signed_in(staff("vera", "view_all_cases"))

    assert viewer.get(address(case, "move")).status_code == 403
    assert "Move tokens…" not in viewer.get(page_of(case)).content.decode()


@pytest.mark.parametrize("query", ["", "?item=x", "?item=999999", "?item=٣"])
def test_an_item_that_is_none_of_the_case_s_is_not_found(
    operator: Client, case: Case, query: str
) -> None:
    assert operator.get(address(case, "skip") + query).status_code == 404
    assert operator.get(address(case, "explode")).status_code == 404
