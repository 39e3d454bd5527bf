"""docs/api.md says what is: its examples run, and its codes are those that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from goflow_site import problems
from tests import factories
from workflows.errors import GoflowError

pytestmark = pytest.mark.same_everywhere

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(sh|json)\n(.*?)```", re.DOTALL)


def later(text: str) -> str:
    """Move the example's dates to a week that is still ahead."""
    today = timezone.localdate()
    monday = today + timedelta(days=28 - today.weekday())
    return text.replace("2027-03-01", f"{monday}").replace("2027-03-03", f"{monday + timedelta(2)}")


def same_members(told: Any, shown: Any) -> None:
    """Check that an answer has what the example shows; lists and `data` are shortened there."""
    assert set(shown) <= set(told)
    for name in ("state", "code", "status", "flow", "leave_type", "days", "marking", "enabled"):
        if name in shown:
            assert told[name] == shown[name], name


@pytest.fixture
def server(live_server) -> str:
    factories.make_company()
    for key in ("leave", "purchase"):
        factories.publish_shipped(key)
    return f"{live_server.url}/api/v1"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_examples_run_and_answer_what_they_show(server, tmp_path):
    marker = "=====ANSWER====="
    script, shown = [], []
    for kind, text in BLOCK.findall(TEXT):
        if kind == "sh":
            script.append(f"{later(text)}\necho '{marker}'")
        else:
            shown.append((len(script) - 1, json.loads(text)))
    done = subprocess.run(
        ["bash", "-eu", "-c", "\n".join(script)],
        env={"API": server, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    answers = done.stdout.split(marker)
    for index, example in shown:
        same_members(json.loads(answers[index]), example)
    assert (tmp_path / "case.svg").read_text().startswith("<")


def every_error(kind: type[GoflowError]) -> Iterator[type[GoflowError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from every_error(below)


def test_every_code_of_the_api_is_listed():
    import approvals.api.urls  # noqa: F401  so that every error is defined
    import workflows.api.urls  # noqa: F401

    codes = {kind.code for kind in every_error(GoflowError)} | set(problems._API_CODES.values())
    # Only on pages: an API call sends neither files nor forms, and corrects by its work item.
    # `bad_inputs` becomes an incident of its job.
    codes -= {"error", "bad_inputs", "file_too_large", "file_type_refused", "not_to_correct"}
    listed = set(re.findall(r"`([a-z_]+)`", TEXT[TEXT.index("| status") :]))

    assert codes <= listed
