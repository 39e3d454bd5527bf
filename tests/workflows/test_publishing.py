"""From draft to published."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connection

from tests.factories import FLOWS, leave_data, publish_flow, publish_shipped
from tests.workflows.test_races import at_once
from workflows import engine, flowfile, publishing, store
from workflows.errors import DraftHasChanged, NotPublishable, UnknownFlow, VersionIsPublished
from workflows.models import FlowVersion, VersionState
from workflows.proving import prove
from workflows.publishing import verdicts
from workflows.querysets import FlowVersionQuerySet

HEAD = """
flow: sample
data: {type: object, properties: {amount: {type: number, title: Amount}}, required: [amount]}
"""


def draft(text: str) -> FlowVersion:
    return store.save_draft(flowfile.read(HEAD + text), by=None)


@pytest.mark.parametrize("key", ["leave", "expense", "purchase"])
def test_a_shipped_flow_survives_the_way_through_the_rows(db, key):
    definition = flowfile.read((FLOWS / f"{key}.yaml").read_text(encoding="utf-8"))

    version = store.save_draft(definition, by=None)

    loaded = FlowVersion.objects.with_net().get(pk=version.pk)
    assert store.definition_of(loaded) == definition


@pytest.mark.parametrize("key", ["leave", "expense", "purchase"])
def test_a_shipped_flow_is_sound_and_has_no_warnings(company, key):
    definition = flowfile.read((FLOWS / f"{key}.yaml").read_text(encoding="utf-8"))

    assert publishing.problems_of(definition) == []
    assert publish_shipped(key).verdict["verdict"] == "sound"


def test_an_unsound_draft_is_refused_with_the_run_that_gets_stuck(db):
    version = draft("""
places: [start, left, right, end]
transitions:
  split: {from: start, to: left, guard: amount > 1}
  other: {from: start, to: right, default: true}
  join: {from: [left, right], to: end}
""")

    with pytest.raises(NotPublishable) as refusal:
        publishing.publish(version, by=None)

    verdict = refusal.value.facts["verdict"]
    assert verdict["verdict"] == "unsound"
    assert any(p["firing_sequence"] == ["split"] for p in verdict["problems"])
    assert FlowVersion.objects.get(pk=version.pk).state == VersionState.DRAFT


def test_an_unknown_name_in_a_guard_is_named_with_its_place(db):
    version = draft("""
places: [start, end]
transitions:
  go: {from: start, to: end, guard: amonut > 1}
  skip: {from: start, to: end, default: true}
""")

    with pytest.raises(NotPublishable, match=r"transitions.go.guard.*amonut") as refusal:
        publishing.publish(version, by=None)
    assert "amount" in refusal.value.message


DECISION = """
places: [start, end]
transitions:
  low: {{from: start, to: end, guard: amount < 10}}
  high: {{from: start, to: end{}}}
"""


def test_a_case_that_gets_stuck_with_some_data_cannot_be_confirmed(db):
    version = draft(DECISION.format(", guard: amount > 10"))

    with pytest.raises(NotPublishable, match="A case can get stuck") as refusal:
        publishing.publish(version, by=None, confirm_warnings=True)

    verdict = refusal.value.facts["verdict"]
    assert (verdict["verdict"], verdict["guards"]["verdict"]) == ("sound", "refuted")
    assert verdict["errors"][0]["example"] == {"amount": 10}


def test_a_branch_that_is_never_taken_needs_a_confirmation(db):
    version = draft(DECISION.format(", guard: amount < 5") + "  rest: {from: start, to: end}\n")

    with pytest.raises(NotPublishable, match="transitions.high: 'high' is never chosen"):
        publishing.publish(version, by=None)
    published = publishing.publish(version, by=None, confirm_warnings=True)
    assert published.verdict["guards"]["verdict"] == "refuted"


def test_a_draft_that_is_edited_while_it_is_proved_is_not_published(db, monkeypatch):
    version = draft(DECISION.format(""))

    def edited_meanwhile(definition, **options):
        proof = prove(definition, **options)
        version.transitions.filter(key="high").update(guard="amount > 10")
        return proof

    monkeypatch.setattr(verdicts, "prove", edited_meanwhile)
    with pytest.raises(DraftHasChanged, match="edited while it was proved"):
        publishing.publish(version, by=None)
    assert FlowVersion.objects.get(pk=version.pk).state == VersionState.DRAFT


def test_a_draft_that_is_published_by_somebody_else_while_it_is_proved_is_not_published_twice(
    db, monkeypatch
):
    version = draft(DECISION.format(""))

    def published_meanwhile(definition, **options):
        monkeypatch.undo()
        publishing.publish(version, by=None)
        return prove(definition, **options)

    monkeypatch.setattr(verdicts, "prove", published_meanwhile)
    with pytest.raises(VersionIsPublished):
        publishing.publish(version, by=None)


def test_nothing_is_locked_while_a_draft_is_proved(transactional_db, monkeypatch):
    version = draft(DECISION.format(""))
    inside: list[bool] = []

    def watched(definition, **options):
        inside.append(connection.in_atomic_block)
        return prove(definition, **options)

    monkeypatch.setattr(verdicts, "prove", watched)
    publishing.publish(version, by=None)

    assert inside == [False]


def test_a_task_that_this_version_cannot_run_is_refused(db):
    version = draft("""
places: [start, waiting, end]
tasks:
  pause: {kind: message, name: paid, key: business_key}
transitions:
  submit: {from: start, to: waiting}
  go_on: {task: pause, outcome: received, from: waiting, to: end}
""")

    with pytest.raises(NotPublishable, match="message"):
        publishing.publish(version, by=None)


def test_publishing_retires_the_version_before_and_running_cases_keep_it(leave_flow, ada):
    case = engine.start("leave", by=ada, data=leave_data())

    second = publish_shipped("leave")

    leave_flow.refresh_from_db()
    case.refresh_from_db()
    assert leave_flow.state == VersionState.RETIRED
    assert case.version == leave_flow
    assert engine.start("leave", by=ada, data=leave_data()).version == second


def test_a_published_version_is_not_published_twice(leave_flow):
    with pytest.raises(VersionIsPublished):
        publishing.publish(leave_flow, by=None)


def test_of_two_versions_published_at_once_one_is_in_force(transactional_db, monkeypatch):
    """Red without the lock on the flow: both look for the version before while neither is
    committed."""
    text = "places: [start, end]\ntransitions:\n  go: {from: start, to: end}\n"
    versions = [draft(text), draft(text)]
    both_retire = threading.Event()
    retiring: list[int] = []
    published = FlowVersionQuerySet.published

    def published_late(self: FlowVersionQuerySet) -> FlowVersionQuerySet:
        found = published(self)
        list(found)
        retiring.append(threading.get_ident())
        if len(retiring) == 2:
            both_retire.set()
        both_retire.wait(timeout=1)
        return found

    monkeypatch.setattr(FlowVersionQuerySet, "published", published_late)
    at_once(*[partial(publishing.publish, version, by=None) for version in versions])
    monkeypatch.undo()

    states = sorted(FlowVersion.objects.values_list("state", flat=True))
    assert states == [VersionState.PUBLISHED, VersionState.RETIRED]


def test_a_retired_flow_takes_no_new_cases(leave_flow, ada):
    publishing.retire(leave_flow, by=None)

    with pytest.raises(UnknownFlow):
        engine.start("leave", by=ada, data=leave_data())


def test_a_draft_that_is_edited_is_compiled_anew(company, ada):
    version = draft("""
places: [start, end]
transitions:
  go: {title: First, from: start, to: end}
""")
    assert store.load_flow(version.pk).decisions[0][0].title == "First"

    version.transitions.update(title="Second")

    assert store.load_flow(version.pk).decisions[0][0].title == "Second"


def test_a_flow_file_of_another_flow_does_not_touch_this_one(leave_flow, company):
    publish_flow(HEAD + "places: [start, end]\ntransitions:\n  go: {from: start, to: end}\n")

    leave_flow.refresh_from_db()
    assert leave_flow.state == VersionState.PUBLISHED
