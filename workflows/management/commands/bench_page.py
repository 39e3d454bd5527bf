"""`manage.py bench_page FILE...`: the page that figures of `manage.py bench` make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.bench.page import page


class Command(BaseCommand):
    help = "Write the page of docs/performance.md from files of JSON lines that `bench` has made."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            texts = [path.read_text(encoding="utf-8") for path in sorted(options["files"])]
            self.stdout.write(page(texts), ending="")
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
