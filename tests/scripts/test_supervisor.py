"""Programs that `make run` keeps running: real processes, ended for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from supervisor import Program, Supervisor

# Starts a process of its own, writes the numbers of both into a file, and waits for ever.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1] + ".part", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(600)
"""
SUPERVISOR = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from supervisor import Program, Supervisor
supervisor = Supervisor(environment={}, directory=Path.cwd())
supervisor.start(Program("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"]))
print(supervisor._children[0].process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    # Else `make test` would be taken for the `make run` above a supervisor.
    monkeypatch.delenv("MAKELEVEL", raising=False)
    supervisor = Supervisor(environment=dict(os.environ), directory=tmp_path)
    yield supervisor
    supervisor.stop()


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def soon(fact: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.02)
    return fact()


def test_stop_ends_programs_with_all_that_they_have_started(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    numbers = tmp_path / "numbers"
    supervisor.start(Program("parent", [sys.executable, "-c", PARENT, str(numbers)]))
    assert soon(numbers.exists)
    pids = [int(text) for text in numbers.read_text().split()]

    supervisor.stop()

    assert soon(lambda: not any(is_running(pid) for pid in pids))


def test_a_program_that_will_not_stay_up_ends_the_watch(supervisor: Supervisor) -> None:
    supervisor.start(Program("broken", [sys.executable, "-c", "raise SystemExit(3)"]))

    assert supervisor.watch() == 1


def test_a_program_that_was_killed_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers"
    supervisor.start(Program("parent", [sys.executable, "-c", PARENT, str(numbers)]))
    assert soon(numbers.exists)
    first = int(numbers.read_text().split()[0])
    watch = threading.Thread(target=supervisor.watch)
    watch.start()

    os.kill(first, signal.SIGKILL)

    assert soon(lambda: int(numbers.read_text().split()[0]) != first)
    supervisor.ask_to_stop()
    watch.join()


def test_a_killed_supervisor_leaves_no_program_behind(tmp_path: Path) -> None:
    scripts = str(Path(__file__).resolve().parents[2] / "scripts")
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, scripts], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert process.stdout is not None
    program = int(process.stdout.readline())
    assert is_running(program)

    process.kill()
    process.wait()
    process.stdout.close()

    assert soon(lambda: not is_running(program))
