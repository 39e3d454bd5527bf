"""`manage.py run_scenarios`: do the sample cases of a flow still go as they should?"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows import exchange, flowfile, publishing, store
from workflows.definition import FlowDefinition
from workflows.errors import GoflowError
from workflows.expressions import ExpressionError
from workflows.models import FlowVersion
from workflows.scenarios import ScenarioReport, ScenarioResult

from .export_flow import chosen_version


class Command(BaseCommand):
    help = (
        "Play the scenarios of a flow in memory: of a file, of one flow, or of every flow. "
        "Nothing is written. Exit code: 0 all go as they should, 1 one does not."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Every command has a `--version` that tells Django's; here it is the flow's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a flow file (.yaml, .json)")
        parser.add_argument("--flow", metavar="KEY", help="a flow that is stored here")
        parser.add_argument(
            "--version", dest="number", type=int, metavar="N", help="of the flow; else the newest"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object a flow")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] and options["flow"]:
            raise CommandError("Name a file or a flow, not both.")
        if options["number"] is not None and not options["flow"]:
            raise CommandError("--version needs --flow.")
        is_passed = True
        for name, definition in _chosen(options["file"], options["flow"], options["number"]):
            report = _played(name, definition)
            is_passed &= report.is_passed
            if options["json"]:
                told = {"flow": definition.key, **report.as_dict()}
                self.stdout.write(json.dumps(told, ensure_ascii=False))
            else:
                self._tell(name, report)
        if not is_passed:
            sys.exit(1)

    def _tell(self, name: str, report: ScenarioReport) -> None:
        self.stdout.write(f"{name}: {report.passed} of {report.count} scenarios go as they should")
        for result in report.results:
            self._tell_one(result)
        for title in report.left_out:
            self.stdout.write(self.style.ERROR(f"  NOT PLAYED  {title}: {report.why_not}"))

    def _tell_one(self, result: ScenarioResult) -> None:
        if result.is_passed:
            self.stdout.write(self.style.SUCCESS(f"  ok      {result.title}"))
            return
        self.stdout.write(self.style.ERROR(f"  FAILED  {result.title}"))
        for failure in result.failures:
            self.stdout.write(f"          {failure.message}")


def _chosen(
    file: Path | None, key: str | None, number: int | None
) -> Iterator[tuple[str, FlowDefinition]]:
    if file is not None:
        yield file.name, _read(file)
        return
    if key is not None:
        keys = [key]
    else:
        keys = list(FlowVersion.objects.order_by("flow__key").values_list("flow__key", flat=True))
    for each in dict.fromkeys(keys):
        version = chosen_version(each, number or _newest(each))
        yield str(version), store.definition_of(version)


def _newest(key: str) -> int | None:
    newest = FlowVersion.objects.filter(flow__key=key).order_by("-number").first()
    return newest.number if newest else None


def _read(file: Path) -> FlowDefinition:
    try:
        return exchange.read_flow(file.read_bytes(), filename=file.name).definition
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except GoflowError as error:
        raise CommandError(error.message) from error


def _played(name: str, definition: FlowDefinition) -> ScenarioReport:
    problems = flowfile.problems(definition)
    if problems:
        told = "\n".join(f"  {problem}" for problem in problems)
        raise CommandError(f"{name} cannot run yet:\n{told}")
    try:
        return publishing.play_scenarios(definition)
    except ExpressionError as error:
        raise CommandError(f"{name} cannot run yet: {error}") from error
