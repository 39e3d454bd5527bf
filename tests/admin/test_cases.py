"""Cases, work items, jobs and events are looked at, never edited; operators say why they act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.admin.conftest import signed_in, staff
from tests.factories import leave_data, make_user, open_item
from workflows import engine, guards
from workflows.models import Case, Event, EventKind, WorkItem

CASES = reverse("admin:workflows_case_changelist")


@pytest.fixture
def case(leave_flow: Any, company: Any) -> Case:
    return engine.start("leave", by=company.ada, data=leave_data(), business_key="LV-2026-0007")


def page_of(case: Case) -> str:
    return reverse("admin:workflows_case_change", args=[case.pk])


def intervene(what: str, *cases: Case) -> str:
    query = "&".join(f"ids={case.pk}" for case in cases)
    return f"{reverse('admin:workflows_case_intervene', args=[what])}?{query}"


def transfer(item: WorkItem) -> str:
    return reverse("admin:workflows_workitem_transfer", args=[item.pk])


def state_of(case: Case) -> str:
    return str(Case.objects.values_list("state", flat=True).get(pk=case.pk))


def test_the_page_of_a_case_shows_where_it_stands(operator: Client, case: Case) -> None:
    page = operator.get(page_of(case)).content.decode()

    assert "Tokens are in: With the manager" in page
    assert "<svg" in page
    assert "2026-12-07" in page
    assert "The chain of hashes holds" in page


def test_a_case_is_found_by_its_key_and_by_its_requester(operator: Client, case: Case) -> None:
    for text in ("LV-2026-0007", "Archer"):
        found = operator.get(CASES, {"q": text}).context["cl"].result_list
        assert [each.pk for each in found] == [case.pk]


def test_cases_are_filtered_by_flow_and_state(operator: Client, case: Case) -> None:
    def found(**filters: str) -> int:
        return len(operator.get(CASES, filters).context["cl"].result_list)

    assert found(flow="leave", state__exact="running") == 1
    assert found(flow="expense") == 0
    assert found(state__exact="completed") == 0


def test_cases_that_need_attention_are_found(operator: Client, case: Case, company: Any) -> None:
    def found(attention: str) -> list[int]:
        return [
            each.pk
            for each in operator.get(CASES, {"attention": attention}).context["cl"].result_list
        ]

    overdue = engine.start("leave", by=company.abe, data=leave_data())
    overdue.work_items.update(due_at=timezone.now() - timedelta(days=1))
    idle = engine.start("leave", by=company.finn, data=leave_data())
    idle.work_items.update(opened_at=timezone.now(), state="withdrawn")

    assert found("overdue") == [overdue.pk]
    assert found("idle") == [idle.pk]
    assert found("failed") == found("gave_up") == []


def test_all_events_of_a_case_are_listed(operator: Client, case: Case, company: Any) -> None:
    engine.start("leave", by=company.abe, data=leave_data())
    address = reverse("admin:workflows_event_changelist")

    found = operator.get(address, {"case__id__exact": case.pk}).context["cl"].result_list

    assert {event.case_id for event in found} == {case.pk}


# Taking the guards away is a change of the schema, which MariaDB commits at once.
@pytest.mark.django_db(transaction=True)
def test_a_history_that_was_changed_behind_the_engine_s_back_is_told(
    operator: Client, case: Case
) -> None:
    guards.remove(connection)
    Event.objects.filter(case=case, sequence=1).update(actor=None)
    guards.install(connection)

    page = operator.get(page_of(case)).content.decode()

    assert f"case {case.pk}, event 1: it was changed after it was written" in page


@pytest.mark.parametrize("name", ["case", "workitem", "event", "job"])
def test_what_the_engine_writes_is_neither_added_nor_changed_nor_deleted(
    root: Client, case: Case, name: str
) -> None:
    pks = {
        "case": case.pk,
        "workitem": case.work_items.earliest("pk").pk,
        "event": case.events.earliest("pk").pk,
        "job": 1,
    }
    address = f"admin:workflows_{name}_"

    assert root.post(reverse(address + "add"), {}).status_code == 403
    changed = root.post(reverse(address + "change", args=[pks[name]]), {}).status_code
    deleted = root.post(reverse(address + "delete", args=[pks[name]]), {"post": "yes"}).status_code
    assert {changed, deleted} <= {403, 302}
    assert (Case.objects.count(), case.events.count() > 0) == (1, True)


def test_a_case_is_suspended_with_a_reason_and_resumed(operator: Client, case: Case) -> None:
    operator.post(intervene("suspend", case), {"reason": "Audit"})
    assert state_of(case) == "suspended"
    assert case.events.latest("sequence").payload == {"reason": "Audit"}

    operator.post(intervene("resume", case), {"reason": "Audit is over"})
    assert state_of(case) == "running"


def test_an_intervention_without_a_reason_does_nothing(operator: Client, case: Case) -> None:
    page = operator.post(intervene("cancel", case), {"reason": "  "})

    assert (page.status_code, state_of(case)) == (422, "running")


def test_asking_for_the_reason_does_nothing_yet(operator: Client, case: Case) -> None:
    assert operator.get(intervene("cancel", case)).status_code == 200
    assert state_of(case) == "running"


def test_several_cases_are_cancelled_from_the_list(
    operator: Client, case: Case, company: Any
) -> None:
    other = engine.start("leave", by=company.abe, data=leave_data())
    action = {"action": "cancel_selected", "_selected_action": [case.pk, other.pk]}

    asked = operator.post(CASES, action)
    operator.post(asked.headers["Location"], {"reason": "The office closes"})

    assert {state_of(case), state_of(other)} == {"cancelled"}


def test_what_is_not_possible_in_a_case_s_state_is_refused_with_the_reason(
    operator: Client, case: Case
) -> None:
    page = operator.post(intervene("resume", case), {"reason": "Go on"}, follow=True)

    assert "it cannot be resumed" in page.content.decode()


def test_a_work_item_is_handed_on(operator: Client, case: Case, company: Any) -> None:
    item = open_item(case, "manager_review")

    operator.post(transfer(item), {"to": "dana", "reason": "Ben is ill"})

    item = WorkItem.objects.get(pk=item.pk)
    assert (item.state, item.claimed_by) == ("claimed", company.dana)
    assert case.events.latest("sequence").kind == EventKind.TRANSFERRED


@pytest.mark.parametrize(
    ("to", "told"),
    [("nobody", "There is no active user"), ("ada", "nobody decides on their own request")],
)
def test_a_work_item_is_handed_to_nobody_who_may_not_do_it(
    operator: Client, case: Case, to: str, told: str
) -> None:
    item = open_item(case, "manager_review")

    page = operator.post(transfer(item), {"to": to, "reason": "Why not"})

    assert page.status_code == 422
    assert told in page.content.decode()
    assert WorkItem.objects.get(pk=item.pk).state == "offered"


def test_an_inactive_person_is_not_handed_work(operator: Client, case: Case) -> None:
    make_user("gone", is_active=False)

    page = operator.post(
        transfer(open_item(case, "manager_review")), {"to": "gone", "reason": "Try"}
    )

    assert "There is no active user" in page.content.decode()


def test_staff_without_the_right_see_no_interventions_and_do_none(case: Case, company: Any) -> None:
    viewer = signed_in(staff("vera", "view_all_cases"))

    page = viewer.get(page_of(case)).content.decode()
    refused = viewer.post(intervene("cancel", case), {"reason": "Because"})
    item = open_item(case, "manager_review")
    handed = viewer.post(transfer(item), {"to": "dana", "reason": "Because"})

    assert "Cancel…" not in page
    assert "Hand on…" not in page
    assert (refused.status_code, handed.status_code, state_of(case)) == (403, 403, "running")


def test_staff_who_may_not_see_every_case_see_their_own_only(case: Case, company: Any) -> None:
    own = signed_in(staff("vera", "view_case"))

    assert own.get(CASES).context["cl"].result_count == 0
    assert own.get(page_of(case)).status_code == 302
    assert own.get(reverse("admin:workflows_event_changelist")).status_code == 403
