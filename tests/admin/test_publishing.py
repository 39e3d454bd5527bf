"""Verify, publish, retire and copy, on the page of a version and in the list."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import UNSOUND, address, draft, page_form, signed_in, staff
from workflows import publishing, store
from workflows.models import Flow, FlowVersion

LIST = reverse("admin:workflows_flowversion_changelist")
PUBLISH = reverse("admin:workflows_flowversion_publish")
RETIRE = reverse("admin:workflows_flowversion_retire")

DIVIDES = """
flow: divides
title: Divides
data: {type: object, properties: {amount: {type: number, title: Amount}}, required: [amount]}
places: [start, end]
transitions:
  small: {from: start, to: end, guard: 100 / amount <= 10}
  large: {from: start, to: end, default: true}
"""
STRANDS = (
    DIVIDES.replace("divides", "strands")
    .replace("100 / ", "")
    .replace("default: true", "guard: amount > 20")
)

HANDS_OVER = """
flow: hands_over
data: {type: object, properties: {}}
places: [start, end]
tasks:
  pay: {kind: human, title: Pay, assign: 'user("admin")'}
transitions:
  paid: {task: pay, outcome: paid, from: start, to: end}
"""


def state_of(version: FlowVersion) -> str:
    return str(FlowVersion.objects.values_list("state", flat=True).get(pk=version.pk))


def chosen(*versions: FlowVersion) -> str:
    return "?" + "&".join(f"ids={version.pk}" for version in versions)


def test_an_unsound_draft_is_not_published_and_the_run_is_shown(
    root: Client, unsound: FlowVersion
) -> None:
    page = root.post(PUBLISH + chosen(unsound))

    assert (page.status_code, state_of(unsound)) == (409, "draft")
    text = page.content.decode()
    assert "A case can end while work is left" in text
    assert "<li>Ask both</li><li>Finance refuses</li>" in text


def test_the_page_of_an_unsound_draft_shows_the_run_by_titles(
    root: Client, unsound: FlowVersion
) -> None:
    publishing.verify_version(unsound)

    text = root.get(address(unsound)).content.decode()

    assert "Not sound" in text
    assert "<li>Ask both</li><li>Finance refuses</li>" in text


def test_a_draft_that_nobody_verified_says_so(root: Client, sound: FlowVersion) -> None:
    assert "Not verified yet" in root.get(address(sound)).content.decode()


def test_the_verdict_of_rows_that_were_changed_since_is_not_kept(
    root: Client, sound: FlowVersion
) -> None:
    publishing.verify_version(sound)
    root.post(address(sound), page_form(root, address(sound)) | {"transitions-1-outputs": "start"})

    assert FlowVersion.objects.get(pk=sound.pk).verdict["verdict"] == "unsound"


def test_verify_keeps_the_verdict(root: Client, sound: FlowVersion) -> None:
    root.post(address(sound, "verify"))

    assert FlowVersion.objects.get(pk=sound.pk).verdict["verdict"] == "sound"


def test_asking_whether_to_publish_changes_nothing(root: Client, sound: FlowVersion) -> None:
    page = root.get(PUBLISH + chosen(sound))

    assert (page.status_code, state_of(sound)) == (200, "draft")


def test_publishing_retires_the_version_before_and_is_logged(
    root: Client, sound: FlowVersion
) -> None:
    publishing.publish(sound, by=None)
    newer = store.save_draft(store.definition_of(sound), by=None)

    root.post(PUBLISH + chosen(newer))

    assert (state_of(sound), state_of(newer)) == ("retired", "published")
    assert LogEntry.objects.get(object_id=str(newer.pk)).change_message == "Published."


def test_warnings_must_be_confirmed(root: Client, company: Any) -> None:
    version = draft(DIVIDES)

    unconfirmed = root.post(PUBLISH + chosen(version))
    assert (unconfirmed.status_code, state_of(version)) == (409, "draft")
    assert "confirm_warnings" in unconfirmed.content.decode()

    root.post(PUBLISH + chosen(version), {"confirm_warnings": "yes"})
    assert state_of(version) == "published"


def test_a_flow_that_strands_with_some_data_is_not_offered_for_publishing(
    root: Client, company: Any
) -> None:
    version = draft(STRANDS)

    page = root.get(PUBLISH + chosen(version)).content.decode()
    assert "A case can get stuck with these data" in page
    assert "mend what is told above first" in page
    root.post(PUBLISH + chosen(version), {"confirm_warnings": "yes"})

    assert state_of(version) == "draft"


def test_the_page_of_a_version_tells_what_its_guards_do_and_with_which_data(
    root: Client, company: Any
) -> None:
    version = draft(STRANDS)
    root.post(address(version, "verify"))

    text = root.get(address(version)).content.decode()

    assert "Some data strand a case" in text
    assert "With its guards: refuted" in text
    assert "No branch fits" in text
    assert "<dt>Amount</dt><dd>11</dd>" in text
    assert "Also against publishing" not in text


def test_a_draft_that_some_data_strand_is_saved_and_told_so_at_once(
    root: Client, company: Any
) -> None:
    version = draft(STRANDS)

    page = root.post(address(version), page_form(root, address(version)), follow=True)

    assert "start: A case can get stuck with these data" in page.content.decode()
    assert FlowVersion.objects.get(pk=version.pk).verdict["guards"]["verdict"] == "refuted"


def test_the_list_tells_of_a_sound_net_that_some_data_strand(root: Client, company: Any) -> None:
    version = draft(STRANDS)
    publishing.verify_version(version)

    assert "Some data strand a case" in root.get(LIST).content.decode()


def test_an_overlap_is_worth_knowing_beside_the_branch_that_is_never_taken(
    root: Client, company: Any
) -> None:
    text = DIVIDES.replace("100 / amount <= 10", "amount > 10").replace(
        "  large:", "  larger: {from: start, to: end, guard: amount > 20}\n  large:"
    )
    version = draft(text)

    page = root.get(PUBLISH + chosen(version)).content.decode()

    assert "With its guards: refuted" in page
    assert "More than one branch fits" in page


def test_a_copy_has_its_proof_at_once(root: Client, leave_flow: FlowVersion) -> None:
    root.post(address(leave_flow, "copy"))

    copy = FlowVersion.objects.get(flow=leave_flow.flow, state="draft")
    assert copy.verdict["guards"]["verdict"] == "proved"


def test_a_flow_that_gives_its_publisher_a_say_is_flagged_confirmed_and_logged(
    root: Client, company: Any
) -> None:
    version = draft(HANDS_OVER)
    page = root.get(PUBLISH + chosen(version)).content.decode()
    assert "gives you yourself a say" in page

    assert root.post(PUBLISH + chosen(version)).status_code == 409
    root.post(PUBLISH + chosen(version), {"confirm_warnings": "yes"})

    entry = LogEntry.objects.get(object_id=str(version.pk))
    assert "Gives the publisher a say: Pay: user('admin')" in entry.change_message


def test_a_flow_that_gives_others_a_say_is_not_flagged(company: Any) -> None:
    publisher = signed_in(staff("petra", "publish_flowversion"))
    version = draft(HANDS_OVER)

    page = publisher.get(PUBLISH + chosen(version)).content.decode()
    publisher.post(PUBLISH + chosen(version), {"confirm_warnings": "yes"})

    assert "gives you yourself a say" not in page
    assert state_of(version) == "published"


def test_a_published_version_is_retired_after_a_question(root: Client, sound: FlowVersion) -> None:
    publishing.publish(sound, by=None)
    assert root.get(RETIRE + chosen(sound)).status_code == 200
    assert state_of(sound) == "published"

    root.post(RETIRE + chosen(sound))

    assert state_of(sound) == "retired"


def test_retiring_a_draft_is_refused_with_the_reason(root: Client, sound: FlowVersion) -> None:
    page = root.post(RETIRE + chosen(sound), follow=True)

    assert "only a published version can be retired" in page.content.decode()
    assert state_of(sound) == "draft"


def test_a_copy_says_what_its_version_says(root: Client, leave_flow: FlowVersion) -> None:
    root.post(address(leave_flow, "copy"))

    copy = FlowVersion.objects.with_net().get(flow=leave_flow.flow, state="draft")
    original = FlowVersion.objects.with_net().get(pk=leave_flow.pk)
    assert store.definition_of(copy) == store.definition_of(original)
    assert (copy.number, copy.created_by.username) == (2, "admin")


@pytest.mark.parametrize("name", ["verify", "copy"])
def test_what_changes_something_is_not_done_by_a_get(
    root: Client, sound: FlowVersion, name: str
) -> None:
    assert root.get(address(sound, name)).status_code == 405


def test_several_drafts_are_published_from_the_list_after_one_question(
    root: Client, sound: FlowVersion, company: Any
) -> None:
    other = draft(UNSOUND.replace("agree:", "agreed:"))
    action = {"action": "publish_selected", "_selected_action": [sound.pk, other.pk]}

    asked = root.post(LIST, action)
    answered = root.post(asked.headers["Location"])

    assert (state_of(sound), state_of(other)) == ("published", "draft")
    assert "Trouble v1" in answered.content.decode()


def test_the_list_verifies_drafts(root: Client, sound: FlowVersion, unsound: FlowVersion) -> None:
    action = {"action": "verify_selected", "_selected_action": [sound.pk, unsound.pk]}

    page = root.post(LIST, action, follow=True).content.decode()

    assert "Training v1: Sound" in page
    assert "Trouble v1: Not sound" in page


def test_the_list_of_flows_tells_what_is_published_drafted_and_running(
    root: Client, sound: FlowVersion, company: Any
) -> None:
    from workflows import engine

    publishing.publish(sound, by=None)
    store.save_draft(store.definition_of(sound), by=None)
    engine.start("training", by=company.ada, data={})

    flow = Flow.objects.get(key="training")
    page = (
        root.get(reverse("admin:workflows_flow_changelist")).context["cl"].queryset.get(pk=flow.pk)
    )

    assert (page.published_number, page.draft_count, page.running_count) == (1, 1, 1)
