"""A pytest plugin, `SABOTAGE=<name> pytest -p tests.faults.saboteur`: one protection is gone.

The source of a module is changed when it is imported, in memory; nothing on the disk is touched. So
what the tests meet is what they would meet had somebody edited the line away. Without SABOTAGE it
changes nothing and only reports.
"""

from __future__ import annotations

import ast
import importlib.machinery
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

from tests.faults.sabotage import SABOTAGES, Cut

CHOSEN = "SABOTAGE"
REPORT = "SABOTAGE_REPORT"
READY = "SABOTAGE_READY_DATABASE"
"""A database whose tables were made without any sabotage: with `--reuse-db` a copy is taken."""


def sabotaged(source: str, cuts: Sequence[Cut]) -> str:
    """Return the source with the cuts made.

    Raises:
        LookupError: the text of a cut does not stand once, exactly, in the object it names.
    """
    for cut in cuts:
        start, end = _span(source, cut.object)
        found = source[start:end].count(cut.text)
        if found != 1:
            raise LookupError(f"{cut.text!r} stands {found} times in {cut.where}")
        place = source.index(cut.text, start)
        source = source[:place] + cut.instead + source[place + len(cut.text) :]
    return source


def _span(source: str, name: str) -> tuple[int, int]:
    """Return where an object, e.g. `Class.method`, begins and ends; all of the source without a
    name."""
    node: Any = ast.parse(source)
    if not name:
        return 0, len(source)
    for part in name.split("."):
        node = next((n for n in node.body if getattr(n, "name", "") == part), None)
        if node is None:
            raise LookupError(f"There is no {name}")
    # The decorators belong to it.
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    lines = source.splitlines(keepends=True)
    start = sum(map(len, lines[: first - 1]))
    return start, start + sum(map(len, lines[first - 1 : node.end_lineno]))


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles what the cuts leave, and keeps no bytecode of it."""

    def __init__(self, name: str, path: str, cuts: Sequence[Cut]) -> None:
        super().__init__(name, path)
        self._cuts = cuts

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path).decode()
        return compile(sabotaged(source, self._cuts), self.path, "exec", dont_inherit=True)


class _Finder:
    """Finds the modules of the cuts before anybody else does."""

    def __init__(self, cuts: Sequence[Cut]) -> None:
        self._cuts = {cut.module: [c for c in cuts if c.module == cut.module] for cut in cuts}
        early = sorted(set(self._cuts) & set(sys.modules))
        if early:
            raise RuntimeError(f"Imported before they could be sabotaged: {early}")

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._cuts:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin, self._cuts[name])
        return spec


if os.environ.get(CHOSEN):
    _sabotage = next(each for each in SABOTAGES if each.name == os.environ[CHOSEN])
    sys.meta_path.insert(0, _Finder(_sabotage.cuts))  # type: ignore[arg-type]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get(READY):
        with config.stash[blocking_manager_key].unblock():
            _copy(os.environ[READY])


def _copy(ready: str) -> None:
    """Copy the database to where the test database of this run is to be."""
    from django.db import connection

    name = connection.settings_dict["TEST"]["NAME"]
    if connection.vendor == "sqlite":
        shutil.copy(ready, name)
        return
    quoted = connection.ops.quote_name
    # Private, but the only way to a server without a database; Django's own runner does the same.
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(ready)}")


_phases: dict[str, dict[str, str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember how each phase of each test ended; of a failure, why."""
    told: str = report.outcome
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        told = f"failed: {crash.message if crash else report.longreprtext}"
    _phases.setdefault(report.nodeid, {})[report.when or ""] = told


def pytest_sessionfinish() -> None:
    if REPORT in os.environ:
        Path(os.environ[REPORT]).write_text(json.dumps(_phases))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what each sabotage came to, for the run that does them."""
    reports = terminalreporter.stats.get("passed", [])
    for report in reports:
        for name, value in getattr(report, "user_properties", []):
            if name == CHOSEN and report.when == "call":
                terminalreporter.write_line(value)
