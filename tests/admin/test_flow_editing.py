"""A flow is made and changed as rows, by the forms that the page sends."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import address, page_form
from tests.admin.forms import add_rows
from workflows import engine, publishing, store
from workflows.models import Arc, Flow, FlowVersion, Task, Transition

ADD = reverse("admin:workflows_flowversion_add")


def whole_flow(fields: dict[str, str]) -> dict[str, str]:
    """Type a small flow into the form of an empty version: places, task, transitions with arcs."""
    fields["title"] = "Travel"
    fields["data_schema"] = '{"type": "object", "properties": {"city": {"type": "string"}}}'
    add_rows(fields, "places", [{"key": key} for key in ("start", "waiting", "end")])
    add_rows(
        fields,
        "tasks",
        [{"key": "review", "title": "Decide", "assign": 'manager(requester) | group("hr")'}],
    )
    button = {"task_key": "review", "inputs": "waiting", "outputs": "end"}
    add_rows(
        fields,
        "transitions",
        [
            {"key": "submit", "inputs": "start", "outputs": "waiting"},
            {"key": "approve", "outcome": "approve", **button},
            {"key": "reject", "outcome": "reject", **button},
        ],
    )
    return fields


@pytest.fixture
def form_of(root: Client) -> Any:
    return lambda version: page_form(root, address(version))


def test_a_whole_flow_is_made_in_one_form_published_and_started(
    root: Client, empty_flow: Flow, company: Any
) -> None:
    fields = whole_flow(page_form(root, f"{ADD}?flow={empty_flow.pk}"))

    made = root.post(ADD, fields)
    version = FlowVersion.objects.get(flow=empty_flow)
    assert made.status_code == 302, made.context["errors"]
    published = root.post(f"{reverse('admin:workflows_flowversion_publish')}?ids={version.pk}")

    assert published.status_code == 302
    case = engine.start("travel", by=company.ada, data={"city": "Oslo"})
    assert case.marking == {"waiting": 1}


def test_a_version_made_by_hand_is_numbered_and_signed(root: Client, empty_flow: Flow) -> None:
    root.post(ADD, whole_flow(page_form(root, f"{ADD}?flow={empty_flow.pk}")))
    root.post(ADD, whole_flow(page_form(root, f"{ADD}?flow={empty_flow.pk}")))

    numbers = FlowVersion.objects.filter(flow=empty_flow).values_list(
        "number", "created_by__username"
    )

    assert set(numbers) == {(1, "admin"), (2, "admin")}


def test_saving_tells_at_once_what_is_wrong_with_the_net(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    fields = form_of(sound) | {"transitions-1-outputs": "end, waiting"}

    page = root.post(address(sound), fields, follow=True)

    told = [str(message) for message in page.context["messages"]]
    assert any("the training ends a second time" in text for text in told), told
    assert FlowVersion.objects.get(pk=sound.pk).verdict["verdict"] == "unsound"


def test_saving_without_a_change_changes_nothing(
    root: Client, leave_flow: FlowVersion, form_of: Any
) -> None:
    copy = store.save_draft(store.definition_of(leave_flow), by=None)
    before = store.definition_of(FlowVersion.objects.with_net().get(pk=copy.pk))
    rows = list(Arc.objects.filter(version=copy).values_list("pk", flat=True))

    root.post(address(copy), form_of(copy))

    assert store.definition_of(FlowVersion.objects.with_net().get(pk=copy.pk)) == before
    assert list(Arc.objects.filter(version=copy).values_list("pk", flat=True)) == rows


def test_arcs_typed_in_a_transition_become_rows(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    typed = {"transitions-0-outputs": "waiting*2", "transitions-0-resets": "end"}

    root.post(address(sound), form_of(sound) | typed)

    arcs = Arc.objects.filter(transition__key="submit", version=sound)
    found = set(arcs.values_list("kind", "place__key", "weight"))
    assert found == {("input", "start", 1), ("output", "waiting", 2), ("reset", "end", 1)}


def test_an_arc_row_may_join_a_place_and_a_transition_that_are_typed_in_the_same_form(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    fields = form_of(sound)
    add_rows(fields, "places", [{"key": "asked"}])
    add_rows(fields, "transitions", [{"key": "ask", "outputs": "waiting"}])
    arc = {"transition_key": "ask", "kind": "input", "place_key": "asked", "weight": "3"}
    add_rows(fields, "arcs", [arc])

    root.post(address(sound), fields)

    ask = Transition.objects.get(version=sound, key="ask")
    assert set(ask.arcs.values_list("kind", "place__key", "weight")) == {
        ("input", "asked", 3),
        ("output", "waiting", 1),
    }


def test_two_arc_rows_may_swap_their_places(root: Client, sound: FlowVersion, form_of: Any) -> None:
    fields = form_of(sound)
    ends = {fields[f"arcs-{i}-kind"]: i for i in range(2)}
    first, second = ends["input"], ends["output"]
    swapped = {f"arcs-{first}-place_key": "waiting", f"arcs-{second}-place_key": "start"}

    root.post(address(sound), fields | swapped)

    submit = Arc.objects.filter(version=sound, transition__key="submit")
    assert set(submit.values_list("kind", "place__key")) == {
        ("input", "waiting"),
        ("output", "start"),
    }


def test_renaming_a_place_takes_its_arcs_along(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    root.post(address(sound), form_of(sound) | {"places-1-key": "asked"})

    definition = store.definition_of(FlowVersion.objects.with_net().get(pk=sound.pk))
    assert definition.transitions[1].inputs == {"asked": 1}


def test_renaming_a_task_keeps_its_outcomes(root: Client, sound: FlowVersion, form_of: Any) -> None:
    root.post(address(sound), form_of(sound) | {"tasks-0-key": "decide"})

    task = Task.objects.get(version=sound)
    assert (task.key, task.transitions.count()) == ("decide", 2)


def test_a_task_can_be_replaced_by_another_in_one_save(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    fields = form_of(sound) | {"tasks-0-DELETE": "on"}
    add_rows(fields, "tasks", [{"key": "decide", "assign": 'group("hr")'}])
    fields |= {f"transitions-{i}-task_key": "decide" for i in (1, 2)}

    root.post(address(sound), fields)

    assert [task.key for task in Task.objects.filter(version=sound)] == ["decide"]
    assert Transition.objects.filter(version=sound, task__key="decide").count() == 2
    assert Arc.objects.filter(version=sound).count() == 6


def test_two_transitions_may_swap_their_outcomes(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    swapped = {"transitions-1-outcome": "reject", "transitions-2-outcome": "approve"}

    root.post(address(sound), form_of(sound) | swapped)

    outcomes = Transition.objects.filter(version=sound, task__isnull=False)
    assert dict(outcomes.values_list("key", "outcome")) == {
        "approve": "reject",
        "reject": "approve",
    }


def test_two_places_may_swap_their_keys(root: Client, sound: FlowVersion, form_of: Any) -> None:
    root.post(address(sound), form_of(sound) | {"places-0-key": "end", "places-2-key": "start"})

    places = sound.places.values_list("title", "key")
    assert dict(places) == {"Start": "end", "With the manager": "waiting", "End": "start"}


def test_a_row_may_take_the_key_of_one_that_is_deleted(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    fields = form_of(sound) | {"transitions-2-DELETE": "on"}
    again = {"task_key": "review", "outcome": "reject", "inputs": "waiting", "outputs": "end"}
    add_rows(fields, "transitions", [{"key": "reject", "title": "Say no", **again}])

    root.post(address(sound), fields)

    assert Transition.objects.get(version=sound, key="reject").title == "Say no"


def test_deleted_rows_are_gone_with_their_arcs(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    root.post(address(sound), form_of(sound) | {"transitions-2-DELETE": "on"})

    assert set(Transition.objects.filter(version=sound).values_list("key", flat=True)) == {
        "submit",
        "approve",
    }
    assert Arc.objects.filter(version=sound).count() == 4


def test_the_order_of_the_data_s_fields_is_kept(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    schema = '{"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "string"}}}'

    root.post(address(sound), form_of(sound) | {"data_schema": schema})

    version = FlowVersion.objects.get(pk=sound.pk)
    assert list(version.data_schema["properties"]) == ["z", "a"]


def test_saving_is_logged(root: Client, sound: FlowVersion, form_of: Any) -> None:
    root.post(address(sound), form_of(sound) | {"title": "Courses"})

    assert LogEntry.objects.filter(object_id=str(sound.pk)).count() == 1


def test_a_published_version_is_shown_without_fields_and_says_why(
    root: Client, sound: FlowVersion
) -> None:
    publishing.publish(sound, by=None, confirm_warnings=True)

    page = root.get(address(sound)).content.decode()

    assert "nothing in it changes any more" in page
    assert 'name="title"' not in page
    assert 'name="places-0-key"' not in page


def test_a_published_version_refuses_a_form_from_before(
    root: Client, sound: FlowVersion, form_of: Any
) -> None:
    fields = form_of(sound) | {"title": "Other"}
    publishing.publish(sound, by=None, confirm_warnings=True)

    assert root.post(address(sound), fields).status_code == 403
    assert FlowVersion.objects.get(pk=sound.pk).title == "Training"


def test_a_published_version_cannot_be_deleted(root: Client, sound: FlowVersion) -> None:
    publishing.publish(sound, by=None, confirm_warnings=True)
    chosen = {"action": "delete_selected", "_selected_action": sound.pk, "post": "yes"}

    alone = root.post(address(sound, "delete"), {"post": "yes"})
    from_list = root.post(reverse("admin:workflows_flowversion_changelist"), chosen)

    assert (alone.status_code, from_list.status_code) == (403, 403)
    assert FlowVersion.objects.filter(pk=sound.pk).exists()


def test_a_flow_with_versions_cannot_be_deleted(root: Client, sound: FlowVersion) -> None:
    root.post(reverse("admin:workflows_flow_delete", args=[sound.flow_id]), {"post": "yes"})

    assert Flow.objects.filter(pk=sound.flow_id).exists()


def test_a_draft_can_be_deleted(root: Client, sound: FlowVersion) -> None:
    root.post(address(sound, "delete"), {"post": "yes"})

    assert not FlowVersion.objects.filter(pk=sound.pk).exists()
