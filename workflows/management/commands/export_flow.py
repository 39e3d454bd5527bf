"""Write a flow to standard output."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows import exchange
from workflows.errors import BadFlowFile
from workflows.models import FlowVersion


class Command(BaseCommand):
    help = "Write a version of a flow to standard output: the published one, or else the latest."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Every command has a `--version` that tells Django's; here it is the flow's.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="the key of the flow, e.g. leave")
        parser.add_argument("--version", dest="number", type=int, metavar="N")
        parser.add_argument("--format", choices=list(exchange.FORMATS), default="yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        version = chosen_version(options["key"], options["number"])
        try:
            text = exchange.write_version(version, options["format"]).text
        except BadFlowFile as error:
            raise CommandError(error.message) from error
        self.stdout.write(text, ending="")


def chosen_version(key: str, number: int | None) -> FlowVersion:
    """Return the version with this number; without one the published, else the latest.

    Raises:
        CommandError: there is none; the message says which there are.
    """
    versions = FlowVersion.objects.with_net().filter(flow__key=key).order_by("-number")
    found = list(versions)
    if not found:
        raise CommandError(f"There is no flow with the key {key!r}.")
    if number is None:
        return next((version for version in found if version.state == "published"), found[0])
    for version in found:
        if version.number == number:
            return version
    numbers = ", ".join(str(version.number) for version in reversed(found))
    raise CommandError(f"The flow {key!r} has no version {number}. It has: {numbers}.")
