"""`run_scenarios`, as a shell sees it."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.workflows.test_scenarios_stored import FAILS, PASSES
from workflows import flowfile, publishing, store


def run(*words: str) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    out = StringIO()
    code = 0
    try:
        call_command("run_scenarios", *words, stdout=out, no_color=True)
    except SystemExit as exit_:
        code = int(str(exit_.code))
    return code, out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(text: str) -> str:
        path = tmp_path / "trip.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_file_is_played_without_a_database(file: Any):
    assert run(file(PASSES)) == (
        0,
        "trip.yaml: 1 of 1 scenarios go as they should\n  ok      Agreed\n",
    )


def test_a_failing_scenario_is_told_and_is_the_exit_code(file: Any):
    code, told = run(file(FAILS))

    assert code == 1
    assert told == (
        "trip.yaml: 0 of 1 scenarios go as they should\n"
        "  FAILED  Agreed\n"
        "          After step 1 ('Decide': approve), it has ended, and should not.\n"
    )


def test_each_flow_is_an_object_of_json(file: Any):
    code, told = run(file(FAILS), "--json")

    assert code == 1
    assert json.loads(told)["scenarios"][0]["failures"][0]["path"] == "expect.end"


def test_a_file_with_mistakes_is_refused_with_their_lines(file: Any):
    with pytest.raises(CommandError, match="line 1, column 1"):
        run(file("flaw: trip"))


def test_a_file_that_cannot_run_is_refused(file: Any):
    with pytest.raises(CommandError, match="cannot run yet"):
        run(file(PASSES.replace("manager(requester)", "manger(requester)")))


@pytest.mark.django_db
def test_the_newest_version_of_a_flow_is_played():
    publishing.publish(store.save_draft(flowfile.read(PASSES), by=None), by=None)
    store.save_draft(flowfile.read(FAILS), by=None)

    assert run("--flow", "trip")[0] == 1
    assert run("--flow", "trip", "--version", "1")[0] == 0


@pytest.mark.django_db
def test_without_a_name_every_flow_is_played():
    store.save_draft(flowfile.read(PASSES), by=None)
    store.save_draft(flowfile.read(PASSES.replace("trip", "tour")), by=None)

    assert run() == (
        0,
        "tour v1: 1 of 1 scenarios go as they should\n  ok      Agreed\n"
        "trip v1: 1 of 1 scenarios go as they should\n  ok      Agreed\n",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", [("--flow", "none"), ("--version", "1"), ("a.yaml", "--flow", "trip"), ("gone.yaml",)]
)
def test_what_cannot_be_played_is_refused(words: tuple[str, ...]):
    with pytest.raises(CommandError):
        run(*words)
