"""`manage.py purge`: forget what need not be kept."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workflows.purging import registered_purges


class Command(BaseCommand):
    help = (
        "Delete what is older than the settings GOFLOW_KEEP_..._DAYS say. Cases and their history "
        "stay. Run it once a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        for purge in registered_purges():
            count = purge.rows().count() if options["dry_run"] else purge.run()
            verb = "would go" if options["dry_run"] else "deleted"
            self.stdout.write(f"{count:>8,} {verb}: {purge.title}")
