"""Flow files in and out by the admin."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import SOUND, address, signed_in, staff
from workflows import exchange, flowfile, store
from workflows.models import Flow, FlowVersion
from workflows.net import pnml

IMPORT = reverse("admin:workflows_flow_import")


def upload(client: Client, content: str | bytes, name: str = "training.yaml") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data)})


def test_a_flow_file_becomes_a_draft(root: Client, company: Any) -> None:
    answer = upload(root, SOUND)

    version = FlowVersion.objects.get()
    assert answer.headers["Location"] == address(version)
    assert (str(version), version.state, version.created_by) == (
        "Training v1",
        "draft",
        company.admin,
    )


def test_every_mistake_of_a_flow_file_is_told_with_its_line(root: Client, company: Any) -> None:
    answer = upload(root, "flow: x\nplaces: [a, a]\ntransitions: {t: {from: a, to: b}}\n")

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "line 2" in text
    assert "line 3" in text
    assert not Flow.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("flow.bpmn", "<definitions/>", "BPMN import is not part of this version"),
        ("flow.exe", "MZ", "of no kind that Goflow reads"),
        ("flow.yaml", b"\xff\xfe\x00", "is not UTF-8 text"),
        ("flow.pnml", "<pnml>", "flow.pnml"),
        ("flow.yaml", "x" * (exchange.LARGEST_FILE_BYTES + 1), "too large"),
    ],
)
def test_a_file_that_is_no_flow_is_refused_in_words(
    root: Client, company: Any, name: str, content: str | bytes, told: str
) -> None:
    answer = upload(root, content, name)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Flow.objects.exists()


def test_no_file_is_told_as_such(root: Client) -> None:
    assert "This field is required" in root.post(IMPORT, {}).content.decode()


def test_a_new_flow_needs_the_right_to_add_flows(company: Any) -> None:
    drawer = signed_in(staff("dora", "add_flowversion", "view_flowversion"))

    assert "which you may not" in upload(drawer, SOUND).content.decode()
    assert not Flow.objects.exists()


def test_a_net_is_imported_with_its_positions_and_automatic_transitions(
    root: Client, leave_flow: FlowVersion
) -> None:
    net = root.get(address(leave_flow, "export", "pnml")).content

    upload(root, net, "other.pnml")

    copy = FlowVersion.objects.with_net().get(state="draft")
    definition = store.definition_of(copy)
    original = store.definition_of(FlowVersion.objects.with_net().get(pk=leave_flow.pk))
    assert all(transition.is_automatic for transition in definition.transitions)
    assert {t.key: t.inputs for t in definition.transitions} == {
        t.key: t.inputs for t in original.transitions
    }


def test_an_initial_marking_that_no_case_has_is_told(root: Client, company: Any) -> None:
    net = """<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml">
      <net id="n" type="http://www.pnml.org/version-2009/grammar/ptnet"><page id="p">
      <place id="a"><initialMarking><text>2</text></initialMarking></place><place id="b"/>
      <transition id="t"/><arc id="x" source="a" target="t"/><arc id="y" source="t" target="b"/>
      </page></net></pnml>"""

    answer = root.get(upload(root, net, "two.pnml").headers["Location"])

    assert "initial marking (2 × a) is left out" in answer.content.decode()


def test_yaml_comes_out_as_it_went_in(root: Client, sound: FlowVersion) -> None:
    answer = root.get(address(sound, "export", "yaml"))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="training-1.yaml"'
    assert flowfile.read(answer.content.decode()) == flowfile.read(SOUND)


def test_pnml_and_svg_come_out(root: Client, sound: FlowVersion) -> None:
    net = pnml.read(root.get(address(sound, "export", "pnml")).content)
    drawing = root.get(address(sound, "export", "svg"))

    assert {transition.key for transition in net.transitions} == {"submit", "approve", "reject"}
    assert drawing.headers["Content-Type"].startswith("image/svg+xml")


def test_an_unknown_format_is_not_found(root: Client, sound: FlowVersion) -> None:
    assert root.get(address(sound, "export", "exe")).status_code == 404


def test_a_draft_that_is_no_net_is_not_drawn_and_says_why(root: Client, empty_flow: Flow) -> None:
    version = FlowVersion.objects.create(flow=empty_flow, number=1, title="Travel")
    version.places.create(key="same")
    version.transitions.create(key="same")

    page = root.get(address(version)).content.decode()
    answer = root.get(address(version, "export", "svg"), follow=True).content.decode()

    assert "share the key" in page
    assert "cannot be exported as svg" in answer


def test_several_versions_are_exported_as_one_archive(
    root: Client, sound: FlowVersion, unsound: FlowVersion
) -> None:
    action = {"action": "export_selected", "_selected_action": [sound.pk, unsound.pk]}

    answer = root.post(reverse("admin:workflows_flowversion_changelist"), action)

    names = ZipFile(BytesIO(answer.content)).namelist()
    assert set(names) == {"training-1.yaml", "trouble-1.yaml"}
