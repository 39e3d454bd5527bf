"""Who may open what: nobody by chance, and no more than their rights say."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import SOUND, address, page_form, signed_in, staff
from tests.admin.test_flow_editing import ADD, whole_flow
from workflows import publishing
from workflows.models import Flow, FlowVersion

PUBLISH = reverse("admin:workflows_flowversion_publish")
RETIRE = reverse("admin:workflows_flowversion_retire")
IMPORT = reverse("admin:workflows_flow_import")


@pytest.fixture
def publisher(company: Any) -> Client:
    return signed_in(staff("petra", "publish_flowversion"))


def all_pages(version: FlowVersion) -> list[str]:
    lists = ("flow", "flowversion", "case", "workitem", "job", "workerbeat", "event")
    return [
        *(reverse(f"admin:workflows_{name}_changelist") for name in lists),
        address(version),
        address(version, "export", "yaml"),
        f"{PUBLISH}?ids={version.pk}",
        f"{RETIRE}?ids={version.pk}",
        IMPORT,
        ADD,
    ]


def test_staff_without_rights_open_nothing(clerk: Client, sound: FlowVersion) -> None:
    assert {clerk.get(url).status_code for url in all_pages(sound)} == {403}


def test_people_who_are_no_staff_are_sent_to_sign_in(company: Any, sound: FlowVersion) -> None:
    ada = signed_in(company.ada)

    assert {ada.get(url).status_code for url in all_pages(sound)} == {302}


def test_staff_without_rights_change_nothing(clerk: Client, sound: FlowVersion) -> None:
    urls = [
        address(sound),
        address(sound, "verify"),
        address(sound, "copy"),
        address(sound, "delete"),
        f"{PUBLISH}?ids={sound.pk}",
        f"{RETIRE}?ids={sound.pk}",
        IMPORT,
        ADD,
    ]

    assert {clerk.post(url, {}).status_code for url in urls} == {403}
    assert FlowVersion.objects.get().state == "draft"


def test_an_editor_draws_flows(editor: Client, empty_flow: Flow) -> None:
    made = editor.post(ADD, whole_flow(page_form(editor, f"{ADD}?flow={empty_flow.pk}")))

    version = FlowVersion.objects.get(flow=empty_flow)
    assert made.headers["Location"] == address(version)
    assert version.places.count() == 3


def test_an_editor_does_not_publish(editor: Client, sound: FlowVersion) -> None:
    page = editor.get(address(sound)).content.decode()

    assert "Publish…" not in page
    assert editor.post(f"{PUBLISH}?ids={sound.pk}").status_code == 403
    assert FlowVersion.objects.get(pk=sound.pk).state == "draft"


def test_an_editor_does_not_retire(editor: Client, sound: FlowVersion) -> None:
    publishing.publish(sound, by=None)

    assert editor.post(f"{RETIRE}?ids={sound.pk}").status_code == 403
    assert FlowVersion.objects.get(pk=sound.pk).state == "published"


def test_a_publisher_publishes_without_drawing(publisher: Client, sound: FlowVersion) -> None:
    assert 'name="title"' not in publisher.get(address(sound)).content.decode()
    assert publisher.post(address(sound), {"title": "Mine"}).status_code == 403

    publisher.post(f"{PUBLISH}?ids={sound.pk}")

    assert FlowVersion.objects.get(pk=sound.pk).state == "published"


def test_a_form_cannot_set_what_is_no_field_of_it(editor: Client, sound: FlowVersion) -> None:
    other = Flow.objects.create(key="other", title="Other")
    extra = {
        "state": "published",
        "number": "99",
        "flow": str(other.pk),
        "verdict": '{"verdict": "sound"}',
        "published_by": "1",
        "transitions-0-version": "999",
    }

    editor.post(address(sound), page_form(editor, address(sound)) | extra)

    saved = FlowVersion.objects.get(pk=sound.pk)
    assert (saved.state, saved.number, saved.flow_id) == ("draft", 1, sound.flow_id)
    assert saved.published_by is None


def test_rows_of_another_version_cannot_be_pulled_in(
    editor: Client, sound: FlowVersion, unsound: FlowVersion
) -> None:
    foreign = unsound.places.get(key="a")
    fields = page_form(editor, address(sound)) | {
        "places-0-id": str(foreign.pk),
        "places-0-key": "stolen",
    }

    page = editor.post(address(sound), fields)

    assert "Somebody has deleted this row meanwhile" in page.content.decode()
    foreign.refresh_from_db()
    assert (foreign.key, foreign.version_id) == ("a", unsound.pk)


def test_a_titles_markup_stays_text(root: Client, company: Any) -> None:
    from tests.admin.conftest import draft

    attack = "<img src=x onerror=alert(1)>"
    version = draft(SOUND.replace("With the manager", attack))

    page = root.get(address(version)).content.decode()

    assert attack not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
