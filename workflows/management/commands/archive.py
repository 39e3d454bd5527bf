"""`manage.py archive`: move the history of old cases out of the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.archiving import archivable, archive
from workflows.clock import database_now

FEWEST_DAYS = 30


class Command(BaseCommand):
    help = (
        "Move the events of cases that ended more than GOFLOW_ARCHIVE_DAYS ago to the archive, "
        "where they stay readable. May be broken off and begun again. Run it once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, help="instead of GOFLOW_ARCHIVE_DAYS")
        parser.add_argument("--dry-run", action="store_true", help="only count what would move")

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.GOFLOW_ARCHIVE_DAYS if options["days"] is None else options["days"]
        if days == 0:
            self.stdout.write("GOFLOW_ARCHIVE_DAYS is 0: nothing is archived.")
            return
        if days < FEWEST_DAYS:
            raise CommandError(
                f"{days} days are too few: a command that is repeated with its idempotency key is "
                f"recognised until its case is archived. Name at least {FEWEST_DAYS}."
            )
        before = database_now() - timedelta(days=days)
        if options["dry_run"]:
            self.stdout.write(f"{archivable(before).count():,} cases would be archived.")
            return
        self.stdout.write(f"{sum(archive(before)):,} cases archived.")
