"""F24: somebody holds a lock for long; who waits for it is told, and nobody else notices."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psycopg
import pytest

from tests.operations import servers
from tests.operations.servers import ask, eventually, tell

pytestmark = pytest.mark.slow

TWO_CASES = """
import json
from django.contrib.auth.models import User
from knox.models import AuthToken
from workflows import engine, flowfile, publishing, store
from workflows.models import WorkItem
text = '''
flow: ask
data: {type: object}
places: [start, asked, end]
tasks:
  answer: {kind: human, assign: requester}
transitions:
  submit: {from: start, to: asked}
  done: {task: answer, outcome: done, from: asked, to: end}
'''
publishing.publish(store.save_draft(flowfile.read(text), by=None), by=None, confirm_warnings=True)
ada = User.objects.create_user("ada")
cases = [engine.start("ask", by=ada, data={}).pk for _ in range(2)]
items = [WorkItem.objects.open().get(case=case).pk for case in cases]
print(json.dumps({"cases": cases, "items": items, "token": AuthToken.objects.create(ada)[1]}))
"""


def test_f24_a_lock_that_is_held_costs_one_case_a_bounded_wait(
    environment: dict[str, str], tmp_path: Path
) -> None:
    port = servers.free_port()
    environment |= {"DATABASE_LOCK_TIMEOUT_SECONDS": "1", "PORT": str(port)}
    printed = servers.manage(environment, "shell", "-v", "0", text=TWO_CASES)
    made = json.loads(printed.strip().splitlines()[-1])
    addresses = [f"/api/v1/work-items/{item}/complete/" for item in made["items"]]
    headers = {"Authorization": f"Token {made['token']}", "Idempotency_Key": "only-once"}
    other = headers | {"Idempotency_Key": "the-other"}
    answer = {"outcome": "done"}
    with servers.running("web", environment, tmp_path / "web.log"):
        assert eventually(lambda: ask(port, "/readyz").status == 200)
        with psycopg.connect(servers.for_psycopg(environment["DATABASE_URL"])) as holder:
            holder.execute(
                "SELECT id FROM workflows_case WHERE id = %s FOR UPDATE", [made["cases"][0]]
            )
            started = time.monotonic()
            held = tell(port, addresses[0], answer, **headers)
            waited = time.monotonic() - started
            free = tell(port, addresses[1], answer, **other)
            holder.rollback()
        again = tell(port, addresses[0], answer, **headers)

    assert (held.status, held.headers.get("Retry-After")) == (503, "5")
    assert 1 <= waited < 10
    assert free.status == 200
    assert again.status == 200
