"""List the cases that will not go on by themselves."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from workflows.models import Case
from workflows.stuck import find_stuck, stuck_days


class Command(BaseCommand):
    help = (
        "List the cases that will not go on by themselves, with what holds each up and since when: "
        "a job gave up, it has failed, nobody can act, nothing is open, no progress, suspended for "
        "long. Exits with 1 if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=stuck_days(),
            metavar="N",
            help="without progress, or suspended, for so many days (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 0:
            raise CommandError("--days is 0 or more.")
        found = find_stuck(Case.objects.all(), days=options["days"])
        for stuck in found:
            since = f"{timezone.localtime(stuck.since):%Y-%m-%d %H:%M}"
            where = f"{stuck.case} ({stuck.case.version.flow.key}, case {stuck.case.pk})"
            self.stdout.write(f"{since}  {where}  {stuck.title}: {stuck.reason}")
        if found:
            raise CommandError(f"{len({stuck.case.pk for stuck in found})} cases are stuck.")
        self.stdout.write("No case is stuck.")
