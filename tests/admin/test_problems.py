"""The faults of a version, told on its pages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import UNSOUND, address, draft
from workflows import publishing
from workflows.models import FlowVersion

GAP = """
flow: gap
title: Order
data: {type: object, properties: {amount: {type: number, title: Amount}}, required: [amount]}
places: {start: {}, a: {title: To be decided}, end: {title: Closed}}
transitions:
  begin: {title: Begin, from: start, to: a}
  large: {title: Large, from: a, to: end, guard: amount > 10}
  small: {title: Small, from: a, to: end, guard: amount < 10}
"""


def verified(text: str) -> FlowVersion:
    version = draft(text)
    publishing.verify_version(FlowVersion.objects.with_net().get(pk=version.pk))
    version.refresh_from_db()
    return version


def page(client: Client, version: FlowVersion, number: int) -> str:
    response = client.get(address(version, "problem", number))
    assert response.status_code == 200
    return response.content.decode()


def replay_of(content: str) -> Any:
    found = re.search(r'<script id="replay-data" type="application/json">(.*?)</script>', content)
    assert found is not None
    return json.loads(found[1])


def test_a_problem_is_told_with_people_and_the_way_out(root: Client, company: Any):
    content = page(root, verified(UNSOUND), 1)
    assert "Carl in Finance chooses “Finance refuses” and the trouble is closed" in content
    assert "How to mend it" in content


def test_the_story_and_the_last_marking_need_no_script(root: Client, company: Any):
    content = page(root, verified(UNSOUND), 1)
    assert "In the end there is something in:" in content
    assert 'data-step="1"' in content
    assert (
        '<g class="place" data-key="b" data-mark="left"><title>With HR, 1 token</title>' in content
    )


def test_the_replay_ends_where_the_proof_says(root: Client, company: Any):
    version = verified(UNSOUND)
    assert version.verdict is not None
    replay = replay_of(page(root, version, 1))
    assert replay["steps"][-1]["after"] == version.verdict["problems"][0]["marking"]
    assert [s["transition"] for s in replay["steps"]] == (
        version.verdict["problems"][0]["firing_sequence"]
    )


def test_problems_of_the_guards_come_after_those_of_the_net(root: Client, company: Any):
    content = page(root, verified(GAP), 1)
    assert "With these data the order is stuck at “To be decided”" in content
    assert "Amount is 10" in content


def test_a_problem_that_is_not_there_is_not_found(root: Client, company: Any, sound: FlowVersion):
    assert root.get(address(sound, "problem", 1)).status_code == 404


def test_a_problem_of_rows_that_have_changed_is_not_found(root: Client, company: Any):
    version = verified(UNSOUND)
    version.transitions.filter(key="split").update(key="other")
    assert root.get(address(version, "problem", 1)).status_code == 404


def test_whoever_may_not_see_flows_is_refused(clerk: Client, company: Any):
    assert clerk.get(address(verified(UNSOUND), "problem", 1)).status_code == 403


def test_an_editor_reads_the_story_on_the_page_of_the_version(editor: Client, company: Any):
    version = verified(UNSOUND)
    content = editor.get(address(version)).content.decode()
    assert "Carl in Finance chooses “Finance refuses”" in content
    assert address(version, "problem", 1) in content


def test_the_page_that_asks_before_publishing_leads_to_the_story(root: Client, company: Any):
    version = draft(UNSOUND)
    asked = root.get(f"{reverse('admin:workflows_flowversion_publish')}?ids={version.pk}")
    link = address(version, "problem", 1)
    assert link in asked.content.decode()
    assert root.get(link).status_code == 200


@pytest.mark.parametrize("text", [UNSOUND, GAP])
def test_every_story_that_a_page_names_has_its_own(root: Client, company: Any, text: str):
    version = verified(text)
    content = root.get(address(version)).content.decode()
    links = re.findall(rf'href="({address(version)[:-7]}problem/\d+/)"', content)
    assert links
    assert all(root.get(link).status_code == 200 for link in links)
