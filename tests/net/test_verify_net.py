"""`manage.py verify_net`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import nets
from workflows.net import pnml

ROOT = Path(__file__).resolve().parents[2]
FLOW = """
flow: tiny
title: Tiny
places: [start, end]
transitions:
  go: {from: start, to: end}
"""


@pytest.fixture
def run(tmp_path, capsys):
    def run_it(content, *options, name="net.pnml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(SystemExit) as left:
            call_command("verify_net", str(path), *options)
        return left.value.code, *capsys.readouterr()

    return run_it


def test_a_sound_net_exits_with_0(run):
    code, out, _ = run(pnml.write(nets.complaint()))

    assert code == 0
    assert "Sound: every case can end" in out


def test_an_unsound_net_exits_with_1_and_shows_the_run(run):
    code, out, _ = run(pnml.write(nets.and_split_xor_join()))

    assert code == 1
    assert "improper completion" in out
    assert "run:     fork a" in out
    assert "marking: o, q" in out


def test_an_undecided_net_exits_with_2(run):
    code, out, _ = run(pnml.write(nets.sound_but_unbounded()), "--max-states", "100")

    assert code == 2
    assert "Undecided" in out


def test_what_is_no_net_exits_with_3_and_tells_the_line(run):
    code, out, err = run("<pnml>\n<net>\n<place id='p'/></net></pnml>")

    assert code == 3
    assert out == ""
    assert "line 2: The net has no transition." in err


def test_a_missing_file_exits_with_3(capsys):
    with pytest.raises(SystemExit) as left:
        call_command("verify_net", "/nowhere/net.pnml")

    assert left.value.code == 3
    assert "cannot be read" in capsys.readouterr().err


def test_json_is_one_object_with_the_verdict(run):
    code, out, _ = run(pnml.write(nets.xor_split_and_join()), "--json")

    told = json.loads(out)
    assert code == 1
    assert told["verdict"] == "unsound"
    assert told["problems"][0]["firing_sequence"] == ["a"]


def test_json_of_what_is_no_net_tells_reason_and_line(run):
    code, out, _ = run("<pnml>\n<!-- a -- b -->", "--json")

    assert code == 3
    assert json.loads(out)["line"] == 2


def test_a_flow_file_is_verified_as_well(run):
    assert run(FLOW, name="tiny.yaml")[0] == 0


def test_a_flow_file_with_a_mistake_exits_with_3(run):
    code, _, err = run(FLOW.replace("to: end", "to: nowhere"), name="tiny.yaml")

    assert code == 3
    assert "line 6" in err
    assert "nowhere" in err


GUARDED = """
flow: guarded
data: {{type: object, properties: {{amount: {{type: number}}}}, required: [amount]}}
places: [start, mid, end]
transitions:
  go: {{from: start, to: mid}}
  low: {{from: mid, to: end, guard: {low}}}
  high: {{from: mid, to: end, {high}}}
"""


def test_a_flow_whose_guards_are_proved_is_called_sound(run):
    flow = GUARDED.format(low="amount < 1000", high="default: true")
    code, out, _ = run(flow, name="guarded.yaml")

    assert code == 0
    assert "Sound: every case can end" in out
    assert "With its guards: proved" in out


def test_a_flow_that_strands_with_some_data_is_not_called_sound_and_shows_them(run):
    flow = GUARDED.format(low="amount < 1000.5", high="guard: amount > 1000.5")
    code, out, _ = run(flow, name="guarded.yaml")

    assert code == 0
    assert "Sound: every case" not in out
    assert "Sound as a net, but with some data a case gets stuck." in out
    assert "error: places.mid: A case can get stuck" in out
    assert "   run:     go\n   data:    amount = 1000.5\n" in out
    assert "It cannot be published like this." in out


def test_a_guard_that_divides_by_zero_is_a_warning_with_data(run):
    flow = GUARDED.format(low="10 / amount < 3", high="default: true")
    _, out, _ = run(flow, name="guarded.yaml")

    assert "Sound as a net; with its guards that is not certain." in out
    assert "warning: transitions.low.guard: The guard of 'low' cannot be worked out" in out
    assert "   data:    amount = 0\n" in out


def test_an_overlap_that_the_order_decides_is_a_note(run):
    flow = GUARDED.format(low="amount > 1000", high="guard: amount > 500") + (
        "  rest: {from: mid, to: end, default: true}\n"
    )
    _, out, _ = run(flow, name="guarded.yaml")

    assert "note: transitions.low.guard: Where amount is over 1,000, both 'low' and 'high'" in out


def test_json_of_a_flow_has_both_verdicts(run):
    flow = GUARDED.format(low="amount < 1000.5", high="guard: amount > 1000.5")
    code, out, _ = run(flow, "--json", name="guarded.yaml")

    told = json.loads(out)
    assert (code, told["verdict"], told["guards"]["verdict"]) == (0, "sound", "refuted")
    assert told["errors"][0]["example"] == {"amount": 1000.5}


def test_further_nets_in_the_file_are_told(run):
    text = pnml.write(nets.sequence())
    second = text[text.index("<net") : text.index("</pnml>")]

    _, out, _ = run(text.replace("</pnml>", second + "</pnml>"))

    assert "The file holds 1 more" in out


@pytest.mark.parametrize(
    "options", [["--max-states", "0"], ["--seconds", "soon"], ["--max-mib", "0"]]
)
def test_bounds_that_are_none_are_wrong_usage(options):
    with pytest.raises(CommandError, match="above 0") as caught:
        call_command("verify_net", "net.pnml", *options)

    assert caught.value.returncode == 64


def test_the_command_needs_no_database(tmp_path):
    path = tmp_path / "net.pnml"
    path.write_text(pnml.write(nets.withdrawal()))

    answer = subprocess.run(
        [sys.executable, "manage.py", "verify_net", str(path), "--json"],
        cwd=ROOT,
        env={"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "PATH": "", "DEBUG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["verdict"] == "sound"
