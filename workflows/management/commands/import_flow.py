"""Read a flow file as a new draft version."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflows import exchange, publishing, store
from workflows.errors import GoflowError, NotPublishable
from workflows.models import FlowVersion
from workflows.proving import telling


class Command(BaseCommand):
    help = "Read a flow from a file (.yaml, .json, .pnml) as a new draft version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--publish", action="store_true", help="publish it at once; it must be sound"
        )
        parser.add_argument(
            "--confirm-warnings",
            action="store_true",
            help="with --publish: publish although there are warnings",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version = self._imported(options["file"])
        self.stdout.write(f"Imported {version} as a draft.")
        if options["publish"]:
            self._publish(version, confirm_warnings=options["confirm_warnings"])
        else:
            self._tell_problems(version)

    def _imported(self, file: Path) -> FlowVersion:
        try:
            read = exchange.read_flow(file.read_bytes(), filename=file.name)
            version = store.save_draft(read.definition, by=None)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except GoflowError as error:
            raise CommandError(error.message) from error
        for note in read.notes:
            self.stderr.write(f"note: {note}")
        return version

    def _publish(self, version: FlowVersion, *, confirm_warnings: bool) -> None:
        try:
            publishing.publish(version, by=None, confirm_warnings=confirm_warnings)
        except NotPublishable as error:
            raise CommandError(_why_not(version, error)) from error
        self.stdout.write(f"Published {version}.")

    def _tell_problems(self, version: FlowVersion) -> None:
        """Say what is proved and what will keep the draft from being published; that is no failure
        of the import."""
        proof = publishing.verify_version(version, seconds=publishing.SECONDS_FOR_DRAFTS)
        if proof.net is not None:
            self.stdout.write(f"The net is {proof.net.verdict}.")
            if proof.guards is not None:
                self.stdout.write(telling.guard_line(proof))
        for line in _lines(proof.as_dict()):
            self.stderr.write(line)


def _lines(proof: Mapping[str, Any]) -> list[str]:
    """Return a line for each problem of a proof, and those that show it."""
    lines = [problem["message"] for problem in proof["problems"]]
    for problem in (*proof["errors"], *proof["warnings"]):
        lines += telling.problem_lines(problem)
    return lines


def _why_not(version: FlowVersion, error: NotPublishable) -> str:
    """Return the refusal, a line for each problem, and the way out."""
    proof = error.facts["verdict"]
    lines = _lines(proof)
    if proof["verdict"] == "undecided":
        lines.append("Its soundness could not be decided within the bounds.")
    if proof["can_be_published"]:
        lines.append("Give --confirm-warnings to publish it all the same.")
    told = "\n".join(f"  {line}" for line in lines)
    return f"{version} stays a draft; it cannot be published:\n{told}"
