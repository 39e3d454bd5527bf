"""`manage.py bench NAME`: measure; each figure is one line of JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from workflows.bench import BENCHMARKS, benchmark
from workflows.bench.machine import machine


class Command(BaseCommand):
    help = "Run a benchmark in a database of its own; without a name, list them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", choices=sorted(BENCHMARKS))
        parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds, default 5")
        parser.add_argument(
            "--steps",
            type=int,
            default=100,
            help="steps (jobs: tasks; timers, inbox: thousands) a round, default 100",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if name is None:
            for key in sorted(BENCHMARKS):
                self.stdout.write(f"{key:10} {(benchmark(key).__doc__ or '').splitlines()[0]}")
            return
        if options["rounds"] < 1 or options["steps"] < 1:
            raise CommandError("--rounds and --steps must be at least 1.")
        real_name = str(connection.settings_dict["NAME"])
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            self.stdout.write(json.dumps(machine(name)))
            for figure in benchmark(name)(rounds=options["rounds"], steps=options["steps"]):
                self.stdout.write(json.dumps(figure))
                self.stdout.flush()
        finally:
            connection.creation.destroy_test_db(real_name, verbosity=0)
