"""import_flow, export_flow and verify_history, as a shell sees them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.admin.conftest import SOUND, UNSOUND, draft
from tests.factories import leave_data
from workflows import engine, flowfile, guards, publishing, store
from workflows.models import Case, Event, Flow, FlowVersion
from workflows.net import pnml


def run(*words: str) -> tuple[str, str]:
    """Run a command; return what it wrote to standard output and to standard error."""
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(text: str, name: str = "flow.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.mark.django_db
def test_a_flow_file_is_imported_as_a_draft(file: Any) -> None:
    out, err = run("import_flow", file(SOUND))

    assert out == (
        "Imported Training v1 as a draft.\nThe net is sound.\n"
        "With its guards: proved (there are no guards).\n"
    )
    assert err == ""
    assert FlowVersion.objects.get().state == "draft"


@pytest.mark.django_db
def test_a_flow_file_is_imported_and_published(file: Any) -> None:
    run("import_flow", file(SOUND), "--publish")

    assert FlowVersion.objects.get().state == "published"


@pytest.mark.django_db
def test_an_unsound_flow_is_not_published_and_the_run_is_told(file: Any) -> None:
    with pytest.raises(CommandError) as refused:
        run("import_flow", file(UNSOUND), "--publish")

    assert "“Ask both” → “Finance refuses”" in str(refused.value)
    assert FlowVersion.objects.get().state == "draft"


@pytest.mark.django_db
def test_warnings_are_confirmed_by_a_word(file: Any) -> None:
    dividing = (
        "flow: f\ndata: {type: object, properties: {n: {type: number}}, required: [n]}\n"
        "places: [start, end]\ntransitions:\n"
        "  t: {from: start, to: end, guard: 10 / n > 1}\n"
        "  u: {from: start, to: end, default: true}\n"
    )

    with pytest.raises(CommandError, match="Give --confirm-warnings"):
        run("import_flow", file(dividing), "--publish")
    run("import_flow", file(dividing), "--publish", "--confirm-warnings")

    assert FlowVersion.objects.get(number=2).state == "published"


@pytest.mark.django_db
def test_a_flow_that_strands_with_some_data_is_imported_and_tells_them(file: Any) -> None:
    out, err = run(
        "import_flow",
        file(
            "flow: f\ndata: {type: object, properties: {n: {type: number}}, required: [n]}\n"
            "places: [start, end]\ntransitions: {t: {from: start, to: end, guard: n > 1}}\n"
        ),
    )

    assert "The net is sound.\nWith its guards: refuted" in out
    assert "error: places.start: A case can get stuck" in err
    assert "   data:    n = 0\n" in err
    assert FlowVersion.objects.get().verdict["guards"]["verdict"] == "refuted"


@pytest.mark.django_db
def test_every_mistake_of_a_file_is_a_line_and_nothing_is_kept(file: Any) -> None:
    with pytest.raises(CommandError) as refused:
        run("import_flow", file("flow: x\nplaces: [a, a]\ntransitions: {t: {from: a, to: b}}\n"))

    told = str(refused.value)
    assert "line 2" in told
    assert "line 3" in told
    assert not Flow.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "told"),
    [("a.bpmn", "BPMN import is not part of this version"), ("a.txt", "no kind that Goflow reads")],
)
def test_what_cannot_be_imported_is_refused_in_words(file: Any, name: str, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        run("import_flow", file("<x/>", name))


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_told_without_a_traceback() -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run("import_flow", "/nowhere/flow.yaml")


@pytest.mark.django_db
def test_a_net_s_strange_keys_become_keys_of_a_flow(file: Any) -> None:
    net = """<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml">
      <net id="Order 66!" type="http://www.pnml.org/version-2009/grammar/ptnet"><page id="g">
      <place id="1"/><place id="a b"/><place id="a_b"/>
      <transition id="t-1"/><transition id="t 1"/>
      <arc id="x" source="1" target="t-1"/><arc id="y" source="t-1" target="a b"/>
      <arc id="z" source="a b" target="t 1"/><arc id="w" source="t 1" target="a_b"/>
      </page></net></pnml>"""

    run("import_flow", file(net, "order.pnml"))

    version = FlowVersion.objects.with_net().get()
    definition = store.definition_of(version)
    assert version.flow.key == "order_66"
    assert [(p.key, p.title) for p in definition.places] == [
        ("n_1", "1"),
        ("a_b_2", "a b"),
        ("a_b", ""),
    ]
    assert [t.key for t in definition.transitions] == ["t_1", "t_1_2"]


def test_the_published_version_is_exported_by_default(sound: FlowVersion) -> None:
    publishing.publish(sound, by=None)
    draft(SOUND.replace("title: Training", "title: Newer"))

    out, _ = run("export_flow", "training")

    assert flowfile.read(out).title == "Training"


def test_a_version_is_exported_by_its_number(sound: FlowVersion) -> None:
    draft(SOUND.replace("title: Training", "title: Newer"))

    assert flowfile.read(run("export_flow", "training", "--version", "1")[0]).title == "Training"
    assert flowfile.read(run("export_flow", "training", "--version", "2")[0]).title == "Newer"


def test_a_flow_is_exported_as_pnml_and_svg(sound: FlowVersion) -> None:
    assert len(pnml.read(run("export_flow", "training", "--format", "pnml")[0]).places) == 3
    assert run("export_flow", "training", "--format", "svg")[0].startswith("<svg")


def test_an_unknown_flow_and_an_unknown_version_are_told(sound: FlowVersion) -> None:
    with pytest.raises(CommandError, match="There is no flow with the key 'nope'"):
        run("export_flow", "nope")
    with pytest.raises(CommandError, match="has no version 7. It has: 1"):
        run("export_flow", "training", "--version", "7")


def test_good_histories_are_counted(leave_flow: Any, company: Any) -> None:
    case = engine.start("leave", by=company.ada, data=leave_data())
    events = Case.objects.get(pk=case.pk).history_length

    assert run("verify_history")[0] == f"1 cases with {events} events are as they were written.\n"


# Taking the guards away is a change of the schema, which MariaDB commits at once.
@pytest.mark.django_db(transaction=True)
def test_the_first_bad_event_of_a_case_is_named(leave_flow: Any, company: Any) -> None:
    case = engine.start("leave", by=company.ada, data=leave_data())
    engine.start("leave", by=company.abe, data=leave_data())
    guards.remove(connection)
    Event.objects.filter(case=case, sequence=2).update(transition="approve")
    guards.install(connection)
    err = StringIO()

    with pytest.raises(CommandError, match="1 of 2 cases have a history"):
        call_command("verify_history", stdout=StringIO(), stderr=err)

    assert f"case {case.pk}, event 2: it was changed after it was written" in err.getvalue()


def test_one_case_is_checked_alone(leave_flow: Any, company: Any) -> None:
    case = engine.start("leave", by=company.ada, data=leave_data())
    engine.start("leave", by=company.abe, data=leave_data())

    assert run("verify_history", f"--case={case.pk}")[0].startswith("1 cases")
    with pytest.raises(CommandError, match="There is no case 999"):
        run("verify_history", "--case=999")
