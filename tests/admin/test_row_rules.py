"""What the rows of a net must be to each other; each refusal stands at the field it is about."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import address, page_form
from tests.admin.forms import add_rows
from workflows.models import FlowVersion

Fields = dict[str, str]


@pytest.fixture
def refused(root: Client, sound: FlowVersion) -> Any:
    """Send the version's form with changes; return the errors of its rows, by inline and field."""

    def send(changes: Fields, **rows: list[Fields]) -> dict[tuple[str, str], str]:
        fields = page_form(root, address(sound))
        for prefix, typed in rows.items():
            add_rows(fields, prefix, typed)
        page = root.post(address(sound), fields | changes)
        assert page.status_code == 200
        found = {}
        for inline in page.context["inline_admin_formsets"]:
            for form in inline.formset.forms:
                for field, errors in form.errors.items():
                    found[inline.formset.prefix, field] = " ".join(errors)
        return found

    return send


def test_a_typed_place_must_be_in_the_version(refused: Any) -> None:
    errors = refused({"transitions-1-outputs": "ende"})

    assert errors == {
        ("transitions", "outputs"): "There is no place “ende” in this version. Did you mean 'end'?"
    }


def test_a_typed_place_may_not_be_one_that_is_deleted(refused: Any) -> None:
    errors = refused({"places-2-DELETE": "on", "transitions-1-outputs": "end, waiting"})

    assert "There is no place “end”" in errors["transitions", "outputs"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("start end", "cannot be read"),
        ("start*", "cannot be read"),
        ("start*0", "at least 1"),
        ("start*99999999999", "cannot be read"),
        ("start, start", "stands twice"),
    ],
)
def test_arcs_that_cannot_be_read_are_refused(refused: Any, typed: str, told: str) -> None:
    assert told in refused({"transitions-1-inputs": typed})["transitions", "inputs"]


def test_a_reset_takes_no_weight(refused: Any) -> None:
    errors = refused({"transitions-1-resets": "start*2"})

    assert "takes no weight" in errors["transitions", "resets"]


def test_a_transition_s_task_must_be_in_the_version(refused: Any) -> None:
    errors = refused({"transitions-1-task_key": "revue"})

    assert "There is no task “revue”" in errors["transitions", "task_key"]


def test_a_task_is_not_deleted_under_its_outcomes(refused: Any) -> None:
    errors = refused({"tasks-0-DELETE": "on"})

    assert "The task “review” is being deleted" in errors["transitions", "task_key"]


def test_an_outcome_belongs_to_one_transition_of_its_task(refused: Any) -> None:
    errors = refused({"transitions-2-outcome": "approve"})

    assert errors == {
        ("transitions", "outcome"): "The task “review” has the outcome “approve” already."
    }


def test_a_place_and_a_transition_share_no_key(refused: Any) -> None:
    errors = refused({"transitions-1-key": "end"})

    assert errors == {("transitions", "key"): "“end” is a place already."}


@pytest.mark.parametrize("key", ["two words", "1st", "a-b", "ﬁn"])
def test_a_key_that_no_flow_file_could_hold_is_refused(refused: Any, key: str) -> None:
    assert ("places", "key") in refused({"places-1-key": key})


def test_a_key_in_any_script_is_accepted(root: Client, sound: FlowVersion) -> None:
    fields = page_form(root, address(sound)) | {"places-1-key": "等待"}

    assert root.post(address(sound), fields).status_code == 302


def test_two_places_share_no_key(refused: Any) -> None:
    assert refused({}, places=[{"key": "end"}])


def test_an_arc_row_names_nodes_of_the_version(refused: Any) -> None:
    arc = {"transition_key": "aprove", "kind": "output", "place_key": "nowhere", "weight": "1"}

    errors = refused({}, arcs=[arc])

    assert "Did you mean 'approve'?" in errors["arcs", "transition_key"]
    assert "There is no place “nowhere”" in errors["arcs", "place_key"]


def test_an_arc_stands_once(refused: Any) -> None:
    arc = {"transition_key": "submit", "kind": "input", "place_key": "start", "weight": "1"}

    assert "stands twice" in refused({}, arcs=[arc])["arcs", "__all__"]


def test_arcs_are_not_changed_in_two_places_at_once(refused: Any) -> None:
    arc = {"transition_key": "submit", "kind": "output", "place_key": "end", "weight": "1"}

    errors = refused({"transitions-0-outputs": "waiting*2"}, arcs=[arc])

    assert "change them in one place" in errors["arcs", "__all__"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("tasks-0-form", '{"course": "write"}', "hidden, read, edit"),
        ("tasks-0-form", "[1]", "must be an object"),
        ("tasks-0-form", '{"course": "read",}', "line 1, column"),
        ("tasks-0-seats", '"two"', "must be an object"),
        ("tasks-0-options", "3", "must be an object"),
        ("transitions-1-assignments", '{"decision": 1}', "an expression, written as text"),
        ("transitions-1-assignments", '{"a": "1", "a": "2"}', "stands twice"),
    ],
)
def test_json_of_a_row_must_be_what_the_row_needs(
    refused: Any, field: str, value: str, told: str
) -> None:
    prefix, _, name = field.split("-")

    assert told in refused({field: value})[prefix, name]


def test_a_schema_that_is_no_object_is_refused_with_its_line(
    root: Client, sound: FlowVersion
) -> None:
    fields = page_form(root, address(sound)) | {"data_schema": '{\n  "type": object\n}'}

    page = root.post(address(sound), fields)

    assert "line 2, column 11" in page.content.decode()
