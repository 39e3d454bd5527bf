"""F38: a database that was dumped and restored goes on where the dump was made."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.operations import servers

pytestmark = pytest.mark.slow

START = """
from django.contrib.auth.models import User
from workflows import engine, flowfile, publishing, store
text = '''
flow: ask
data: {type: object}
places: [start, asked, end]
tasks:
  patience: {kind: timer, title: Patience, after: 5 seconds}
transitions:
  submit: {from: start, to: asked}
  late: {task: patience, outcome: due, from: asked, to: end}
'''
publishing.publish(store.save_draft(flowfile.read(text), by=None), by=None, confirm_warnings=True)
engine.start("ask", by=User.objects.create_user("ada"), data={})
"""
LOOK = """
import json
from workflows.models import Case, Event, Job
case = Case.objects.get()
print(json.dumps({
    "state": case.state,
    "rung": Event.objects.filter(transition="late").count(),
    "jobs": list(Job.objects.filter(kind="timer").values_list("key", "state")),
}))
"""


def run(environment: dict[str, str], text: str) -> Any:
    printed = servers.manage(environment, "shell", "-v", "0", text=text).strip()
    return json.loads(printed.splitlines()[-1]) if printed else None


def postgres(program: str, *arguments: str) -> None:
    path = servers.postgres_program(program)
    if path is None:
        pytest.skip(f"no {program}")
    subprocess.run([path, *arguments], check=True)


def test_f38_a_restored_portal_is_whole_and_rings_what_fell_due_meanwhile_once(
    environment: dict[str, str], postgres_url: str, tmp_path: Path
) -> None:
    dump = str(tmp_path / "goflow.dump")
    run(environment, START)
    before = run(environment, LOOK)
    postgres("pg_dump", "--format=custom", f"--file={dump}", environment["DATABASE_URL"])
    with servers.postgres_database(postgres_url) as restored_url:
        restored = environment | {"DATABASE_URL": restored_url}
        postgres("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={restored_url}", dump)
        servers.manage(restored, "verify_history")
        same = run(restored, LOOK)
        time.sleep(5)
        servers.manage(restored, "run_worker", "--once")
        servers.manage(restored, "run_worker", "--once")
        after = run(restored, LOOK)
        servers.manage(restored, "verify_history")

    assert before["state"] == "running"
    assert same == before
    assert (after["state"], after["rung"]) == ("completed", 1)
    assert after["jobs"] == [[before["jobs"][0][0], "done"]]
