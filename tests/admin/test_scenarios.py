"""Scenarios in the admin: written as text, played by a button; and a case of a version to try."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import SOUND, address, draft, page_form
from workflows import publishing
from workflows.models import Case, FlowVersion, Job, WorkItem

TWO_SCENARIOS = """
scenarios:
  - title: Agreed
    data: {course: First aid}
    steps:
      - review: approve
    expect: {end: true}
  - title: Wrong
    steps:
      - review: reject
    expect: {end: false}
"""
TRIP = """
flow: trip
title: Trip
data:
  type: object
  properties:
    price: {type: number, title: Price}
    note: {type: string, title: Note}
    decision: {type: string, readOnly: true}
  required: [price]
places: [start, asked, dear, end]
tasks:
  review: {title: Decide, assign: manager(requester), form: {fields: {note: edit}}}
  book: {kind: service, title: Book, topic: bookings}
transitions:
  submit: {from: start, to: asked}
  approve: {title: Approve, task: review, outcome: approve, from: asked, to: dear}
  over: {title: Over 100, task: book, outcome: done, from: dear, to: end,
    set: {decision: "'approved'"}}
"""


@pytest.fixture
def trip(company: Any) -> FlowVersion:
    return draft(TRIP)


def text_of(response: Any) -> str:
    """Return what a reader sees of a page, in one line."""
    html = re.sub(r"<(script|style|desc).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def run_on(response: Any) -> dict[str, Any]:
    """Return the run that the page carries on."""
    return json.loads(response.context["run"])


def begin(client: Client, version: FlowVersion, data: str = "price: 120", **more: str) -> Any:
    form = {"start": "1", "values": data, "today": "2026-01-05", "requester": "", **more}
    return client.post(address(version, "try"), form)


def go_on(client: Client, version: FlowVersion, page: Any, **form: str) -> Any:
    return client.post(address(version, "try"), {"run": page.context["run"], **form})


# The version's own page


def test_the_scenarios_of_a_draft_are_edited_as_the_text_of_the_flow_file(root, company):
    version = draft(SOUND)
    form = page_form(root, address(version))
    form["scenarios"] = TWO_SCENARIOS.replace("scenarios:\n", "")

    response = root.post(address(version), form)

    assert response.status_code == 302
    version.refresh_from_db()
    assert [scenario["title"] for scenario in version.scenarios] == ["Agreed", "Wrong"]
    assert "- title: Agreed\n" in page_form(root, address(version))["scenarios"]


def test_saving_tells_which_scenario_goes_another_way(root, company):
    version = draft(SOUND + TWO_SCENARIOS)

    response = root.post(address(version), page_form(root, address(version)), follow=True)

    assert "The scenario 'Wrong' goes another way." in text_of(response)


def test_a_mistake_in_the_text_is_told_with_its_line(root, company):
    version = draft(SOUND)
    form = page_form(root, address(version)) | {
        "scenarios": "- title: A\n  expekt: {end: true}\n",
    }

    response = root.post(address(version), form)

    assert "line 2, column 3: scenarios[0].expekt: unknown key 'expekt'" in text_of(response)
    assert "expekt: {end: true}" in page_form_of(response)
    version.refresh_from_db()
    assert version.scenarios == []


def page_form_of(response: Any) -> str:
    return unescape(response.content.decode())


def test_saving_a_draft_without_a_change_leaves_its_scenarios_as_they_are(root, company):
    version = draft(SOUND + TWO_SCENARIOS)

    root.post(address(version), page_form(root, address(version)))

    again = FlowVersion.objects.get(pk=version.pk)
    assert again.scenarios == version.scenarios


def test_a_published_version_shows_its_scenarios_and_takes_no_others(root, company):
    version = draft(SOUND + TWO_SCENARIOS.replace("end: false", "end: true"))
    publishing.publish(version, by=None)

    assert "title: Agreed" in text_of(root.get(address(version)))


def test_a_copy_has_the_scenarios_too(root, company):
    version = draft(SOUND + TWO_SCENARIOS)

    root.post(address(version, "copy"))

    assert FlowVersion.objects.get(number=2).scenarios == version.scenarios


def test_the_page_that_asks_before_publishing_tells_the_failing_scenario(root, company):
    version = draft(SOUND + TWO_SCENARIOS)

    page = text_of(root.get(f"/admin/workflows/flowversion/publish/?ids={version.pk}"))

    assert "After step 1 ('Decide': Refuse), it has ended, and should not." in page


# All scenarios


def test_the_page_of_scenarios_plays_them_and_tells_how_each_went(root, company):
    version = draft(SOUND + TWO_SCENARIOS)

    page = text_of(root.get(address(version, "scenarios")))

    assert "1 of 2 scenarios go as they should" in page
    assert "✓ Agreed goes as it should" in page
    assert "✗ Wrong goes another way" in page
    assert "After step 1 ('Decide': Refuse), it has ended, and should not." in page


def test_a_version_that_cannot_run_says_so(root, company):
    broken = draft(SOUND)
    broken.tasks.update(assign="manger(requester)")

    for name in ("scenarios", "try"):
        page = text_of(root.get(address(broken, name)))
        assert "This version cannot run yet" in page
        assert "manger" in page


def test_a_version_without_scenarios_says_how_to_come_to_some(root, sound):
    assert "There are no scenarios yet." in text_of(root.get(address(sound, "scenarios")))


@pytest.mark.parametrize("name", ["scenarios", "try"])
def test_who_may_not_see_versions_may_not_play_them(clerk, sound, name):
    assert clerk.get(address(sound, name)).status_code == 403
    assert Client().get(address(sound, name)).status_code == 302


@pytest.mark.parametrize("name", ["scenarios", "try"])
def test_a_version_that_is_not_there_is_not_found(root, sound, name):
    sound.pk += 1

    assert root.get(address(sound, name)).status_code == 404


def test_the_list_of_scenarios_is_only_looked_at(root, sound):
    assert root.post(address(sound, "scenarios")).status_code == 405


# Trying a version


def test_the_form_to_begin_with_has_data_that_the_flow_takes(root, trip):
    page = root.get(address(trip, "try"))

    begun = begin(root, trip, data=page.context["form"]["values"].value())

    assert begun.status_code == 200
    assert begun.context["trial"].has_begun


def test_a_case_is_played_a_click_a_step_and_nothing_of_it_is_written(root, trip):
    page = begin(root, trip)
    assert "On offer now Decide" in text_of(page)

    page = go_on(root, trip, page, task="review", outcome="approve", values="note: Go")
    assert page.context["trial"].play.data == {"price": 120, "note": "Go"}
    page = go_on(root, trip, page, task="book", outcome="done", values="")

    assert "The case has ended." in text_of(page)
    assert run_on(page)["steps"] == [
        {"task": "review", "outcome": "approve", "data": {"note": "Go"}},
        {"book": "done"},
    ]
    assert not any(model.objects.exists() for model in (Case, WorkItem, Job))


def test_the_drawing_shows_where_the_case_is(root, trip):
    drawing = begin(root, trip).content.decode()

    (told,) = re.findall(r"<desc>(.*?)</desc>", drawing, re.DOTALL)
    assert "Tokens are in: asked." in told


def test_fields_that_stay_as_they_are_are_no_part_of_the_run(root, trip):
    page = begin(root, trip, data="{price: 1, note: As it was}")

    page = go_on(root, trip, page, task="review", outcome="approve", values="note: As it was")

    assert run_on(page)["steps"] == [{"review": "approve"}]


def test_a_step_is_taken_back(root, trip):
    page = go_on(root, trip, begin(root, trip), task="review", outcome="approve")

    page = go_on(root, trip, page, back="1")

    assert run_on(page)["steps"] == []
    assert "On offer now Decide" in text_of(page)


def test_data_that_the_flow_refuses_are_told_and_stay_in_the_form(root, trip):
    page = begin(root, trip, data="note: No price")

    assert page.status_code == 422
    assert "It cannot start: Price is missing" in text_of(page)
    assert page.context["form"]["values"].value() == "note: No price"


def test_data_that_cannot_be_read_are_told_with_their_line(root, trip):
    page = begin(root, trip, data="price: 1\nprice: 2")

    assert page.status_code == 422
    assert "line 2, column 1: price: stands here twice" in text_of(page)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"task": "book", "outcome": "done"}, "'Book' is not on offer here."),
        ({"task": "review", "outcome": "reject"}, "has no outcome 'reject'"),
        ({"task": "gone", "outcome": "reject"}, "there is no task 'gone'"),
        (
            {"task": "review", "outcome": "approve", "values": "price: 5"},
            "price cannot be changed in 'Decide'",
        ),
        ({"task": "review", "outcome": "approve", "values": "a: b: c"}, "line 1, column"),
        ({"task": "review"}, "This field is required."),
    ],
)
def test_a_step_that_is_refused_is_told_and_the_case_stays_where_it_was(root, trip, step, told):
    page = go_on(root, trip, begin(root, trip), **step)

    assert page.status_code == 422
    assert told in text_of(page)
    assert run_on(page)["steps"] == []


@pytest.mark.parametrize("run", ["", "[]", "{", '{"steps": 1}', '{"steps": [{"no": "such"}]}'])
def test_a_page_that_carries_no_run_begins_anew(root, trip, run):
    response = root.post(address(trip, "try"), {"run": run, "task": "review", "outcome": "approve"})

    assert (response.status_code, response.url) == (302, address(trip, "try"))


def test_the_company_plays_where_the_requester_is_known(root, trip):
    page = begin(root, trip, requester="ada")

    page = go_on(root, trip, page, task="review", outcome="approve", by="carl")

    assert "'Decide' is not for them to do." in text_of(page)


def test_a_saved_scenario_is_looked_at_on_the_net(root, company):
    version = draft(SOUND + TWO_SCENARIOS)

    page = root.get(address(version, "try") + "?scenario=0")

    assert "The case has ended." in text_of(page)
    assert root.get(address(version, "try") + "?scenario=7").status_code == 200


def test_a_scenario_whose_step_is_refused_is_shown_as_far_as_it_goes(root, company):
    wrong = TWO_SCENARIOS.replace("      - review: approve\n", "      - review: approve\n" * 2)
    version = draft(SOUND + wrong)

    page = root.get(address(version, "try") + "?scenario=0")

    assert "Step 2 ('Decide': Approve) is not possible" in text_of(page)
    assert run_on(page)["steps"] == [{"review": "approve"}]


# Saving what was tried


def test_a_run_is_saved_as_a_scenario_that_passes(root, trip):
    page = go_on(root, trip, begin(root, trip), task="review", outcome="approve")
    page = go_on(root, trip, page, task="book", outcome="done")

    response = go_on(root, trip, page, save="1", title="Booked")

    assert (response.status_code, response.url) == (302, address(trip, "scenarios"))
    trip.refresh_from_db()
    assert trip.scenarios == [
        {
            "title": "Booked",
            "today": "2026-01-05",
            "data": {"price": 120},
            "steps": [{"review": "approve"}, {"book": "done"}],
            "expect": {"end": True, "data": {"decision": "approved"}},
        }
    ]
    assert "The scenario goes as it should" in text_of(root.get(response.url))


def test_a_run_that_has_not_ended_expects_what_is_on_offer(root, trip):
    go_on(root, trip, begin(root, trip), save="1", title="Asked")

    trip.refresh_from_db()
    assert trip.scenarios[0]["expect"] == {"end": False, "offered": ["review"]}


def test_saving_a_scenario_forgets_the_verdict_that_did_not_know_it(root, trip):
    publishing.verify_version(trip)

    go_on(root, trip, begin(root, trip), save="1", title="Asked")

    trip.refresh_from_db()
    assert trip.verdict is None


@pytest.mark.parametrize(("title", "told"), [("", "Give it a title."), ("Asked", "already")])
def test_a_scenario_needs_a_title_of_its_own(root, trip, title, told):
    go_on(root, trip, begin(root, trip), save="1", title="Asked")

    page = go_on(root, trip, begin(root, trip), save="1", title=title)

    assert page.status_code == 422
    assert told in text_of(page)
    trip.refresh_from_db()
    assert len(trip.scenarios) == 1


def test_a_published_version_is_tried_and_gets_no_scenario(root, sound):
    publishing.publish(sound, by=None)
    page = begin(root, sound, data="")

    assert "Only the scenarios of a draft can be added to" in text_of(page)
    assert go_on(root, sound, page, save="1", title="Late").status_code == 403


def test_who_may_only_look_may_try_and_not_save(company, sound):
    from tests.admin.conftest import signed_in, staff

    reader = signed_in(staff("rudi", "view_flowversion"))
    page = begin(reader, sound, data="")

    assert page.status_code == 200
    assert go_on(reader, sound, page, save="1", title="Mine").status_code == 403
