"""The shape of the code base, which docs/architecture.md tells, held by tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
MAX_MODULE_LINES = 400
# Not the tests: nobody reads all of a test file at once, and its sentences stand for themselves.
PACKAGES = ("approvals", "goflow_site", "workflows", "scripts")
DOCUMENTS = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))

IMPORT_THE_NET = """
import importlib, pkgutil, sys
sys.modules["django"] = None
import workflows.net
for module in pkgutil.walk_packages(workflows.net.__path__, "workflows.net."):
    importlib.import_module(module.name)
"""


def test_imports_run_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    # It would turn off all loggers there are, for the tests that follow.
    monkeypatch.setattr("logging.config.dictConfig", lambda _configuration: None)

    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


def test_the_net_can_be_used_where_there_is_no_django() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", IMPORT_THE_NET],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_no_module_is_too_long_to_read_at_once() -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in modules
        if "migrations" not in path.parts
    }
    assert not {name: lines for name, lines in lengths.items() if lines > MAX_MODULE_LINES}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert not [link for link in local if not (document.parent / link).exists()]
