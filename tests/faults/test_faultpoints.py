"""The kill points: what FAULTPOINT may hold, and that a process really dies there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workflows.faultpoints import BadFaultpoint, read_faults

REACH = """
from workflows import faultpoints
for number in range(5):
    print(number, flush=True)
    faultpoints.reach("K6")
"""


def run(log: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", REACH],
        env={**os.environ, "FAULTPOINT_LOG": str(log), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_dies_at_the_time_that_was_named(tmp_path):
    done = run(tmp_path / "log", FAULTPOINT="K6:3")

    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["0", "1", "2"]
    assert (tmp_path / "log").read_text().startswith("K6 ")


@pytest.mark.parametrize("specification", ["", "K7:1"])
def test_nothing_happens_at_a_point_that_is_not_named(tmp_path, specification):
    done = run(tmp_path / "log", FAULTPOINT=specification)

    assert done.returncode == 0
    assert not (tmp_path / "log").exists()


def test_a_seed_repeats_the_same_luck():
    def hits() -> list[bool]:
        fault = read_faults("K1:p=0.3:seed=7")["K1"]
        return [fault.is_struck() for _ in range(50)]

    assert hits() == hits()
    assert {True, False} == set(hits())


def test_a_pause_is_no_death():
    fault = read_faults("K7:pause:0.5:2")["K7"]

    assert (fault.pause_seconds, [fault.is_struck() for _ in range(3)]) == (
        0.5,
        [False, True, False],
    )


@pytest.mark.parametrize("text", ["K6", "K13:1", "K6:x", "K6:p=x", "K6:pause", "commit:1"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(BadFaultpoint):
        read_faults(text)


def test_several_points_stand_side_by_side():
    faults = read_faults("K1:1, K2:p=0.5")

    assert {point: (f.nth, f.probability) for point, f in faults.items()} == {
        "K1": (1, 0.0),
        "K2": (0, 0.5),
    }
